import { keyChannel } from './api-keys.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

export const operatorCutoffsSql = {
  cut: `insert into operator_cutoff (name, before, cut_by) values ($1, $2, $3)
    on conflict (name) do update set before = excluded.before, cut_by = excluded.cut_by`,
  find: 'select max(before) as before from operator_cutoff where lower(name) = $1',
  notify: 'select pg_notify($1, $2)',
} as const;

/** Tokens of the operator that were issued up to now are void from now on, whoever issued them. `tx` is a plain transaction. */
export async function cutOperatorTokens(tx: Tx, { name, by }: { readonly name: string; readonly by: string }) {
  await tx.query(operatorCutoffsSql.cut, [name, tx.now, by]);
  await tx.query(operatorCutoffsSql.notify, [keyChannel, '']);
}

/** What was issued before then is void; null: nothing is. `name` in lower case: providers spell a name in several ways. */
export async function findOperatorCutoff(db: Directory, name: string): Promise<Date | null> {
  return (await db.query<{ before: Date | null }>(operatorCutoffsSql.find, [name]))[0]?.before ?? null;
}
