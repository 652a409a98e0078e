import { canonicalJson, contentHash, type ConnectionId, type ErrorBody, type TenantId } from '../kernel/index.ts';
import { tellAccess, type AccessKey } from './access-classes.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** What a linked user is shown in a system, apart from single records. `state` is src/sync's, opaque here. */
export interface StandingRow {
  readonly connection: ConnectionId;
  readonly principal: string;
  readonly state: string;
  readonly grantees: readonly string[];
  /** The provider was asked then; null: never. */
  readonly readAt: Date | null;
  readonly lastError: ErrorBody | null;
}

export interface ObjectStandingRow {
  readonly connection: ConnectionId;
  readonly principal: string;
  readonly object: string;
  readonly readable: boolean;
  readonly seesAll: boolean;
  /** Native fields. */
  readonly fields: readonly string[];
  /** Of ids asked for as the user. */
  readonly listedAt: Date | null;
  readonly doubtedAt: Date | null;
}

/** One object as the provider shows it to a user. */
export interface NewObjectStanding {
  readonly object: string;
  readonly seesAll: boolean;
  readonly fields: readonly string[];
}

const columns = `connection, principal, state, grantees, read_at as "readAt", last_error as "lastError"`;
const objectColumns = `o.connection, o.principal, o.object, o.readable, o.sees_all as "seesAll",
  coalesce(f.fields, '{}') as fields, o.listed_at as "listedAt", o.doubted_at as "doubtedAt"`;

export const standingsSql = {
  ofConnection: `select ${columns} from standing where tenant = $1 and connection = $2 order by principal`,
  ofPrincipal: `select ${columns} from standing where tenant = $1 and principal = $2 order by connection`,
  objectsOfPrincipal: `select ${objectColumns} from object_standing o
    left join field_set f on f.tenant = $1 and f.id = o.field_set
    where o.tenant = $1 and o.principal = $2 order by o.connection, o.object`,
  objectsOfConnection: `select ${objectColumns} from object_standing o
    left join field_set f on f.tenant = $1 and f.id = o.field_set
    where o.tenant = $1 and o.connection = $2 order by o.principal, o.object`,
  marks: `select principal, object, readable, listed_at as "listedAt", doubted_at as "doubtedAt" from object_standing
    where tenant = $1 and connection = $2 order by principal, object`,
  keep: `insert into standing (tenant, connection, principal, state, grantees, read_at, last_error)
    select $1, $2, $3, $4, array(select jsonb_array_elements_text($5::text::jsonb)), $6, $7::text::jsonb
    where exists (select 1 from principal_link where tenant = $1 and connection = $2 and principal = $3)
    on conflict (tenant, connection, principal) do update set state = excluded.state, grantees = excluded.grantees,
      read_at = excluded.read_at, last_error = excluded.last_error
    returning principal`,
  // What is not named any more may not be read any more; what was listed of it is not known from then on.
  hideOthers: `update object_standing set readable = false, sees_all = false, field_set = null, listed_at = null,
      list_started_at = null, list_place = null
    where tenant = $1 and connection = $2 and principal = $3
      and object not in (select o ->> 0 from jsonb_array_elements($4::text::jsonb) o)`,
  keepObjects: `insert into object_standing (tenant, connection, principal, object, readable, sees_all, field_set)
    select $1, $2, $3, o ->> 0, true, (o ->> 1)::boolean, (o ->> 2)::int from jsonb_array_elements($4::text::jsonb) o
    on conflict (tenant, connection, principal, object) do update set readable = true, sees_all = excluded.sees_all,
      field_set = excluded.field_set`,
  // Earlier programs kept the place of a list that was under way.
  endLists: `update object_standing set list_started_at = null, list_place = null, listed_at = $5,
      doubted_at = case when doubted_at > $5 then doubted_at end
    where tenant = $1 and connection = $2 and object = $3
      and principal in (select v from jsonb_array_elements_text($4::text::jsonb) t (v))`,
  doubt: `update object_standing set doubted_at = $5, list_started_at = null, list_place = null
    where tenant = $1 and connection = $2 and principal = $3 and object = $4`,
  trust: `update object_standing set doubted_at = null where tenant = $1 and connection = $2 and object = $3
    and doubted_at < $4`,
  fieldSet: "select id from field_set where tenant = $1 and hash = decode($2, 'hex')",
  addFieldSet: `insert into field_set (tenant, id, hash, fields)
    values ($1, $2, decode($3, 'hex'), array(select jsonb_array_elements_text($4::text::jsonb)))
    on conflict (tenant, hash) do nothing`,
} as const;

export function standingsOfConnection(tx: Tx, { tenant, connection }: AccessKey): Promise<StandingRow[]> {
  return tx.query<StandingRow>(standingsSql.ofConnection, [tenant, connection]);
}

