import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

export const countersSql = {
  next: `insert into counter (tenant, name, value) values ($1, $2, 1)
    on conflict (tenant, name) do update set value = counter.value + 1 returning value`,
} as const;

/** The tenant's next number of that kind: from 1, never twice, so it fits the lens's INTEGER columns. */
export async function nextNumber(
  tx: Tx,
  tenant: TenantId,
  kind:
    | 'connection'
    | 'stream'
    | 'subscription'
    | 'switch'
    | 'dead_letter'
    | 'erasure'
    | 'operator_act'
    | 'alert'
    | 'approval'
    | 'principal_link'
    | 'field_set',
): Promise<number> {
  const [row] = await tx.query<{ value: number }>(countersSql.next, [tenant, kind]);
  if (row === undefined) throw new Error(`no ${kind} number`);
  return row.value;
}
