import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';

/** What an operator did to the sync of a connection. `act` is src/app's, opaque here. */
export interface OperatorActRow {
  readonly id: number;
  readonly connection: ConnectionId;
  /** Null: to the connection as a whole. */
  readonly object: string | null;
  readonly act: string;
  /** The record, page or event that it was done to, where it was one. */
  readonly name: string | null;
  readonly by: string;
  readonly note: string | null;
  /** What it came to: counts by name. */
  readonly figures: JsonObject;
  readonly at: Date;
}

const columns = 'id, connection, object, act, name, by, note, figures, at';

export const operatorActsSql = {
  add: `insert into operator_act (tenant, id, connection, object, act, name, by, note, figures, at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10)`,
  // Numbers of a tenant are without gaps but for those of removed connections.
  prune: 'delete from operator_act where tenant = $1 and id <= $2',
  list: `select ${columns} from operator_act where tenant = $1 and ($2::int is null or connection = $2)
    order by id desc limit $3`,
} as const;

/** In the transaction of what was done, so that neither is there without the other. Keeps a tenant's newest `keep`. */
export async function addOperatorAct(
  tx: Tx,
  tenant: TenantId,
  act: Omit<OperatorActRow, 'id' | 'at'>,
  keep: number,
): Promise<void> {
  const id = await nextNumber(tx, tenant, 'operator_act');
  const { connection, object, act: kind, name, by, note, figures } = act;
  const row = [connection, object, kind, name, by, note, JSON.stringify(figures), tx.now];
  await tx.query(operatorActsSql.add, [tenant, id, ...row]);
  await tx.query(operatorActsSql.prune, [tenant, id - keep]);
}

/** Newest first; of all connections where none is named. */
export function listOperatorActs(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly connection?: ConnectionId; readonly limit: number },
): Promise<OperatorActRow[]> {
  return tx.query<OperatorActRow>(operatorActsSql.list, [request.tenant, request.connection ?? null, request.limit]);
}
