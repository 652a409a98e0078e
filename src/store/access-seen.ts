import type { StreamKey } from './access-records.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** Ids that a list made as a user has shown so far; by the number of the user's link. */
export const accessSeenSql = {
  note: `insert into access_seen (tenant, stream, link, ext_id)
    select $1, $2, $3, v from jsonb_array_elements_text($4::text::jsonb) t (v)
    on conflict (tenant, stream, link, ext_id) do nothing`,
  forget: 'delete from access_seen where tenant = $1 and stream = $2 and link = $3',
  // Looked up one by one: a join without statistics compares every record with every mark.
  unseen: `select i.id from (select v as id from jsonb_array_elements_text($4::text::jsonb) t (v)) i
    where not exists (select 1 from access_seen s
      where s.tenant = $1 and s.stream = $2 and s.link = $3 and s.ext_id = i.id)`,
} as const;

export async function noteShown(
  tx: Tx,
  { tenant, stream }: StreamKey,
  link: number,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await tx.query(accessSeenSql.note, [tenant, stream, link, jsonbText(JSON.stringify(ids))]);
}

export async function forgetShown(tx: Tx, { tenant, stream }: StreamKey, link: number): Promise<void> {
  await tx.query(accessSeenSql.forget, [tenant, stream, link]);
}

/** Those of the ids that the list did not show. */
export async function notShown(
  tx: Tx,
  { tenant, stream }: StreamKey,
  link: number,
  ids: readonly string[],
): Promise<string[]> {
  if (ids.length === 0) return [];
  const params = [tenant, stream, link, jsonbText(JSON.stringify(ids))];
  return (await tx.query<{ id: string }>(accessSeenSql.unseen, params)).map(({ id }) => id);
}
