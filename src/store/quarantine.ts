import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** A value that did not fit its field's type, kept out of the record and shown here instead. */
export interface QuarantinedField {
  readonly field: string;
  readonly reason: string;
  /** The value as text, cut by the caller. */
  readonly value: string | null;
}

export interface QuarantineRow extends QuarantinedField {
  readonly stream: StreamId;
  readonly id: string;
  readonly schemaVersion: number | null;
  readonly at: Date;
}

export const quarantineSql = {
  clear: `delete from quarantine where tenant = $1 and stream = $2
    and ext_id in (select r ->> 'i' from jsonb_array_elements($3::text::jsonb) r)`,
  add: `insert into quarantine (tenant, stream, ext_id, field, reason, value, schema_version, at)
    select $1, $2, r ->> 'i', r ->> 'f', r ->> 'r', r ->> 'v', $4, $5 from jsonb_array_elements($3::text::jsonb) r
    on conflict (tenant, stream, ext_id, field) do update set reason = excluded.reason, value = excluded.value,
      schema_version = excluded.schema_version, at = excluded.at`,
  list: `select stream, ext_id as id, field, reason, value, schema_version as "schemaVersion", at from quarantine
    where tenant = $1 and ($2::int is null or stream = $2) order by at desc, stream, ext_id, field limit $3`,
  ids: `select distinct ext_id as id from quarantine where tenant = $1 and stream = $2 and ext_id > $3
    order by ext_id limit $4`,
  count: `select stream, count(*) as count from quarantine where tenant = $1 group by stream order by stream`,
} as const;

export interface QuarantinePage {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly schemaVersion: number | null;
  /** Every record of the page: one without fields has recovered, and its old entries go. */
  readonly records: readonly { readonly id: string; readonly fields: readonly QuarantinedField[] }[];
}

/** Replaces what was known about these records. */
export async function saveQuarantine(tx: Tx, page: QuarantinePage): Promise<void> {
  const { tenant, stream, schemaVersion, records } = page;
  if (records.length === 0) return;
  const ids = records.map(({ id }) => ({ i: id }));
  await tx.query(quarantineSql.clear, [tenant, stream, jsonbText(JSON.stringify(ids))]);
  const fields = records.flatMap(({ id, fields: list }) =>
    list.map(({ field, reason, value }) => ({ i: id, f: field, r: reason, v: value })),
  );
  if (fields.length === 0) return;
  await tx.query(quarantineSql.add, [tenant, stream, jsonbText(JSON.stringify(fields)), schemaVersion, tx.now]);
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
