import { limits, type JsonObject, type StreamId, type TenantId } from '../kernel/index.ts';
import { changeChannel } from './changes.ts';
import type { Tx } from './db.ts';
import { withoutSuppressed } from './erase-suppressed.ts';
import { batchText, comparisonText, withoutRepeats, type IngestRecord } from './ingest-batch.ts';
import { leaseLost } from './stream-leases.ts';
import type { StreamPhase } from './streams.ts';

export interface IngestPage {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly records: readonly IngestRecord[];
  /** Where to go on after this page; committed with it. */
  readonly cursor: JsonObject | null;
  /** The stream's phase once this page is in. */
  readonly phase: StreamPhase;
  /** When we got the page (`tx.now`). */
  readonly seenAt: Date;
  /** Set when everything that the provider had at that time is now in. */
  readonly asOf?: Date;
  /** The lease holder: when another one has the stream, `stream_lease_lost` is raised and nothing is kept. */
  readonly worker?: string;
  /** False where hardly any record can be unchanged: comparing would only cost. What is kept does not depend on it. */
  readonly compareFirst?: boolean;
  /**
   * True where who is shown a record is found out by asking about it: a changed
   * one has no access class before. False: its class stays while what follows
   * from the record itself (`acl`) does.
   */
  readonly forgetAccess?: boolean;
}

/** Their sum is the number of different records in the page. A version older than the stored one counts as unchanged. */
export interface IngestCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}

export const ingestSql = {
  /*
   * Places of the records that `batch` would have something to do with. A
   * comparison by id, hash and time costs less than half of sending the documents,
   * and most of what a reading finds is unchanged. The look-up stays a scalar
   * one for the same reason as in `batch`: a join reads the whole stream.
   */
  differing: `with input as materialized (
      select r ->> 0 as ext_id, decode(r ->> 1, 'hex') as hash, (r ->> 2)::timestamptz as src_at, place
      from jsonb_array_elements($3::text::jsonb) with ordinality t (r, place))
    select coalesce(array_agg((place - 1)::int), '{}') as places from input i
    where (select e.hash = i.hash and (i.src_at > e.src_at) is not true
      from record e where e.tenant = $1 and e.stream = $2 and e.ext_id = i.ext_id) is not true`,
  /*
   * A row is written if its content is new, or if the same content comes under a
   * later upstream time; then only the time is kept, so that a late page from in
   * between cannot win. `visible` is what readers can notice: rows whose `ver`
   * moved (`was` is read from the statement's snapshot, by key), except
   * tombstones of records that nobody ever saw. `past` keeps what they were
   * before, from the same snapshot: where another writer came in between,
   * which leases exclude, that version is not kept. An access class moves with
   * the content only, so that the lens hears of it: what else it follows from is
   * settled beside this statement. `head` waits for all that and
   * takes the tenant's counter last: its lock, which puts commits in the order
   * of `seq`, is held briefly. A join with `record` would do as well, but
   * without statistics (PGlite never gathers any) it reads the whole stream.
   */
  batch: `with input as materialized (
      select r ->> 'i' as ext_id, decode(r ->> 'h', 'hex') as hash, (r ->> 's')::timestamptz as src_at,
        nullif(r -> 'd', 'null'::jsonb) as doc, (r ->> 'a')::int as acl
      from jsonb_array_elements($3::text::jsonb) r),
    applied as (
      insert into record as e (tenant, stream, ext_id, hash, doc, ver, deleted, src_at, seen_at, acl, acl_own)
      select $1, $2, ext_id, hash, doc, 1, doc is null, src_at, $4, case when not $5 then acl end, acl from input order by ext_id collate "C"
      on conflict (tenant, stream, ext_id) do update set hash = excluded.hash, doc = excluded.doc,
        ver = e.ver + (e.hash <> excluded.hash)::int, deleted = excluded.deleted,
        src_at = coalesce(excluded.src_at, e.src_at),
        acl = case when excluded.deleted or e.hash = excluded.hash then e.acl when $5 then null
          when excluded.acl_own is not distinct from e.acl_own then e.acl else excluded.acl_own end,
        acl_own = case when excluded.deleted or e.hash = excluded.hash then e.acl_own else excluded.acl_own end,
        seen_at = case when e.hash = excluded.hash then e.seen_at else excluded.seen_at end
      where case when e.hash = excluded.hash then excluded.src_at > e.src_at
        else e.src_at is null or excluded.src_at is null or excluded.src_at >= e.src_at end
      returning ext_id, ver, deleted,
        (select o.ver from record o where o.tenant = $1 and o.stream = $2 and o.ext_id = e.ext_id) as was),
    visible as (
      select ext_id, ver, was, case when deleted then 'd' when ver = 1 then 'i' else 'u' end as op,
        row_number() over (order by ext_id) as place
      from applied where ver is distinct from was and not (deleted and ver = 1)),
    past as (
      insert into record_history (tenant, stream, ext_id, ver, doc, src_at, known_at, gone, acl)
      select $1, $2, v.ext_id, o.ver, o.doc, i.src_at, greatest($4::timestamptz, i.src_at), v.op = 'd', o.acl
      from visible v join input i on i.ext_id = v.ext_id cross join lateral (
        select ver, doc, acl from record
        where tenant = $1 and stream = $2 and ext_id = v.ext_id and ver = v.ver - 1 and not deleted limit 1) o
      where v.was is not null),
    head as (
      insert into change_head (tenant, seq) select $1, count(*) from visible having count(*) > 0
      on conflict (tenant) do update set seq = change_head.seq + excluded.seq
      returning seq),
    logged as (
      insert into change (tenant, seq, stream, ext_id, op, ver, at)
      select $1, head.seq - (select count(*) from visible) + place, $2, ext_id, op::"char", ver, $4 from visible, head)
    select count(*) filter (where op = 'i') as inserted, count(*) filter (where op = 'u') as updated,
      count(*) filter (where op = 'd') as deleted
    from visible`,
  move: `update stream set cursor = $3::text::jsonb, phase = $4, as_of = coalesce($5, as_of),
      backfill_records = backfill_records + case when phase = 'current' then 0 else $6::bigint end
    where tenant = $1 and id = $2 and ($7::text is null or lease_by = $7) returning id`,
  notify: 'select pg_notify($1, $2)',
} as const;