export function standingsOfPrincipal(tx: Tx, tenant: TenantId, principal: string): Promise<StandingRow[]> {
  return tx.query<StandingRow>(standingsSql.ofPrincipal, [tenant, principal]);
}

export function objectStandingsOfPrincipal(tx: Tx, tenant: TenantId, principal: string): Promise<ObjectStandingRow[]> {
  return tx.query<ObjectStandingRow>(standingsSql.objectsOfPrincipal, [tenant, principal]);
}

export function objectStandingsOfConnection(tx: Tx, { tenant, connection }: AccessKey): Promise<ObjectStandingRow[]> {
  return tx.query<ObjectStandingRow>(standingsSql.objectsOfConnection, [tenant, connection]);
}

/** An object as a user may read it or not, without its fields. */
export type ObjectStandingMark = Pick<
  ObjectStandingRow,
  'principal' | 'object' | 'readable' | 'listedAt' | 'doubtedAt'
>;

export function objectStandingMarks(tx: Tx, { tenant, connection }: AccessKey): Promise<ObjectStandingMark[]> {
  return tx.query<ObjectStandingMark>(standingsSql.marks, [tenant, connection]);
}

/**
 * False where the principal is not linked any more: nothing is kept. Objects are
 * kept where they are given. `fieldSets` remembers numbers between calls of one transaction.
 */
export async function keepStanding(
  tx: Tx,
  { tenant, connection }: AccessKey,
  standing: Omit<StandingRow, 'connection'>,
  objects: readonly NewObjectStanding[] | null,
  fieldSets: Map<string, number> = new Map(),
): Promise<boolean> {
  const { principal, state, grantees, readAt, lastError } = standing;
  const error = lastError === null ? null : JSON.stringify(lastError);
  const params = [tenant, connection, principal, state, jsonbText(JSON.stringify(grantees)), readAt, error];
  if ((await tx.query(standingsSql.keep, params)).length === 0) return false;
  await tellAccess(tx, tenant);
  if (objects === null) return true;
  const rows: unknown[] = [];
  for (const { object, seesAll, fields } of objects)
    rows.push([object, seesAll, await fieldSetOf(tx, tenant, fields, fieldSets)]);
  const text = jsonbText(JSON.stringify(rows));
  await tx.query(standingsSql.hideOthers, [tenant, connection, principal, text]);
  await tx.query(standingsSql.keepObjects, [tenant, connection, principal, text]);
  return true;
}

async function fieldSetOf(
  tx: Tx,
  tenant: TenantId,
  fields: readonly string[],
  cache: Map<string, number>,
): Promise<number> {
  const sorted = [...new Set(fields)].toSorted();
  const hash = contentHash(canonicalJson(sorted));
  const cached = cache.get(hash);
  if (cached !== undefined) return cached;
  const id = await numberOfFields(tx, tenant, sorted, hash);
  cache.set(hash, id);
  return id;
}

async function numberOfFields(tx: Tx, tenant: TenantId, sorted: readonly string[], hash: string): Promise<number> {
  const known = async (): Promise<number | undefined> =>
    (await tx.query<{ id: number }>(standingsSql.fieldSet, [tenant, hash]))[0]?.id;
  const found = await known();
  if (found !== undefined) return found;
  const id = await nextNumber(tx, tenant, 'field_set');
  await tx.query(standingsSql.addFieldSet, [tenant, id, hash, jsonbText(JSON.stringify(sorted))]);
  // Somebody else may have been quicker.
  return (await known()) ?? id;
}

export interface StandingKey extends AccessKey {
  readonly principal: string;
  readonly object: string;
}

/** All ids of an object are known as these users were shown them at `listedAt`. */
export async function endOwnLists(
  tx: Tx,
  { tenant, connection }: AccessKey,
  list: { readonly object: string; readonly principals: readonly string[]; readonly listedAt: Date },
): Promise<void> {
  const { object, principals, listedAt } = list;
  const names = jsonbText(JSON.stringify(principals));
  await tx.query(standingsSql.endLists, [tenant, connection, object, names, listedAt]);
  await tellAccess(tx, tenant);
}

/** What was derived did not agree with what the provider said: nothing of the object is shown before it is read again. */
export async function doubtStanding(tx: Tx, key: StandingKey): Promise<void> {
  await tellAccess(tx, key.tenant);
  await tx.query(standingsSql.doubt, [key.tenant, key.connection, key.principal, key.object, tx.now]);
}

/** Doubts of before `readAt` are over: everything that it follows from was read since. */
export async function trustStandings(
  tx: Tx,
  { tenant, connection }: AccessKey,
  object: string,
  readAt: Date,
): Promise<void> {
  await tx.query(standingsSql.trust, [tenant, connection, object, readAt]);
}
