import { canonicalJson, contentHash, type ConnectionId, type TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/**
 * Access classes: equal audiences of one connection are one small number. A
 * class is never changed and its number never used again; what a record's
 * audience is, is said by the record.
 */
export interface AccessKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
}

/** Notified with the tenant's number when what a principal is shown may have changed. A hint. */
export const accessChannel = 'gantry_access';

export const accessClassesSql = {
  notify: 'select pg_notify($1, $2)',
  known: `select id, encode(hash, 'hex') as hash from access_class
    where tenant = $1 and connection = $2 and hash in (select decode(v, 'hex') from jsonb_array_elements_text($3::text::jsonb) t (v))`,
  take: `update access_connection set last_class = last_class + $3 where tenant = $1 and connection = $2
    returning last_class as last`,
  add: `insert into access_class (tenant, connection, id, hash)
    select $1, $2, (c ->> 0)::int, decode(c ->> 1, 'hex') from jsonb_array_elements($3::text::jsonb) c`,
  addGrantees: `insert into access_class_grantee (tenant, connection, grantee, class)
    select $1, $2, g, (c ->> 0)::int
    from jsonb_array_elements($3::text::jsonb) c, jsonb_array_elements_text(c -> 2) g`,
  members: `select class, array_agg(grantee order by grantee) as grantees from access_class_grantee
    where tenant = $1 and connection = $2 and class = any($3::int[]) group by class`,
  // One row: somebody may be in thousands of classes.
  visible: `select array_agg(distinct class order by class) as classes from access_class_grantee
    where tenant = $1 and connection = $2 and grantee in (select v as id from jsonb_array_elements_text($3::text::jsonb) t (v))`,
} as const;

/**
 * Numbers of these audiences, in their order. The caller holds the lock of the
 * connection (`lockAccess`), so that nobody else numbers the same ones.
 */
export async function internClasses(
  tx: Tx,
  { tenant, connection }: AccessKey,
  audiences: readonly (readonly string[])[],
): Promise<number[]> {
  const wanted = audiences.map((audience) => [...new Set(audience)].toSorted());
  const byHash = new Map(wanted.map((grantees) => [audienceHash(grantees), grantees]));
  const hashes = [...byHash.keys()].toSorted();
  if (hashes.length === 0) return [];
  const params = [tenant, connection, JSON.stringify(hashes)];
  const rows = await tx.query<{ id: number; hash: string }>(accessClassesSql.known, params);
  const ids = new Map(rows.map(({ id, hash }) => [hash, id]));
  const fresh = hashes.filter((hash) => !ids.has(hash));
  if (fresh.length > 0) {
    const [row] = await tx.query<{ last: number }>(accessClassesSql.take, [tenant, connection, fresh.length]);
    if (row === undefined) throw new Error('access classes of a connection whose permissions are not learned');
    fresh.forEach((hash, index) => ids.set(hash, row.last - fresh.length + 1 + index));
    const added = fresh.map((hash) => [ids.get(hash), hash, byHash.get(hash)]);
    const text = jsonbText(JSON.stringify(added));
    await tx.query(accessClassesSql.add, [tenant, connection, text]);
    await tx.query(accessClassesSql.addGrantees, [tenant, connection, text]);
    await tellAccess(tx, tenant);
  }
  return wanted.map((grantees) => ids.get(audienceHash(grantees)) ?? 0);
}

/** What principals are shown may be another: who keeps it in memory looks again once this is committed. */
export async function tellAccess(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(accessClassesSql.notify, [accessChannel, String(tenant)]);
}

const audienceHash = (sorted: readonly string[]): string => contentHash(canonicalJson(sorted));

/** Grantees of these classes; one that is not in the map has none. */
export async function classMembers(
  tx: Tx,
  { tenant, connection }: AccessKey,
  classes: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  if (classes.length === 0) return new Map();
  const params = [tenant, connection, [...classes]];
  const rows = await tx.query<{ class: number; grantees: string[] }>(accessClassesSql.members, params);
  return new Map(rows.map((row) => [row.class, row.grantees]));
}

/** Classes that any of these grantees is in, ascending: what somebody with this standing is shown. */
export async function visibleClasses(
  tx: Tx,
  { tenant, connection }: AccessKey,
  grantees: readonly string[],
): Promise<number[]> {
  if (grantees.length === 0) return [];
  const params = [tenant, connection, jsonbText(JSON.stringify(grantees))];
  const [row] = await tx.query<{ classes: number[] | null }>(accessClassesSql.visible, params);
  return row?.classes ?? [];
}
