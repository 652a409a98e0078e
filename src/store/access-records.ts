import { streamId, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { changeChannel } from './changes.ts';
import { jsonbText } from './jsonb-text.ts';

/** Who is shown the records of a stream, record by record. */
export interface StreamKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

/** A record as access sees it. */
export interface RecordClass {
  readonly id: string;
  /** Of its content, 32 hex digits: tells whether another version is there. */
  readonly hash: string;
  readonly acl: number | null;
  readonly own: number | null;
  readonly deleted: boolean;
}

/** What a record's class follows from. */
export interface ClassParts {
  readonly id: string;
  readonly own: number | null;
  /** Grantees of the shares that count. */
  readonly shares: readonly string[] | null;
  /** Classes of the records that it follows. */
  readonly parents: readonly number[] | null;
}

/** What a record's class follows from beside the record. */
export interface ParentPointer {
  readonly id: string;
  /** Of the record that it follows; `sharesNamed`: shares of this name count for it. */
  readonly parentStream: StreamId;
  readonly parentId: string;
}

/** Stands for a stream where a pointer is to a name that shares have. */
export const sharesNamed = streamId(0);

const wanted = 'select v as id from jsonb_array_elements_text($3::text::jsonb) t (v)';

export const accessRecordsSql = {
  // Look-ups one by one (`limit`, `offset 0`): a join without statistics reads the whole stream, for each record.
  classes: `select i.id, encode(r.hash, 'hex') as hash, r.acl, r.acl_own as own, r.deleted
    from (${wanted}) i cross join lateral (
      select hash, acl, acl_own, deleted from record
      where tenant = $1 and stream = $2 and ext_id = i.id limit 1) r`,
  parts: `select i.id, r.acl_own as own,
      (select array_agg(distinct o.acl) filter (where o.acl is not null) from (
          select parent_stream, parent_id from access_parent
          where tenant = $1 and stream = $2 and ext_id = i.id and parent_stream > 0 offset 0) p
        cross join lateral (
          select acl from record
          where tenant = $1 and stream = p.parent_stream and ext_id = p.parent_id and not deleted limit 1) o) as parents,
      (select array_agg(distinct s.grantee) from (
          select i.id as name union all
          select p.parent_id from access_parent p
          where p.tenant = $1 and p.stream = $2 and p.ext_id = i.id and p.parent_stream = 0) n
        cross join lateral (
          select grantee from share
          where tenant = $1 and stream = $2 and ext_id = n.name and doubted_at is null offset 0) s) as shares
    from (${wanted}) i cross join lateral (
      select acl_own from record where tenant = $1 and stream = $2 and ext_id = i.id and not deleted limit 1) r`,
  own: `update record set acl_own = ($3::text::jsonb ->> ext_id)::int
    where tenant = $1 and stream = $2 and ext_id = any($4::text[]) and not deleted`,
  /*
   * Classes that differ, and a change of each for the lens: of no version, so
   * that it is no event, no history and no `changed_since`.
   */
  reclass: `with applied as (
      update record set acl = ($3::text::jsonb ->> ext_id)::int
      where tenant = $1 and stream = $2 and ext_id = any($4::text[]) and not deleted
        and acl is distinct from ($3::text::jsonb ->> ext_id)::int
      returning ext_id),
    told as (select ext_id, row_number() over (order by ext_id) as place from applied),
    head as (
      insert into change_head (tenant, seq) select $1, count(*) from told having count(*) > 0
      on conflict (tenant) do update set seq = change_head.seq + excluded.seq
      returning seq),
    logged as (
      insert into change (tenant, seq, stream, ext_id, op, ver, at)
      select $1, head.seq - (select count(*) from told) + place, $2, ext_id, 'a', 0, $5 from told, head)
    select ext_id as id from told order by place`,
  notify: 'select pg_notify($1, $2)',
  point: `insert into access_parent (tenant, stream, ext_id, parent_stream, parent_id)
    select $1, $2, p ->> 0, (p ->> 1)::int, p ->> 2 from jsonb_array_elements($3::text::jsonb) p
    on conflict (tenant, stream, ext_id, parent_stream, parent_id) do nothing`,
  unpoint: 'delete from access_parent where tenant = $1 and stream = $2 and ext_id = any($3::text[])',
  children: `select distinct stream, ext_id as id from access_parent
    where tenant = $1 and parent_stream = $2 and parent_id in (${wanted}) order by stream, ext_id`,
  named: `select distinct ext_id as id from access_parent
    where tenant = $1 and stream = $2 and parent_stream = 0 and parent_id in (${wanted}) order by ext_id`,
  docs: `select i.id, r.doc::text as "docText", r.src_at as "srcAt" from (${wanted}) i cross join lateral (
      select doc, src_at from record
      where tenant = $1 and stream = $2 and ext_id = i.id and not deleted limit 1) r`,
  queue: `insert into access_recheck (tenant, stream, ext_id, since) select $1, $2, v, $4
    from jsonb_array_elements_text($3::text::jsonb) t (v)
    on conflict (tenant, stream, ext_id) do update set since = excluded.since`,
  queued: `select ext_id as id, since from access_recheck where tenant = $1 and stream = $2 order by since, ext_id limit $3`,
  queuedAmong: `select id from (${wanted}) i where exists (select 1 from access_recheck q
    where q.tenant = $1 and q.stream = $2 and q.ext_id = i.id)`,
  unqueue: `delete from access_recheck where tenant = $1 and stream = $2 and ext_id = any($3::text[]) and since <= $4`,
  countQueued: 'select count(*) as count from access_recheck where tenant = $1 and stream = $2',
  // Live records of a stream, by id.
  after: `select ext_id as id, acl from record where tenant = $1 and stream = $2 and ext_id > $3 and not deleted
    order by ext_id limit $4`,
} as const;

const idsText = (ids: readonly string[]): string => jsonbText(JSON.stringify(ids));

export async function readClasses(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecordClass>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<RecordClass>(accessRecordsSql.classes, [tenant, stream, idsText(ids)]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Of live records only. */
export function readClassParts(tx: Tx, { tenant, stream }: StreamKey, ids: readonly string[]): Promise<ClassParts[]> {
  return tx.query<ClassParts>(accessRecordsSql.parts, [tenant, stream, idsText(ids)]);
}

/** What follows from these records themselves is that now; their classes are settled afterwards. */
export async function setOwnClasses(
  tx: Tx,
  { tenant, stream }: StreamKey,
  classes: ReadonlyMap<string, number | null>,
): Promise<void> {
  if (classes.size === 0) return;
  const params = [tenant, stream, jsonbText(JSON.stringify(Object.fromEntries(classes))), [...classes.keys()]];
  await tx.query(accessRecordsSql.own, params);
}

/** Gives live records their classes. Returns the ids of those that had another one; lenses hear of them. */
export async function setClasses(
  tx: Tx,
  { tenant, stream }: StreamKey,
  classes: ReadonlyMap<string, number | null>,
): Promise<string[]> {
  if (classes.size === 0) return [];
  const text = jsonbText(JSON.stringify(Object.fromEntries(classes)));
  const params = [tenant, stream, text, [...classes.keys()], tx.now];
  const rows = await tx.query<{ id: string }>(accessRecordsSql.reclass, params);
  if (rows.length > 0) await tx.query(accessRecordsSql.notify, [changeChannel, String(tenant)]);
  return rows.map(({ id }) => id);
}

/** What the classes of these records follow from beside them is `parents`, and nothing else. */
export async function setParents(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
  parents: readonly ParentPointer[],
): Promise<void> {
  if (ids.length > 0) await tx.query(accessRecordsSql.unpoint, [tenant, stream, [...ids]]);
  if (parents.length === 0) return;
  const rows = parents.map(({ id, parentStream, parentId }) => [id, parentStream, parentId]);
  await tx.query(accessRecordsSql.point, [tenant, stream, jsonbText(JSON.stringify(rows))]);
}

export async function childrenOf(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
): Promise<{ readonly stream: StreamId; readonly id: string }[]> {
  if (ids.length === 0) return [];
  return tx.query<{ stream: StreamId; id: string }>(accessRecordsSql.children, [tenant, stream, idsText(ids)]);
}

/** Records for which shares of these names count; a record's own id is its name, too. */
export async function recordsNamed(tx: Tx, { tenant, stream }: StreamKey, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await tx.query<{ id: string }>(accessRecordsSql.named, [tenant, stream, idsText(names)]);
  return [...new Set([...names, ...rows.map(({ id }) => id)])];
}

export interface KeptDocument {
  readonly id: string;
  readonly docText: string;
  readonly srcAt: Date | null;
}

/** Of live records. */
export async function readDocuments(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
): Promise<KeptDocument[]> {
  if (ids.length === 0) return [];
  return tx.query<KeptDocument>(accessRecordsSql.docs, [tenant, stream, idsText(ids)]);
}

/** Nobody is shown these before it was found out who is. */
export async function queueRecheck(tx: Tx, { tenant, stream }: StreamKey, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.query(accessRecordsSql.queue, [tenant, stream, idsText(ids), tx.now]);
}

export interface QueuedRecord {
  readonly id: string;
  readonly since: Date;
}

/** Longest first. */
export function readRecheck(tx: Tx, { tenant, stream }: StreamKey, limit: number): Promise<QueuedRecord[]> {
  return tx.query<QueuedRecord>(accessRecordsSql.queued, [tenant, stream, limit]);
}

/** Those of the ids that wait: what was listed of them may be of before their change. */
export async function queuedAmong(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(accessRecordsSql.queuedAmong, [tenant, stream, idsText(ids)]);
  return new Set(rows.map(({ id }) => id));
}

/** Done, unless they have changed since `asOf` again. */
export async function endRecheck(
  tx: Tx,
  { tenant, stream }: StreamKey,
  ids: readonly string[],
  asOf: Date,
): Promise<void> {
  if (ids.length > 0) await tx.query(accessRecordsSql.unqueue, [tenant, stream, [...ids], asOf]);
}

export async function countRecheck(tx: Tx, { tenant, stream }: StreamKey): Promise<number> {
  const [row] = await tx.query<{ count: number }>(accessRecordsSql.countQueued, [tenant, stream]);
  return row?.count ?? 0;
}

export interface RecordOfClass {
  readonly id: string;
  readonly acl: number | null;
}

/** Live records after `afterId`, by id. */
export function recordsAfter(
  tx: Tx,
  { tenant, stream }: StreamKey,
  { afterId, limit }: { readonly afterId: string; readonly limit: number },
): Promise<RecordOfClass[]> {
  return tx.query<RecordOfClass>(accessRecordsSql.after, [tenant, stream, afterId, limit]);
}
