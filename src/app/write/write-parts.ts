import type { AccessParts } from '../access/access-parts.ts';
import { createQueryAccess } from '../access/query-access.ts';
import type { AppendAudit } from '../../audit/index.ts';
import { limits, type Clock, type Random, type TenantId } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { createQueryService } from '../../query/index.ts';
import { listTenants, type Db } from '../../store/index.ts';
import { writeWatch } from '../../switches/index.ts';
import { createWrites, startWriteWorker, type PlanApprovals, type WriteDeps, type Writes } from '../../write/index.ts';
import type { AgentStops } from '../callers/agent-stops.ts';
import type { EventSink } from '../events.ts';
import { createQueryDeps } from '../lens/query-deps.ts';
import type { Catalogues } from '../project/catalogues.ts';
import type { Revisions } from '../project/revisions.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import type { SyncDeps } from '../../sync/index.ts';
import type { Targets } from '../sync/targets.ts';
import { manifestOf } from './manifest-of.ts';
import { createRules, planFacts, type Rules } from './plan-rules.ts';
import {
  createFieldsAsked,
  createRefusedToUser,
  createTargetOf,
  createUnmet,
  createUnwritable,
} from './write-targets.ts';
import { createWritersOf } from './writers-of.ts';

export interface WritePartDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly audit: AppendAudit;
  readonly approvals: PlanApprovals;
  readonly revisions: Revisions;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly targets: Targets;
  readonly sync: SyncDeps;
  readonly access: Pick<AccessParts, 'reader' | 'visibleNow' | 'fieldsNow'>;
  readonly lens: Lens;
  readonly stops: AgentStops;
}

export interface WriteParts {
  readonly writes: Writes;
  readonly rules: Rules;
  /** Begins to send what was accepted, and to end plans whose time is over. */
  start(): void;
  stop(): Promise<void>;
}

/** What agents change in customers' systems, from a kept plan to its end. */
export function createWriteParts(parts: WritePartDeps): WriteParts {
  const { db, clock, random, emit, manifests, access } = parts;
  const rules = createRules(parts);
  // Records are only located: nothing is looked up upstream for it.
  const query = createQueryService({
    lens: parts.lens,
    clock,
    ...createQueryDeps(db, () => undefined),
    access: createQueryAccess(parts),
  });
  const writersOf = createWritersOf();
  const rights = {
    ...parts,
    rightsOf: (tenant: TenantId, principal: string) => access.reader.rightsOf(tenant, principal),
    grants: { clock, locate: query.locate, writersOf },
  };
  const deps: WriteDeps = {
    db,
    clock,
    random,
    onEvent: emit,
    audit: parts.audit,
    rules,
    approvals: parts.approvals,
    targetOf: createTargetOf(parts),
    unwritable: createUnwritable(rights),
    unmet: createUnmet(rights),
    fieldsAsked: createFieldsAsked(rights),
    refusedToUser: createRefusedToUser(parts),
    watch: async () => {
      const triggers = (await parts.revisions.current())?.manifest.policies.switches ?? [];
      return triggers.length === 0 ? null : writeWatch(triggers);
    },
    writersOf: async (tenant) => {
      const { manifest } = await manifestOf(manifests, tenant);
      return writersOf(manifest, await parts.catalogues.streamsOf(tenant));
    },
    factsOf: async (tenant, agent) => {
      const { manifest } = await manifestOf(manifests, tenant);
      return planFacts(manifest, agent, clock);
    },
  };
  const writes = createWrites(deps);
  let worker: ReturnType<typeof startWriteWorker> | null = null;
  let expiry: ReturnType<typeof startExpiry> | null = null;
  return {
    writes,
    rules,
    start: () => {
      worker ??= startWriteWorker(deps, `write-${Buffer.from(random.bytes(6)).toString('hex')}`);
      expiry ??= startExpiry({ db, clock, writes, emit });
    },
    stop: async () => {
      await expiry?.stop();
      await worker?.stop();
    },
  };
}

/** Ends plans that nobody took up, from time to time. */
function startExpiry({
  db,
  clock,
  writes,
  emit,
}: Pick<WritePartDeps, 'db' | 'clock' | 'emit'> & { readonly writes: Writes }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        for (const { id } of await listTenants(db)) {
          if (!stopping.signal.aborted) await writes.expirePlans(id);
        }
      } catch (cause) {
        emit({ kind: 'write_round_failed', cause });
      }
      await clock.sleep(limits.planExpiryEveryMs, stopping.signal).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('plans are not looked at any more'));
      await looping;
    },
  };
}
