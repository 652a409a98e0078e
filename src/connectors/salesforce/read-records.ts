import {
  canonicalJson,
  contentHash,
  GantryError,
  isJsonObject,
  type Json,
  type JsonObject,
} from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { RecordsById, StampPage } from '../contract.ts';
import { booleanAt, idAt, listAt, textAt, timeAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { nativeRecord, stampFieldOf } from './native-record.ts';
import { encodedSoql, fieldGroups, idsSoql, stampsSoql } from './soql.ts';

/** Records by their ids, those in the recycle bin as deleted. Wide objects take several queries. */
export async function readRecords(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
): Promise<RecordsById> {
  const readAt = context.clock.now();
  const stampField = stampFieldOf(object);
  const names = object.fields.map((field) => field.name);
  const deletedToo = names.includes('IsDeleted');
  const keys = ['Id', ...(stampField === null ? [] : [stampField]), ...(deletedToo ? ['IsDeleted'] : [])];
  const known = [...new Set(ids)].filter((id) => /^[A-Za-z0-9]{15,18}$/.test(id));
  const rows = new Map<string, JsonObject>();
  const stampOf = (row: JsonObject): string => (stampField === null ? '' : (textAt(row, stampField) ?? ''));
  for (const [at, group] of fieldGroups(names.filter((name) => !keys.includes(name))).entries()) {
    const fields = [...keys, ...group];
    const part = known.length === 0 ? [] : await rowsOf(context, deletedToo, idsSoql(object.name, fields, known));
    const found = new Map(part.map((row) => [idAt(row, 'Id', 'query answer of Salesforce'), row]));
    if (at === 0) for (const [id, row] of found) rows.set(id, row);
    for (const [id, row] of rows) {
      const other = found.get(id);
      // Changed between the queries: it comes again in the order of changes.
      if (other === undefined || stampOf(other) !== stampOf(row)) rows.delete(id);
      else rows.set(id, { ...row, ...other });
    }
  }
  return {
    records: [...rows.values()].map((row) => nativeRecord(object, row, stampField)),
    missing: ids.filter((id) => !rows.has(id)),
    readAt,
  };
}

const STAMP_ROWS = 2_000;

/** Ids of everything that is not in the recycle bin, with the stamps that give the order of changes. */
export async function listStamps(
  context: SessionContext,
  object: NativeObject,
  afterId: string | null,
): Promise<StampPage> {
  const stampField = stampFieldOf(object);
  const soql = stampsSoql(object.name, stampField, afterId, STAMP_ROWS);
  const rows = await rowsOf(context, false, soql, 'as_it_comes');
  const ids = rows.map((row) => idAt(row, 'Id', 'query answer of Salesforce'));
  return {
    ids,
    stamps: rows.map((row) => (stampField === null ? null : timeAt(row, stampField))),
    more: rows.length >= STAMP_ROWS,
  };
}

/**
 * Who the connected user is, and what decides which records it sees, as far as
 * it may read that: profile, role, permission sets with what lets them see
 * everything, groups, and the organization-wide defaults (Object Reference:
 * User, PermissionSetAssignment, PermissionSet, GroupMember, EntityDefinition
 * InternalSharingModel). Sharing rules and manual shares are not told of as a
 * whole; a comparison that misses much under the same hash is held all the same.
 */
export async function grantsHash(context: SessionContext): Promise<string | null> {
  const { body } = await context.http({ path: '/services/oauth2/userinfo' });
  const user = textAt(body, 'user_id');
  if (user === null || !/^[A-Za-z0-9]{15,18}$/.test(user)) return null;
  const told: Json[] = [user];
  for (const soql of [
    `SELECT ProfileId, UserRoleId FROM User WHERE Id = '${user}'`,
    `SELECT PermissionSetId, PermissionSet.PermissionsViewAllData, PermissionSet.PermissionsModifyAllData FROM PermissionSetAssignment WHERE AssigneeId = '${user}' ORDER BY PermissionSetId`,
    `SELECT GroupId FROM GroupMember WHERE UserOrGroupId = '${user}' ORDER BY GroupId`,
    // Not to be sorted by: EntityDefinition answers in an order of its own.
    'SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE IsCustomizable = true',
  ]) {
    told.push(await rowsOf(context, false, soql).then(withoutAddresses, untold));
  }
  return `${HASHED_AS}:${contentHash(canonicalJson(told))}`;
}

/** Moves on when something else goes into the hash: hashes of before then say nothing of today's. */
const HASHED_AS = 2;

/** In one order, whatever that of the answer is. */
const withoutAddresses = (rows: readonly JsonObject[]): Json => rows.map((row) => canonicalJson(plain(row))).toSorted();

/** Without the addresses that come with each record, related ones included. */
const plain = (row: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => name !== 'attributes')
      .map(([name, value]) => [name, isJsonObject(value) ? plain(value) : value]),
  );

/** Not every user may read these. */
function untold(error: unknown): Json {
  if (error instanceof GantryError && REFUSED.has(error.code)) return null;
  throw error;
}

const REFUSED = new Set([
  'upstream_forbidden',
  'upstream_object_missing',
  'upstream_refused',
  'upstream_schema_changed',
]);

async function rowsOf(
  { declaration, http }: SessionContext,
  deletedToo: boolean,
  soql: string,
  length: 'whole' | 'as_it_comes' = 'whole',
): Promise<readonly JsonObject[]> {
  const path = `/services/data/${declaration.api_version}/${deletedToo ? 'queryAll' : 'query'}`;
  const { body } = await http({ path, rawQuery: `q=${encodedSoql(soql)}` });
  const where = `GET ${path}`;
  if (length === 'as_it_comes' || booleanAt(body, 'done', where)) return listAt(body, 'records', where);
  throw new GantryError('upstream_too_large', {
    message: 'Salesforce splits the answer: it is too large for these records at once.',
    where,
    data: { class: 'too_large' },
  });
}
