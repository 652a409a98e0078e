import type { Connector } from '../../connectors/index.ts';
import { GantryError, type Clock, type JsonObject, type Random } from '../../kernel/index.ts';
import type { QueryService } from '../../query/index.ts';
import { readDocuments, type Db } from '../../store/index.ts';
import type { TenantStream } from '../../mapping/index.ts';
import type { Asker, PlanPorts } from '../../write/index.ts';
import type { Targets } from '../sync/targets.ts';
import type { Rules } from './plan-rules.ts';
import { userRights } from './user-rights.ts';

export interface PlanPortDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly query: Pick<QueryService, 'locate'>;
  readonly targets: Pick<Targets, 'ofConnection' | 'asUser'>;
  readonly rules: Pick<Rules, 'preview'>;
  readonly connectors: ReadonlyMap<string, Pick<Connector, 'intents'>>;
  readonly runCode: PlanPorts['runCode'];
}

type PortsAsker = Pick<Asker, 'caller' | 'scope' | 'manifest' | 'streams'>;

/** What planning reads for one request, as whoever asks. */
export function planPorts(deps: PlanPortDeps, { caller, scope, manifest, streams }: PortsAsker): PlanPorts {
  const { db, clock, random, query, targets, rules, connectors } = deps;
  const { tenant } = caller;
  const principal = caller.principal?.principal ?? null;
  /** With the user's own sign-in, where there is one. */
  const own = remembered((connection: TenantStream['connection']) =>
    principal === null ? Promise.resolve(null) : targets.asUser(tenant, connection, principal, 'interactive'),
  );
  const writeAs = ({ integration }: Pick<TenantStream, 'integration'>) =>
    manifest.integrations.get(integration)?.scope.writeAs ?? 'user';
  return {
    random,
    now: clock.now(),
    locate: (as, request) => query.locate(as, scope, request),
    documents: async (stream, ids) => {
      const rows = await db.tenantRead(tenant, (tx) => readDocuments(tx, { tenant, stream }, ids));
      return new Map(rows.map(({ id, docText }) => [id, JSON.parse(docText) as JsonObject]));
    },
    writesOf: async (connection) => {
      const theirs = await own(connection);
      const stream = streams.find((each) => each.connection === connection);
      if (theirs === null && principal !== null && stream !== undefined && writeAs(stream) === 'user') {
        throw ownSignInNeeded(stream.connectionSlug);
      }
      const session = theirs ?? (await targets.ofConnection(tenant, connection, 'interactive'))?.session ?? null;
      return session === null ? null : (session.writes ?? 'none');
    },
    userRights: async ({ stream, ...about }) =>
      principal === null || (await own(stream.connection)) !== null
        ? null
        : userRights({ db, targets }, tenant, {
            ...about,
            stream,
            principal,
            as: writeAs(stream),
            purpose: 'interactive',
          }),
    intents: new Map([...connectors].map(([name, { intents }]) => [name, intents ?? new Map()])),
    runCode: deps.runCode,
    decide: (question) => rules.preview(tenant, question),
  };
}

function remembered<Key, Value>(look: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const known = new Map<Key, Promise<Value>>();
  return (key) => {
    const found = known.get(key) ?? look(key);
    known.set(key, found);
    return found;
  };
}

const ownSignInNeeded = (slug: string): GantryError =>
  new GantryError('write_system_unavailable', {
    message: `${slug} is written to in a user’s name with that user’s own sign-in only, and there is none.`,
    where: slug,
    fix: 'Have the user sign in to that system.',
  });
