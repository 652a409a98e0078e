import type { AppendAudit } from '../../audit/index.ts';
import type { IdentityUseCases, Operator, SignInPageUseCases } from '../../api/index.ts';
import { isAgentClient, type ResourceFacts } from '../../identity/index.ts';
import type { Clock, Random } from '../../kernel/index.ts';
import type { Db } from '../../store/index.ts';
import { createAgentStops, type AgentStops } from '../callers/agent-stops.ts';
import { createCallers, type AccessReader, type Callers } from '../callers/callers.ts';
import { createKeyLookup } from '../callers/key-lookup.ts';
import { createTokenLookup } from '../callers/token-lookup.ts';
import type { Config } from '../config.ts';
import type { EventSink } from '../events.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { createAuthorization } from './authorization.ts';
import { createIdentityUseCases } from './identity-use-cases.ts';
import { createOperatorLookup } from './operators.ts';
import { resourceFacts, trustedIssuers } from './trusted-issuers.ts';

export interface IdentityDeps {
  readonly config: Config;
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly access: AccessReader;
  readonly append: AppendAudit;
}

export interface IdentityParts {
  readonly callers: Callers;
  readonly stops: AgentStops;
  /** Some key, token, operator or suspension has changed. */
  forgetKeys(): void;
  /** What the doors need. */
  readonly doors: {
    readonly findCaller: Callers['find'];
    readonly findOperator: (bearer: string) => Promise<Operator | null>;
    readonly identity: IdentityUseCases;
    readonly signIn: SignInPageUseCases | null;
    readonly resource: ResourceFacts;
  };
}

/** Agents' keys and tokens, operators, and our own authorization server. */
export function createIdentityParts(deps: IdentityDeps): IdentityParts {
  const { config, db, clock, random, emit, revisions, append } = deps;
  const issuers = trustedIssuers(config, clock);
  const keys = createKeyLookup(db, clock);
  const tokens = createTokenLookup({ db, clock, issuers });
  const stops = createAgentStops(db, clock);
  const operators = createOperatorLookup({
    db,
    clock,
    tokens,
    isAgentClient: async (id) => isAgentClient((await revisions.current())?.manifest.agents ?? new Map(), id),
    operatorKey: config.operatorKey,
  });
  const callers = createCallers({ ...deps, keys, tokens, stops });
  const onError = (cause: unknown): void => emit({ kind: 'protocol_error', cause });
  return {
    callers,
    stops,
    forgetKeys: () => {
      for (const each of [keys, operators, tokens, stops]) each.forgetAll();
    },
    doors: {
      findCaller: callers.find,
      findOperator: operators.find,
      identity: createIdentityUseCases({ db, random, revisions, append, publicUrl: config.publicUrl, onEvent: emit }),
      signIn: createAuthorization({ ...deps, keys, stops, onError }),
      resource: resourceFacts(config.publicUrl, issuers),
    },
  };
}
