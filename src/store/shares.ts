import type { StreamKey } from './access-records.ts';
import type { Tx } from './db.ts';
import { withoutErasedIds } from './erase-suppressed.ts';
import { jsonbText } from './jsonb-text.ts';

/** One reason why somebody beyond its owner is shown a record. */
export interface ShareRow {
  readonly id: string;
  readonly recordId: string;
  readonly grantee: string;
}

const named = 'select v as id from jsonb_array_elements_text($3::text::jsonb) t (v)';

export const sharesSql = {
  // Before they are changed: a share may leave one record for another.
  records: `select distinct s.ext_id as id from (${named}) i cross join lateral (
      select ext_id from share where tenant = $1 and stream = $2 and id = i.id limit 1) s`,
  keep: `insert into share (tenant, stream, id, ext_id, grantee, read_at)
    select $1, $2, s ->> 0, s ->> 1, s ->> 2, $4 from jsonb_array_elements($3::text::jsonb) s
    on conflict (tenant, stream, id) do update set ext_id = excluded.ext_id, grantee = excluded.grantee,
      read_at = excluded.read_at,
      doubted_at = case when share.doubted_at >= excluded.read_at then share.doubted_at end`,
  drop: 'delete from share where tenant = $1 and stream = $2 and id in (select v as id from jsonb_array_elements_text($3::text::jsonb) t (v))',
  doubt: `update share set doubted_at = $4 where tenant = $1 and stream = $2 and ext_id in (${named}) returning id`,
  // What a list shows that began after the doubt is true of its record as it is now.
  confirm: `update share set listed_at = $4, doubted_at = case when doubted_at >= $4 then doubted_at end
    where tenant = $1 and stream = $2 and id in (${named})
    returning ext_id as id, doubted_at is null as counts`,
  unlisted: `select id, ext_id as "recordId", grantee from share
    where tenant = $1 and stream = $2 and read_at < $3 and (listed_at is null or listed_at < $3) order by id limit $4`,
  doubted: 'select exists (select 1 from share where tenant = $1 and stream = $2 and doubted_at is not null) as found',
} as const;

const idsText = (ids: readonly string[]): string => jsonbText(JSON.stringify(ids));

/**
 * Keeps a page of shares that the provider was asked for at `askedAt` (the
 * database's time), but for those of erased records. Returns the ids of the records whose classes may have changed.
 */
export async function keepShares(
  tx: Tx,
  { tenant, stream }: StreamKey,
  page: { readonly present: readonly ShareRow[]; readonly ended: readonly string[]; readonly askedAt: Date },
): Promise<string[]> {
  const { ended, askedAt } = page;
  const known = new Set(
    await withoutErasedIds(tx, { tenant, stream }, [...new Set(page.present.map(({ recordId }) => recordId))]),
  );
  const present = page.present.filter(({ recordId }) => known.has(recordId));
  const ids = [...new Set([...present.map(({ id }) => id), ...ended])];
  if (ids.length === 0) return [];
  const before = await tx.query<{ id: string }>(sharesSql.records, [tenant, stream, idsText(ids)]);
  if (ended.length > 0) await tx.query(sharesSql.drop, [tenant, stream, idsText(ended)]);
  if (present.length > 0) {
    const rows = present.map(({ id, recordId, grantee }) => [id, recordId, grantee]);
    await tx.query(sharesSql.keep, [tenant, stream, jsonbText(JSON.stringify(rows)), askedAt]);
  }
  return [...new Set([...before.map(({ id }) => id), ...present.map(({ recordId }) => recordId)])];
}

/** These changed hands: shares of these names do not count before they are seen again. Returns how many there are. */
export async function doubtShares(tx: Tx, { tenant, stream }: StreamKey, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0;
  return (await tx.query(sharesSql.doubt, [tenant, stream, idsText(names), tx.now])).length;
}

/** These exist, says a list that began at `startedAt`. Returns the records whose classes may have changed. */
export async function confirmShares(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
  startedAt: Date,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const params = [tenant, stream, idsText(ids), startedAt];
  const rows = await tx.query<{ id: string; counts: boolean }>(sharesSql.confirm, params);
  return [...new Set(rows.filter(({ counts }) => counts).map(({ id }) => id))];
}

/** Shares that a complete list begun at `startedAt` did not name, though they were known before it. */
export function unlistedShares(
  tx: Tx,
  { tenant, stream }: StreamKey,
  startedAt: Date,
  limit: number,
): Promise<ShareRow[]> {
  return tx.query<ShareRow>(sharesSql.unlisted, [tenant, stream, startedAt, limit]);
}

export async function hasDoubtedShares(tx: Tx, { tenant, stream }: StreamKey): Promise<boolean> {
  const [row] = await tx.query<{ found: boolean }>(sharesSql.doubted, [tenant, stream]);
  return row?.found ?? false;
}
