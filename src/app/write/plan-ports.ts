import type { Connector } from '../../connectors/index.ts';
import { GantryError, type Clock, type JsonObject, type Random } from '../../kernel/index.ts';
import type { QueryService } from '../../query/index.ts';
import { readDocuments, type Db } from '../../store/index.ts';
import type { Asker, PlanPorts } from '../../write/index.ts';
import type { Targets } from '../sync/targets.ts';
import type { Rules } from './plan-rules.ts';

export interface PlanPortDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly query: Pick<QueryService, 'locate'>;
  readonly targets: Pick<Targets, 'ofConnection' | 'asUser'>;
  readonly rules: Pick<Rules, 'preview'>;
  readonly connectors: ReadonlyMap<string, Pick<Connector, 'intents'>>;
}

type PortsAsker = Pick<Asker, 'caller' | 'scope' | 'manifest' | 'streams'>;

/** What planning reads for one request, as whoever asks. */
export function planPorts(deps: PlanPortDeps, { caller, scope, manifest, streams }: PortsAsker): PlanPorts {
  const { db, clock, random, query, targets, rules, connectors } = deps;
  const { tenant } = caller;
  return {
    random,
    now: clock.now(),
    locate: (as, request) => query.locate(as, scope, request),
    documents: async (stream, ids) => {
      const rows = await db.tenantRead(tenant, (tx) => readDocuments(tx, { tenant, stream }, ids));
      return new Map(rows.map(({ id, docText }) => [id, JSON.parse(docText) as JsonObject]));
    },
    writesOf: async (connection) => {
      const principal = caller.principal?.principal ?? null;
      const own = principal === null ? null : await targets.asUser(tenant, connection, principal, 'interactive');
      if (own === null && principal !== null) {
        const stream = streams.find((each) => each.connection === connection);
        const integration = stream === undefined ? undefined : manifest.integrations.get(stream.integration);
        if (integration?.scope.writeAs === 'user') throw ownSignInNeeded(stream?.connectionSlug ?? integration.name);
      }
      const session = own ?? (await targets.ofConnection(tenant, connection, 'interactive'))?.session ?? null;
      return session === null ? null : (session.writes ?? 'none');
    },
    intents: new Map([...connectors].map(([name, { intents }]) => [name, intents ?? new Map()])),
    decide: (question) => rules.preview(tenant, question),
  };
}

const ownSignInNeeded = (slug: string): GantryError =>
  new GantryError('write_system_unavailable', {
    message: `${slug} is written to in a user’s name with that user’s own sign-in only, and there is none.`,
    where: slug,
    fix: 'Have the user sign in to that system.',
  });