/** One page: records, their changes and the cursor, all or nothing with the transaction. */
export async function ingestPage(tx: Tx, page: IngestPage): Promise<IngestCounts> {
  const records = withoutRepeats(page.records);
  const counts = await ingestRecords(tx, { ...page, records });
  await moveStream(tx, page, records.length);
  return counts;
}

/**
 * Records and their changes, without moving the stream's place; none may come twice. What was erased is left out, and
 * counts as unchanged. Readers are woken by the commit.
 */
export async function ingestRecords(
  tx: Tx,
  page: Pick<IngestPage, 'tenant' | 'stream' | 'records' | 'seenAt' | 'compareFirst' | 'forgetAccess'>,
): Promise<IngestCounts> {
  const { tenant, stream, seenAt, forgetAccess = false } = page;
  const known = await withoutSuppressed(tx, page, page.records);
  const records = await worthWriting(tx, { ...page, records: known });
  const counts = { inserted: 0, updated: 0, deleted: 0 };
  for (const batch of batches(records)) {
    const params = [tenant, stream, batchText(batch), seenAt, forgetAccess];
    const [row] = await tx.query<typeof counts>(ingestSql.batch, params);
    if (row === undefined) throw new Error('the ingest statement returned nothing');
    counts.inserted += row.inserted;
    counts.updated += row.updated;
    counts.deleted += row.deleted;
  }
  await tx.query(ingestSql.notify, [changeChannel, String(tenant)]);
  return { ...counts, unchanged: page.records.length - counts.inserted - counts.updated - counts.deleted };
}

/** Records that are not stored just so; what to do with them is for the statement that writes to decide. */
async function worthWriting(
  tx: Tx,
  { tenant, stream, records, compareFirst = true }: Pick<IngestPage, 'tenant' | 'stream' | 'records' | 'compareFirst'>,
): Promise<readonly IngestRecord[]> {
  if (!compareFirst || records.length < limits.ingestCompareFrom) return records;
  const differing: IngestRecord[] = [];
  for (const batch of batches(records)) {
    const params = [tenant, stream, comparisonText(batch)];
    const [row] = await tx.query<{ places: number[] }>(ingestSql.differing, params);
    if (row === undefined) throw new Error('the comparison returned nothing');
    for (const place of row.places) {
      const record = batch[place];
      if (record !== undefined) differing.push(record);
    }
  }
  return differing;
}

function* batches(records: readonly IngestRecord[]): Iterable<readonly IngestRecord[]> {
  for (let start = 0; start < records.length; start += limits.ingestBatchMax) {
    yield records.slice(start, start + limits.ingestBatchMax);
  }
}

async function moveStream(tx: Tx, page: IngestPage, received: number): Promise<void> {
  const { tenant, stream, cursor, phase, asOf, worker } = page;
  const rows = await tx.query(ingestSql.move, [
    tenant,
    stream,
    cursor === null ? null : JSON.stringify(cursor),
    phase,
    asOf ?? null,
    received,
    worker ?? null,
  ]);
  if (rows.length > 0) return;
  if (worker === undefined) throw new Error(`no stream ${stream}`);
  throw leaseLost({ stream, worker });
}
