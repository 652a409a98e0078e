import type { JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** A version that is no more. */
export interface StoredVersion {
  readonly doc: JsonObject;
  /** When it ended: by the source's time, where it tells one, else when we saw it. */
  readonly endedAt: Date;
}

export interface RecordVersions {
  /** Null: there is no such record now. */
  readonly current: JsonObject | null;
  /** Newest first. */
  readonly earlier: readonly StoredVersion[];
}

/** A record that was deleted, as it last was. */
export interface GoneRecord {
  readonly stream: StreamId;
  readonly id: string;
  readonly doc: JsonObject;
  /** Access class when it was deleted; null: nobody knows who was shown it. */
  readonly acl: number | null;
  /** When that was seen, as the database writes it: a moment of ours would be less exact. */
  readonly knownAt: string;
}

export const historySql = {
  // The record itself first, then its past, from one snapshot.
  versions: `select null::timestamptz as "endedAt", doc::text as "docText", 2147483647 as ver
      from record where tenant = $1 and stream = $2 and ext_id = $3 and not deleted
    union all
    (select coalesce(src_at, known_at), doc::text, ver from record_history
      where tenant = $1 and stream = $2 and ext_id = $3 and known_at >= $4 order by ver desc limit $5)
    order by ver desc`,
  // A record that came back is not gone. It is looked up by key, since a join without statistics reads all records.
  gone: `select h.stream, h.ext_id as id, h.doc::text as "docText", h.acl, h.known_at::text as "knownAt"
    from record_history h
    where h.tenant = $1 and h.known_at >= $3 and h.gone
      and (h.stream = any($2::int[]) or (h.stream, h.acl) in (select * from unnest($5::int[], $6::int[])))
      and ($7::text is null or (h.known_at, h.stream, h.ext_id) > ($7::text::timestamptz, $8::int, $9::text))
      and (select r.deleted and r.ver = h.ver + 1 from record r
        where r.tenant = $1 and r.stream = h.stream and r.ext_id = h.ext_id)
    order by h.known_at, h.stream, h.ext_id limit $4`,
  pruneHistory: `delete from record_history where tenant = $1 and (stream, ext_id, ver) in (
      select stream, ext_id, ver from record_history where tenant = $1 and known_at < $2 order by known_at limit $3)
    returning 1`,
  // Who reads changes sees the floor of the same snapshot. The newest change stays: readers know the database by it.
  pruneChanges: `with old as materialized (
      select seq, at from change where tenant = $1 order by seq limit $3),
    kept as (select min(seq) as seq from old where at >= $2),
    gone as (
      delete from change where tenant = $1 and seq in (
        select seq from old where seq < least((select seq from kept), (select seq from change_head where tenant = $1)))
      returning seq),
    top as (select max(seq) as seq, count(*) as removed from gone)
    update change_head h set floor = greatest(h.floor, top.seq) from top where h.tenant = $1 and top.removed > 0
    returning top.removed`,
} as const;

/** A record now and as it was, no further back than `since`. */
export async function readVersions(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly stream: StreamId;
    readonly id: string;
    readonly since: Date;
    readonly limit: number;
  },
): Promise<RecordVersions> {
  const { tenant, stream, id, since, limit } = request;
  const rows = await tx.query<{ endedAt: Date | null; docText: string }>(historySql.versions, [
    tenant,
    stream,
    id,
    since,
    limit,
  ]);
  let current: JsonObject | null = null;
  const earlier: StoredVersion[] = [];
  for (const { endedAt, docText } of rows) {
    const doc = JSON.parse(docText) as JsonObject;
    if (endedAt === null) current = doc;
    else earlier.push({ doc, endedAt });
  }
  return { current, earlier };
}

/** A stream, and of which access classes its records count. */
export interface ShownStream {
  readonly stream: StreamId;
  readonly classes: readonly number[] | 'all';
}

/**
 * Records of these streams that were deleted at or after `since` and have not come back; oldest deletion first. Of others
 * than those shown nothing counts: not even towards the limit.
 */
export async function listGone(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly streams: readonly ShownStream[];
    readonly since: Date;
    /** The last one of the page before; null: from the first on. */
    readonly after: Pick<GoneRecord, 'knownAt' | 'stream' | 'id'> | null;
    readonly limit: number;
  },
): Promise<GoneRecord[]> {
  const { tenant, streams, since, after, limit } = request;
  const whole = streams.flatMap(({ stream, classes }) => (classes === 'all' ? [stream] : []));
  const pairs = streams.flatMap(({ stream, classes }) =>
    classes === 'all' ? [] : classes.map((acl) => ({ stream, acl })),
  );
  const rows = await tx.query<Omit<GoneRecord, 'doc'> & { readonly docText: string }>(historySql.gone, [
    tenant,
    whole,
    since,
    limit,
    pairs.map(({ stream }) => stream),
    pairs.map(({ acl }) => acl),
    after?.knownAt ?? null,
    after?.stream ?? null,
    after?.id ?? null,
  ]);
  return rows.map(({ docText, ...rest }) => ({ ...rest, doc: JSON.parse(docText) as JsonObject }));
}

export interface PruneRequest {
  readonly tenant: TenantId;
  readonly before: Date;
  readonly limit: number;
}

/** Removes at most `limit` versions that ended before then. Returns how many: fewer than `limit` means that none is left. */
export async function pruneHistory(tx: Tx, { tenant, before, limit }: PruneRequest): Promise<number> {
  return (await tx.query(historySql.pruneHistory, [tenant, before, limit])).length;
}

/**
 * The same for changes, from the oldest on, and raises the floor with it. The newest one stays, however old: by it a
 * reader that has everything recognises the changes as those it knows.
 */
export async function pruneChanges(tx: Tx, { tenant, before, limit }: PruneRequest): Promise<number> {
  const [row] = await tx.query<{ removed: number }>(historySql.pruneChanges, [tenant, before, limit]);
  return row?.removed ?? 0;
}
