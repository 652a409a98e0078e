import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/**
 * A comparison of all records of a stream with all that the provider has now.
 * `reading`: a whole new reading of the records. `listing`: of their ids only,
 * beside the incremental reading.
 */
export type SweepKind = 'reading' | 'listing';

export interface SweepRow {
  /** Null: none is under way. */
  readonly kind: SweepKind | null;
  /** The reading leaves out what was changed before; null: it has everything. */
  readonly since: Date | null;
  /** Last id of the listing that is kept; null at its beginning. */
  readonly place: string | null;
  /** End of the last complete comparison, the first load included; null before it. */
  readonly endedAt: Date | null;
}

export interface SweepKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

export const sweepsSql = {
  read: 'select kind, since, place, ended_at as "endedAt" from sweep where tenant = $1 and stream = $2',
  begin: `insert into sweep (tenant, stream, kind, since) values ($1, $2,
      case when exists (select 1 from record where tenant = $1 and stream = $2) then $3 end, $4)
    on conflict (tenant, stream) do update set kind = excluded.kind, since = excluded.since, place = null
    returning kind`,
  move: 'update sweep set place = $3 where tenant = $1 and stream = $2',
  end: `insert into sweep (tenant, stream, ended_at) values ($1, $2, $3)
    on conflict (tenant, stream) do update set kind = null, since = null, place = null, ended_at = excluded.ended_at`,
  note: `insert into sweep_seen (tenant, stream, ext_id)
    select $1, $2, id from jsonb_array_elements_text($3::text::jsonb) id on conflict (tenant, stream, ext_id) do nothing`,
  forget: 'delete from sweep_seen where tenant = $1 and stream = $2',
  unseen: `select r.ext_id as id from record r where r.tenant = $1 and r.stream = $2 and r.ext_id > $3 and not r.deleted
      and ($4::timestamptz is null or r.src_at is null or r.src_at >= $4)
      and not exists (select 1 from sweep_seen s where s.tenant = $1 and s.stream = $2 and s.ext_id = r.ext_id)
    order by r.ext_id limit $5`,
} as const;

/** Null where the stream was never read to its end. */
export async function readSweep(tx: Tx, { tenant, stream }: SweepKey): Promise<SweepRow | null> {
  return (await tx.query<SweepRow>(sweepsSql.read, [tenant, stream]))[0] ?? null;
}

/** Begins a comparison, in place of one that may be under way. False where none begins: a stream without records has nothing to compare. */
export async function beginSweep(
  tx: Tx,
  { tenant, stream, kind, since = null }: SweepKey & { readonly kind: SweepKind; readonly since?: Date | null },
): Promise<boolean> {
  await tx.query(sweepsSql.forget, [tenant, stream]);
  const [row] = await tx.query<{ kind: SweepKind | null }>(sweepsSql.begin, [tenant, stream, kind, since]);
  return row?.kind === kind;
}

/** These ids appeared upstream. */
export async function noteSeen(tx: Tx, { tenant, stream }: SweepKey, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.query(sweepsSql.note, [tenant, stream, jsonbText(JSON.stringify(ids))]);
}

/** The listing is kept up to this id. */
export async function moveSweep(tx: Tx, { tenant, stream }: SweepKey, place: string): Promise<void> {
  await tx.query(sweepsSql.move, [tenant, stream, place]);
}

/** The next live records, by id after `after`, that did not appear. */
export async function listUnseen(
  tx: Tx,
  { tenant, stream }: SweepKey,
  { after, since, limit }: { readonly after: string; readonly since: Date | null; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(sweepsSql.unseen, [tenant, stream, after, since, limit]);
  return rows.map(({ id }) => id);
}

/** The comparison is complete: what appeared need not be remembered. */
export async function endSweep(tx: Tx, { tenant, stream }: SweepKey): Promise<void> {
  await tx.query(sweepsSql.forget, [tenant, stream]);
  await tx.query(sweepsSql.end, [tenant, stream, tx.now]);
}
