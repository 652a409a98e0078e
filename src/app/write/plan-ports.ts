import type { Clock, JsonObject, Random } from '../../kernel/index.ts';
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
}

/** What planning reads for one request, as whoever asks. */
export function planPorts(deps: PlanPortDeps, { caller, scope }: Pick<Asker, 'caller' | 'scope'>): PlanPorts {
  const { db, clock, random, query, targets, rules } = deps;
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
      const session = own ?? (await targets.ofConnection(tenant, connection, 'interactive'))?.session ?? null;
      return session === null ? null : (session.writes ?? 'none');
    },
    decide: (question) => rules.preview(tenant, question),
  };
}
