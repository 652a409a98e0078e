import type { JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { withoutSuppressedFields } from './erase-suppressed.ts';
import { withoutRepeats } from './ingest-batch.ts';
import { jsonbText } from './jsonb-text.ts';

/** A value that did not fit its field's type, kept out of the record and shown here instead. */
export interface QuarantinedField {
  readonly field: string;
  readonly reason: string;
  /** The value as text, cut by the caller. */
  readonly value: string | null;
  /** The whole value as JSON text, to be tried again; null or absent: it is not kept. */
  readonly native?: string | null;
}

export interface QuarantineRow extends QuarantinedField {
  readonly stream: StreamId;
  readonly id: string;
  readonly native: string | null;
  readonly schemaVersion: number | null;
  readonly at: Date;
}

/** Not of a version older than what is kept: that one lost, and so do its values. Looked up one by one, as ingest does. */
const notLate = `((select e.src_at from record e where e.tenant = $1 and e.stream = $2 and e.ext_id = r ->> 'i')
      > (r ->> 's')::timestamptz) is not true`;

export const quarantineSql = {
  any: 'select 1 from quarantine where tenant = $1 and stream = $2 limit 1',
  clear: `delete from quarantine where tenant = $1 and stream = $2
    and ext_id in (select r ->> 'i' from jsonb_array_elements($3::text::jsonb) r where ${notLate})`,
  clearBuried: `delete from quarantine q where tenant = $1 and stream = $2
    and (select e.deleted from record e where e.tenant = $1 and e.stream = $2 and e.ext_id = q.ext_id)`,
  add: `insert into quarantine (tenant, stream, ext_id, field, reason, value, native, schema_version, at)
    select $1, $2, r ->> 'i', r ->> 'f', r ->> 'r', r ->> 'v', r ->> 'n', $4, $5
    from jsonb_array_elements($3::text::jsonb) r where ${notLate}
    on conflict (tenant, stream, ext_id, field) do update set reason = excluded.reason, value = excluded.value,
      native = excluded.native, schema_version = excluded.schema_version, at = excluded.at`,
  // Looked up one by one: a join without statistics reads the whole stream.
  setAside: `with few as materialized (
      select distinct ext_id from quarantine where tenant = $1 and stream = $2 and ext_id > $3 order by ext_id limit $4)
    select s.ext_id as id, r.doc, r.src_at as "srcAt", q.fields from few s
    cross join lateral (
      select jsonb_agg(jsonb_build_object('field', field, 'native', native)) as fields from quarantine
      where tenant = $1 and stream = $2 and ext_id = s.ext_id) q
    left join lateral (
      select doc, src_at from record where tenant = $1 and stream = $2 and ext_id = s.ext_id) r on true
    order by s.ext_id`,
  drop: `delete from quarantine where tenant = $1 and stream = $2 and (ext_id, field) in (
      select r ->> 0, r ->> 1 from jsonb_array_elements($3::text::jsonb) r)`,
  tried: `update quarantine set schema_version = $4 where tenant = $1 and stream = $2
    and ext_id in (select id from jsonb_array_elements_text($3::text::jsonb) id) and schema_version is distinct from $4`,
  outdated: `select exists (select from quarantine where tenant = $1 and stream = $2
    and (schema_version < $3 or schema_version is null)) as found`,
  list: `select stream, ext_id as id, field, reason, value, native, schema_version as "schemaVersion", at from quarantine
    where tenant = $1 and ($2::int is null or stream = $2) order by at desc, stream, ext_id, field limit $3`,
  ids: `select distinct ext_id as id from quarantine where tenant = $1 and stream = $2 and ext_id > $3
    order by ext_id limit $4`,
  // Looked up one by one, for the same reason.
  unfit: `select i.id, q.fields from (select v as id from jsonb_array_elements_text($3::text::jsonb) t (v)) i
    cross join lateral (
      select array_agg(field order by field) as fields from quarantine
      where tenant = $1 and stream = $2 and ext_id = i.id) q
    where q.fields is not null`,
  count: `select stream, count(*) as count from quarantine where tenant = $1 group by stream order by stream`,
} as const;

export interface QuarantinePage {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly schemaVersion: number | null;
  /** Every record of the page: one without fields has recovered, and its old entries go. */
  readonly records: readonly {
    readonly id: string;
    /** As `IngestRecord`: nothing is done about a version that is older than the stored one. Null or absent: it is the newest. */
    readonly srcAt?: Date | null;
    readonly fields: readonly QuarantinedField[];
  }[];
}

/** Replaces what was known about these records; of one that comes twice the version that `ingestPage` keeps counts. */
export async function saveQuarantine(tx: Tx, page: QuarantinePage): Promise<void> {
  const { tenant, stream } = page;
  const records = withoutRepeats(page.records.map((record) => ({ ...record, srcAt: record.srcAt ?? null })));
  if (records.length === 0) return;
  // Most streams have nothing there: asking costs less than naming every record of each page.
  if ((await tx.query(quarantineSql.any, [tenant, stream])).length > 0) {
    const ids = records.map(({ id, srcAt }) => ({ i: id, s: srcAt }));
    await tx.query(quarantineSql.clear, [tenant, stream, jsonbText(JSON.stringify(ids))]);
  }
  await addToQuarantine(tx, { ...page, records });
}

/** Fields of these records whose values are set aside; of a record that is not in the map all fit. */
export async function unfitFields(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (ids.length === 0 || (await tx.query(quarantineSql.any, [tenant, stream])).length === 0) return new Map();
  const params = [tenant, stream, jsonbText(JSON.stringify(ids))];
  const rows = await tx.query<{ id: string; fields: string[] }>(quarantineSql.unfit, params);
  return new Map(rows.map(({ id, fields }) => [id, fields]));
}

/** What is deleted has no values: none are kept of it here either. */
export async function clearBuried(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
): Promise<void> {
  await tx.query(quarantineSql.clearBuried, [tenant, stream]);
}

/** Beside what is known about these records. */
export async function addToQuarantine(
  tx: Tx,
  { tenant, stream, schemaVersion, records }: QuarantinePage,
): Promise<void> {
  const unfit = records.filter(({ fields: list }) => list.length > 0);
  const known = await withoutSuppressedFields(tx, { tenant, stream }, unfit, (record, erased) => ({
    ...record,
    fields: record.fields.filter(({ field }) => !erased.has(field)),
  }));
  const fields = known.flatMap(({ id, srcAt, fields: list }) =>
    list.map(({ field, reason, value, native }) => ({ i: id, s: srcAt, f: field, r: reason, v: value, n: native })),
  );
  if (fields.length === 0) return;
  await tx.query(quarantineSql.add, [tenant, stream, jsonbText(JSON.stringify(fields)), schemaVersion, tx.now]);
}

/** A record with values in quarantine, as it is without them. */
export interface SetAsideRecord {
  readonly id: string;
  /** Null: it is deleted, or was never kept. */
  readonly doc: JsonObject | null;
  readonly srcAt: Date | null;
  readonly fields: readonly { readonly field: string; readonly native: string | null }[];
}

/** The next records with quarantined values by id, after `after`. */
export async function readSetAside(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream: StreamId; readonly after: string; readonly limit: number },
): Promise<SetAsideRecord[]> {
  const { tenant, stream, after, limit } = request;
  return tx.query<SetAsideRecord>(quarantineSql.setAside, [tenant, stream, after, limit]);
}

