import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { withoutErasedIds } from './erase-suppressed.ts';
import { jsonbText } from './jsonb-text.ts';

/**
 * A comparison of all records of a stream with all that the provider has now.
 * `reading`: a whole new reading of the records. `listing`: of their ids only,
 * beside the incremental reading. `held`: one that is complete, but missed so
 * much that nothing is deleted until it is confirmed.
 */
export type SweepKind = 'reading' | 'listing' | 'held';

/** What a comparison found: how many live records there were to compare, and how many of them did not appear. */
export interface SweepFinding {
  readonly compared: number;
  readonly missing: number;
}

/** A finding that was not carried out. */
export interface HeldSweep extends SweepFinding {
  /** What the connected user may see had changed: only somebody who looked can say that these are gone. */
  readonly grantsChanged: boolean;
  /** When the first of the findings in a row was held. */
  readonly at: Date;
}

export interface SweepRow {
  /** Null: none is under way. */
  readonly kind: SweepKind | null;
  /** The last comparison that is complete was held; kept while the next one is under way. */
  readonly held: HeldSweep | null;
  /** The reading leaves out what was changed before; null: it has everything. */
  readonly since: Date | null;
  /** Last id of the listing that is kept; null at its beginning. */
  readonly place: string | null;
  /** The reading is through and ends once everything up to this moment was read; null: it is not, or needs nothing more. */
  readonly awaits: Date | null;
  /** What it healed so far, and when it began. */
  readonly startedAt: Date | null;
  readonly missingHealed: number;
  readonly staleHealed: number;
  /** What the connected user might see when it began, and at the last comparison that was carried out. */
  readonly grants: string | null;
  readonly carriedGrants: string | null;
  /** End of the last complete comparison, the first load included; null before it. */
  readonly endedAt: Date | null;
}

export interface SweepKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

export const sweepsSql = {
  read: `select kind, since, place, awaits, ended_at as "endedAt", held_at as "heldAt", held_missing as missing,
    held_compared as compared, held_grants as "grantsChanged", started_at as "startedAt", missing_healed as "missingHealed",
    stale_healed as "staleHealed", grants, carried_grants as "carriedGrants" from sweep where tenant = $1 and stream = $2`,
  begin: `insert into sweep (tenant, stream, kind, since, started_at, grants) values ($1, $2,
      case when exists (select 1 from record where tenant = $1 and stream = $2) then $3 end, $4, $5, $6)
    on conflict (tenant, stream) do update set kind = excluded.kind, since = excluded.since, place = null, awaits = null,
      started_at = excluded.started_at, grants = excluded.grants, missing_healed = 0, stale_healed = 0
    returning kind`,
  await: 'update sweep set awaits = $3 where tenant = $1 and stream = $2',
  move: 'update sweep set place = $3 where tenant = $1 and stream = $2',
  end: `insert into sweep (tenant, stream, ended_at, carried_grants) values ($1, $2, $3, $4)
    on conflict (tenant, stream) do update set kind = null, since = null, place = null, awaits = null, ended_at = excluded.ended_at,
      held_at = null, held_missing = null, held_compared = null, held_grants = false,
      carried_grants = coalesce(excluded.carried_grants, sweep.carried_grants)`,
  hold: `update sweep set kind = 'held', place = null, awaits = null, ended_at = $3, held_at = $4, held_missing = $5,
    held_compared = $6, held_grants = $7 where tenant = $1 and stream = $2`,
  dismiss: `update sweep set kind = null, since = null, place = null, awaits = null, held_at = null, held_missing = null,
    held_compared = null, held_grants = false where tenant = $1 and stream = $2`,
  heal: `update sweep set missing_healed = missing_healed + $3, stale_healed = stale_healed + $4
    where tenant = $1 and stream = $2`,
  recount: 'update sweep set held_missing = $3 where tenant = $1 and stream = $2',
  note: `with noted as (
      insert into sweep_seen (tenant, stream, ext_id) select $1, $2, id from jsonb_array_elements_text($3::text::jsonb) id
      on conflict (tenant, stream, ext_id) do nothing returning 1)
    select count(*) as noted from noted`,
  forget: 'delete from sweep_seen where tenant = $1 and stream = $2',
  settled: `select id from jsonb_array_elements_text($3::text::jsonb) id
    where (select (e.deleted or e.src_at is null) and e.seen_at >= $4 from record e where e.tenant = $1 and e.stream = $2 and e.ext_id = id)`,
  // Looked up one by one: a join without statistics compares every record with every mark.
  unseen: `with part as materialized (
      select r.ext_id, (select true from sweep_seen s where s.tenant = $1 and s.stream = $2 and s.ext_id = r.ext_id) as seen
      from record r where r.tenant = $1 and r.stream = $2 and r.ext_id > $3 and not r.deleted
        and ($4::timestamptz is null or r.src_at is null or r.src_at >= $4)
      order by r.ext_id limit $5)
    select count(*) as compared, max(ext_id) as last,
      coalesce(array_agg(ext_id order by ext_id) filter (where seen is null), '{}') as missing
    from part`,
} as const;

