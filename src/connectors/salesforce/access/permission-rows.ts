import type { NativeObject } from '../../../schema/index.ts';
import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { inSoql } from '../soql.ts';
import type { PermissionRows } from './object-rights.ts';
import { allRows } from './org-rows.ts';
import { readRightOf } from './standard-objects.ts';

/** Of more users or permission sets than this all rows are read: their ids would not fit into one address. */
const NAMED_MAX = 200;
/** Objects named in one query, for the same reason. */
const NAMED_OBJECTS_MAX = 60;

const ALL_DATA = ['PermissionsViewAllData', 'PermissionsModifyAllData'];
const ALL_RECORDS = ['PermissionsViewAllRecords', 'PermissionsModifyAllRecords'];

const isTrue = (permission: string): string => `${permission} = true`;

/**
 * Rights of these users in four kinds of rows, 2,000 a call (Object Reference:
 * PermissionSetAssignment, PermissionSet, ObjectPermissions, FieldPermissions;
 * profiles are among the permission sets, and so is what a group of them adds up to).
 */
export async function readPermissionRows(
  context: SessionContext,
  users: readonly string[],
  objects: readonly NativeObject[],
): Promise<PermissionRows> {
  const named = objects.map(({ name }) => name);
  const deciding = new Set([...named, ...named.flatMap(othersOf)]);
  const assignments = await allRows(context, {
    object: 'PermissionSetAssignment',
    fields: ['AssigneeId', 'PermissionSetId'],
    only: users.length > NAMED_MAX ? 'IsActive = true' : `IsActive = true AND ${inSoql('AssigneeId', users)}`,
  });
  const used = [...new Set(assignments.flatMap((row) => textAt(row, 'PermissionSetId') ?? []))];
  const [sets, objectRows, fieldRows] = await Promise.all([
    allRows(context, { object: 'PermissionSet', fields: ALL_DATA, only: `(${ALL_DATA.map(isTrue).join(' OR ')})` }),
    rowsOfObjects(context, 'ObjectPermissions', used, [...deciding], ALL_RECORDS),
    rowsOfObjects(context, 'FieldPermissions', used, named, ['Field']),
  ]);

  const assigned = new Map<string, string[]>();
  for (const row of assignments) {
    const [user, set] = [textAt(row, 'AssigneeId'), textAt(row, 'PermissionSetId')];
    if (user !== null && set !== null) assigned.set(user, [...(assigned.get(user) ?? []), set]);
  }
  const readable = new Map<string, Map<string, { all: boolean }>>();
  for (const row of objectRows) {
    const seesAll = ALL_RECORDS.some((permission) => row[permission] === true);
    const [object, set] = ofObject(row);
    inner(readable, object).set(set, { all: seesAll });
  }
  const fields = new Map<string, Map<string, Set<string>>>();
  for (const row of fieldRows) {
    const [object, set] = ofObject(row);
    // `Account.BillingAddress`
    const field = textAt(row, 'Field')?.split('.').at(-1) ?? '';
    const ofSets = inner(fields, object);
    const known = ofSets.get(set) ?? new Set<string>();
    ofSets.set(set, known.add(field));
  }
  return {
    assigned,
    viewAllData: new Set(sets.map((row) => idAt(row, 'Id', 'PermissionSet'))),
    objects: readable,
    fields,
  };
}

function othersOf(object: string): string[] {
  const right = readRightOf(object);
  return right.kind === 'with' ? [right.object] : [];
}

type Rows = Awaited<ReturnType<typeof allRows>>;

async function rowsOfObjects(
  context: SessionContext,
  from: 'ObjectPermissions' | 'FieldPermissions',
  sets: readonly string[],
  objects: readonly string[],
  fields: readonly string[],
): Promise<Rows> {
  if (sets.length === 0) return [];
  const ofSets = sets.length > NAMED_MAX ? '' : ` AND ${inSoql('ParentId', sets)}`;
  const parts: Rows[] = [];
  for (let at = 0; at < objects.length; at += NAMED_OBJECTS_MAX) {
    const only = `PermissionsRead = true AND ${inSoql('SobjectType', objects.slice(at, at + NAMED_OBJECTS_MAX))}${ofSets}`;
    parts.push(await allRows(context, { object: from, fields: ['ParentId', 'SobjectType', ...fields], only }));
  }
  return parts.flat();
}

const ofObject = (row: Rows[number]): [object: string, set: string] => [
  textAt(row, 'SobjectType') ?? '',
  textAt(row, 'ParentId') ?? '',
];

function inner<Value>(outer: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = outer.get(key) ?? new Map<string, Value>();
  outer.set(key, known);
  return known;
}