/** These values are in their records now, or their records are gone. */
export async function dropFromQuarantine(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  values: readonly { readonly id: string; readonly field: string }[],
): Promise<void> {
  if (values.length === 0) return;
  const text = JSON.stringify(values.map(({ id, field }) => [id, field]));
  await tx.query(quarantineSql.drop, [tenant, stream, jsonbText(text)]);
}

/** What is left of these records does not fit by this version of the schema either. */
export async function noteTried(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  ids: readonly string[],
  version: number,
): Promise<void> {
  if (ids.length > 0) await tx.query(quarantineSql.tried, [tenant, stream, jsonbText(JSON.stringify(ids)), version]);
}

/** Whether anything was last tried by an older version of the schema. */
export async function hasOutdated(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  version: number,
): Promise<boolean> {
  const [row] = await tx.query<{ found: boolean }>(quarantineSql.outdated, [tenant, stream, version]);
  return row?.found ?? false;
}

/** Newest first. */
export async function listQuarantine(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream?: StreamId; readonly limit: number },
): Promise<QuarantineRow[]> {
  return tx.query<QuarantineRow>(quarantineSql.list, [request.tenant, request.stream ?? null, request.limit]);
}

/** Records with quarantined values, by id, after `after`. */
export async function quarantinedIds(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream: StreamId; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const { tenant, stream, after, limit } = request;
  return (await tx.query<{ id: string }>(quarantineSql.ids, [tenant, stream, after, limit])).map(({ id }) => id);
}

/** Quarantined values per stream that has any. */
export async function countQuarantine(tx: Tx, tenant: TenantId): Promise<ReadonlyMap<StreamId, number>> {
  const rows = await tx.query<{ stream: StreamId; count: number }>(quarantineSql.count, [tenant]);
  return new Map(rows.map(({ stream, count }) => [stream, count]));
}
