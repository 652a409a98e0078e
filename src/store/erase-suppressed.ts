import { createHash } from 'node:crypto';
import { canonicalJson, contentHash, type Json, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** Where records of a stream come from: the same account under another connection is the same source. */
interface Source {
  readonly salt: Uint8Array;
  readonly provider: string;
  readonly account: string | null;
  readonly object: string;
}

/** A record, or one of its fields, that is left out when its source tells of it again. */
export interface Suppression {
  readonly stream: StreamId;
  readonly id: string;
  /** Absent: the whole record. */
  readonly field?: string;
}

export const suppressedSql = {
  salt: 'select salt from suppression_salt where tenant = $1',
  addSalt: `insert into suppression_salt (tenant, salt, created_at) values ($1, $2, $3)
    on conflict (tenant) do nothing`,
  source: `select x.salt, c.provider, c.account_id as account, s.object
    from suppression_salt x cross join stream s join connection c on c.tenant = s.tenant and c.id = s.connection
    where x.tenant = $1 and s.tenant = $1 and s.id = $2 and c.tenant = $1`,
  buried: `select x.salt, d.provider, d.account_id as account, o.object
    from suppression_salt x cross join deleted_connection d cross join lateral unnest(d.streams, d.objects) as o(stream, object)
    where x.tenant = $1 and d.tenant = $1 and o.stream = $2`,
  add: `insert into suppressed (tenant, hash, field, erasure, at)
    select $1, r ->> 0, r ->> 1, $3, $4 from jsonb_array_elements($2::text::jsonb) r
    on conflict (tenant, hash, field, erasure) do nothing`,
  find: 'select hash, field from suppressed where tenant = $1 and hash = any($2::text[])',
  lift: 'delete from suppressed where tenant = $1 and erasure = $2 returning field',
  count: 'select count(*)::int as n from suppressed where tenant = $1 and erasure = $2 and field <> $3',
} as const;

/** The tenant's salt; made where there is none yet, of `fresh`. */
export async function suppressionSalt(tx: Tx, tenant: TenantId, fresh: Uint8Array): Promise<Uint8Array> {
  await tx.query(suppressedSql.addSalt, [tenant, fresh, tx.now]);
  const [row] = await tx.query<{ salt: Uint8Array }>(suppressedSql.salt, [tenant]);
  if (row === undefined) throw new Error('the salt was not kept');
  return row.salt;
}

/** From now on these are left out. `tx` holds their streams, so that no page of before comes in afterwards. */
export async function suppress(
  tx: Tx,
  { tenant, erasure }: { readonly tenant: TenantId; readonly erasure: number },
  what: readonly Suppression[],
): Promise<void> {
  const rows: [string, string][] = [];
  const sources = new Map<StreamId, Source | null>();
  for (const { stream, id, field = '' } of what) {
    const source = sources.has(stream) ? sources.get(stream) : await sourceEver(tx, tenant, stream);
    sources.set(stream, source ?? null);
    if (source !== undefined && source !== null) rows.push([hashOf(source, id), field]);
  }
  if (rows.length === 0) return;
  await tx.query(suppressedSql.add, [tenant, jsonbText(JSON.stringify(rows)), erasure, tx.now]);
}

/** What was left out because of this erasure comes in again when its source next tells of it. Returns how many records and fields. */
export async function liftSuppression(tx: Tx, tenant: TenantId, erasure: number): Promise<number> {
  const rows = await tx.query<{ field: string }>(suppressedSql.lift, [tenant, erasure]);
  return rows.filter(({ field }) => field !== PERSON).length;
}

/** Records and fields of records. */
export async function countSuppressed(tx: Tx, tenant: TenantId, erasure: number): Promise<number> {
  return (await tx.query<{ n: number }>(suppressedSql.count, [tenant, erasure, PERSON]))[0]?.n ?? 0;
}

/** In place of a field's name: this is a person, by a name or an address, and no record. No provider's field is called so. */
const PERSON = '@person';

/** Users of the product and e-mail addresses that are linked no more unless somebody names them one by one. */
export async function suppressPeople(
  tx: Tx,
  { tenant, erasure }: { readonly tenant: TenantId; readonly erasure: number },
  names: readonly string[],
): Promise<void> {
  const salt = await saltOf(tx, tenant);
  if (salt === null || names.length === 0) return;
  const rows = [...new Set(names.map((name) => hashOfPerson(salt, name)))].map((hash) => [hash, PERSON]);
  await tx.query(suppressedSql.add, [tenant, jsonbText(JSON.stringify(rows)), erasure, tx.now]);
}

/** Those of the names that are an erased person's. */
export async function erasedPeople(tx: Tx, tenant: TenantId, names: readonly string[]): Promise<ReadonlySet<string>> {
  const salt = await saltOf(tx, tenant);
  if (salt === null || names.length === 0) return new Set();
  const hashes = new Map(names.map((name) => [name, hashOfPerson(salt, name)]));
  const rows = await tx.query<{ hash: string }>(suppressedSql.find, [tenant, [...new Set(hashes.values())]]);
  const found = new Set(rows.map(({ hash }) => hash));
  return new Set(names.filter((name) => found.has(hashes.get(name) ?? '')));
}

interface Kept {
  readonly id: string;
  readonly hash: string;
  readonly docText: string;
  readonly deleted: boolean;
}

/**
 * The records without those that were erased, and without erased fields of the
 * others. Also after their source said that they are gone: what was deleted may
 * be restored there. Where nobody was ever erased it costs one look-up in an
 * empty table.
 */
export async function withoutSuppressed<Version extends Kept>(
  tx: Tx,
  at: { readonly tenant: TenantId; readonly stream: StreamId },
  records: readonly Version[],
): Promise<readonly Version[]> {
  const found = await findSuppressed(tx, at, records);
  if (found === null) return records;
  return records.flatMap((record) => {
    const fields = found(record.id);
    if (fields === null) return [record];
    if (fields.has('')) return [];
    return [record.deleted ? record : withoutFields(record, fields)];
  });
}

/** The same for what is kept beside records, by their ids: those of erased records go, and erased fields. */
export async function withoutSuppressedFields<Row extends { readonly id: string }>(
  tx: Tx,
  at: { readonly tenant: TenantId; readonly stream: StreamId },
  rows: readonly Row[],
  strip: (row: Row, fields: ReadonlySet<string>) => Row,
): Promise<readonly Row[]> {
  const found = await findSuppressed(tx, at, rows);
  if (found === null) return rows;
  return rows.flatMap((row) => {
    const fields = found(row.id);
    if (fields === null) return [row];
    return fields.has('') ? [] : [strip(row, fields)];
  });
}

/** Ids without those of erased records. */
export async function withoutErasedIds(
  tx: Tx,
  at: { readonly tenant: TenantId; readonly stream: StreamId },
  ids: readonly string[],
): Promise<readonly string[]> {
  const named = ids.map((id) => ({ id }));
  return (await withoutSuppressedFields(tx, at, named, (row) => row)).map(({ id }) => id);
}

/** Null: none of them. */
async function findSuppressed(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  records: readonly { readonly id: string }[],
): Promise<((id: string) => ReadonlySet<string> | null) | null> {
  if (records.length === 0) return null;
  const source = await sourceOf(tx, tenant, stream);
  if (source === null) return null;
  const hashes = new Map(records.map(({ id }) => [id, hashOf(source, id)]));
  const rows = await tx.query<{ hash: string; field: string }>(suppressedSql.find, [tenant, [...hashes.values()]]);
  if (rows.length === 0) return null;
  const fields = new Map<string, Set<string>>();
  for (const { hash, field } of rows) fields.set(hash, (fields.get(hash) ?? new Set()).add(field));
  return (id) => fields.get(hashes.get(id) ?? '') ?? null;
}

function withoutFields<Version extends Kept>(record: Version, fields: ReadonlySet<string>): Version {
  const doc = JSON.parse(record.docText) as { readonly [key: string]: Json };
  const docText = canonicalJson(Object.fromEntries(Object.entries(doc).filter(([name]) => !fields.has(name))));
  return { ...record, docText, hash: contentHash(docText) };
}

async function sourceOf(tx: Tx, tenant: TenantId, stream: StreamId): Promise<Source | null> {
  return (await tx.query<Source>(suppressedSql.source, [tenant, stream]))[0] ?? null;
}

/** Also of a stream that went with its connection: the account may be connected again. */
async function sourceEver(tx: Tx, tenant: TenantId, stream: StreamId): Promise<Source | null> {
  const live = await sourceOf(tx, tenant, stream);
  return live ?? (await tx.query<Source>(suppressedSql.buried, [tenant, stream]))[0] ?? null;
}

async function saltOf(tx: Tx, tenant: TenantId): Promise<Uint8Array | null> {
  return (await tx.query<{ salt: Uint8Array }>(suppressedSql.salt, [tenant]))[0]?.salt ?? null;
}

const hashOfPerson = (salt: Uint8Array, name: string): string =>
  createHash('sha256')
    .update(salt)
    .update(JSON.stringify(['person', name.trim().toLowerCase()]))
    .digest('hex');

/** JSON, so that no part can reach into the next. */
const hashOf = ({ salt, provider, account, object }: Source, id: string): string =>
  createHash('sha256')
    .update(salt)
    .update(JSON.stringify([provider, account, object, id]))
    .digest('hex');