/** Null where the stream was never read to its end. */
export async function readSweep(tx: Tx, { tenant, stream }: SweepKey): Promise<SweepRow | null> {
  const [row] = await tx.query<FlatSweep>(sweepsSql.read, [tenant, stream]);
  if (row === undefined) return null;
  const { heldAt, missing, compared, grantsChanged, ...rest } = row;
  return { ...rest, held: heldAt === null ? null : { at: heldAt, missing, compared, grantsChanged } };
}

type FlatSweep = Omit<SweepRow, 'held'> & { heldAt: Date | null } & Pick<
    HeldSweep,
    'missing' | 'compared' | 'grantsChanged'
  >;

/** Begins a comparison, in place of one that may be under way. False where none begins: a stream without records has nothing to compare. */
export async function beginSweep(
  tx: Tx,
  {
    tenant,
    stream,
    kind,
    since = null,
    grants = null,
  }: SweepKey & {
    readonly kind: 'reading' | 'listing';
    readonly since?: Date | null;
    readonly grants?: string | null;
  },
): Promise<boolean> {
  await tx.query(sweepsSql.forget, [tenant, stream]);
  const [row] = await tx.query<{ kind: SweepKind | null }>(sweepsSql.begin, [
    tenant,
    stream,
    kind,
    since,
    tx.now,
    grants,
  ]);
  return row?.kind === kind;
}

/** These ids appeared upstream; those of erased records are left out. Returns how many of them had not appeared before. */
export async function noteSeen(tx: Tx, { tenant, stream }: SweepKey, ids: readonly string[]): Promise<number> {
  const known = await withoutErasedIds(tx, { tenant, stream }, ids);
  if (known.length === 0) return 0;
  const [row] = await tx.query<{ noted: number }>(sweepsSql.note, [tenant, stream, jsonbText(JSON.stringify(known))]);
  return row?.noted ?? 0;
}

/**
 * Those of the records that were found to be gone, or changed and have no
 * upstream time, since `readAt`, the database's time before the provider was
 * asked for them: nothing tells which version is the later one, and what was
 * read before must not bring back a record or its former values.
 */
export async function settledSince(
  tx: Tx,
  { tenant, stream }: SweepKey,
  ids: readonly string[],
  readAt: Date,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const params = [tenant, stream, jsonbText(JSON.stringify(ids)), readAt];
  return new Set((await tx.query<{ id: string }>(sweepsSql.settled, params)).map(({ id }) => id));
}

/** The listing is kept up to this id. */
export async function moveSweep(tx: Tx, { tenant, stream }: SweepKey, place: string): Promise<void> {
  await tx.query(sweepsSql.move, [tenant, stream, place]);
}

/** The reading is through, but for what changed just before: it ends once everything up to `moment` was read. */
export async function awaitReading(tx: Tx, { tenant, stream }: SweepKey, moment: Date): Promise<void> {
  await tx.query(sweepsSql.await, [tenant, stream, moment]);
}

export interface UnseenPart {
  /** Live records that were looked at; fewer than asked for means that there are no more. */
  readonly compared: number;
  /** Id of the last one of them; null: there was none. */
  readonly last: string | null;
  /** Ids of those that did not appear, in order. */
  readonly missing: readonly string[];
}

/** Looks at the next `limit` live records by id after `after`. */
export async function readUnseen(
  tx: Tx,
  { tenant, stream }: SweepKey,
  { after, since, limit }: { readonly after: string; readonly since: Date | null; readonly limit: number },
): Promise<UnseenPart> {
  const [part] = await tx.query<UnseenPart>(sweepsSql.unseen, [tenant, stream, after, since, limit]);
  if (part === undefined) throw new Error('the comparison returned nothing');
  return part;
}

/** The comparison is complete, but nothing is deleted: what appeared stays marked until it is confirmed or made again. */
export async function holdSweep(tx: Tx, { tenant, stream }: SweepKey, held: HeldSweep): Promise<void> {
  const { at, missing, compared, grantsChanged } = held;
  await tx.query(sweepsSql.hold, [tenant, stream, tx.now, at, missing, compared, grantsChanged]);
}

/** What was held is forgotten; what the user might see at the comparison that was carried out last stays known. */
export async function dismissSweep(tx: Tx, { tenant, stream }: SweepKey): Promise<void> {
  await tx.query(sweepsSql.forget, [tenant, stream]);
  await tx.query(sweepsSql.dismiss, [tenant, stream]);
}

/** So many are still missing of what is held. */
export async function recountHeld(tx: Tx, { tenant, stream }: SweepKey, missing: number): Promise<void> {
  await tx.query(sweepsSql.recount, [tenant, stream, missing]);
}

/** Records that were missing or old here although they should not have been, and are no more. */
export async function countHealed(
  tx: Tx,
  { tenant, stream }: SweepKey,
  healed: { readonly missing: number; readonly stale: number },
): Promise<void> {
  await tx.query(sweepsSql.heal, [tenant, stream, healed.missing, healed.stale]);
}

/** The comparison is complete and carried out: what appeared need not be remembered. `grants`: what the user may see now. */
export async function endSweep(
  tx: Tx,
  { tenant, stream, grants = null }: SweepKey & { readonly grants?: string | null },
): Promise<void> {
  await tx.query(sweepsSql.forget, [tenant, stream]);
  await tx.query(sweepsSql.end, [tenant, stream, tx.now, grants]);
}
