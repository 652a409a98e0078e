import type { JsonObject } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { readPath } from '../../kit/value-path.ts';
import { MAY, MAY_NOT, mayBut, nobodyTells } from '../../write-rights.ts';
import type { WriteRight, WriteRightsQuestion, WriteWish } from '../../write-rights.ts';
import { inSoql, quoted } from '../soql.ts';
import { objectFacts, type ObjectFacts } from './facts.ts';
import { allRows, frozenUsers, queried } from './org-rows.ts';
import { recordAccess, SALESFORCE_ID, type RecordAccess } from './record-access.ts';
import { isActivity, modelOf } from './sharing-model.ts';
import { readRightOf } from './standard-objects.ts';

/**
 * What Salesforce would let one user write, asked now with the connection's
 * credential: four calls for the user's sets, its rights to the object and its
 * fields, and one for each 200 records. Sources: Object Reference,
 * ObjectPermissions, FieldPermissions, PermissionSet, UserRecordAccess
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userrecordaccess.htm).
 * Raises `access_source_refused`.
 */
export async function mayWrite(
  context: SessionContext,
  question: WriteRightsQuestion,
): Promise<readonly WriteRight[] | null> {
  const { user, object, operation, writes, facts } = question;
  const known = objectFacts(facts, object.name);
  if (!SALESFORCE_ID.test(user)) return null;
  const sets = await setsOf(context, user);
  if (sets === null) return null;
  const all = (right: WriteRight): readonly WriteRight[] => writes.map(() => right);
  if (known === null) return all(nobodyTells(`The sharing settings of ${object.label} have not been read yet.`));
  const right = await objectRight(context, question, sets);
  if (right.kind !== 'may') return all(right);
  const editable = await editableFields(context, question, known, sets);
  const asked = writes.flatMap((wish) => recordsIn(wish, { object, known }));
  const access = await recordAccess(context, user, [...new Set(asked.map(({ id }) => id))]);
  return writes.map((wish) => {
    if (typeof wish.values['RecordTypeId'] === 'string') return nobodyTells(RECORD_TYPES);
    const own = wish.recordId === null ? null : (access.get(wish.recordId) ?? NO_ACCESS);
    if (own !== null && !(operation === 'delete' ? own.deletes : own.edits)) return MAY_NOT;
    const closed = Object.keys(wish.values).filter((field) => !editable(field));
    const giving = 'OwnerId' in wish.values && own !== null && !own.transfers ? ['OwnerId'] : [];
    const leading = recordsIn(wish, { object, known }).flatMap(({ field, id, least }) =>
      field === null || access.get(id)?.[least] === true ? [] : [field],
    );
    return mayBut([...new Set([...closed, ...giving, ...leading])]);
  });
}

const RECORD_TYPES = 'Salesforce tells only the user itself which record types it may choose.';

const NO_ACCESS: RecordAccess = { reads: false, edits: false, deletes: false, transfers: false };

interface PermissionSets {
  readonly ids: readonly string[];
  readonly has: (permission: (typeof PERMISSIONS)[number]) => boolean;
}

const PERMISSIONS = ['ModifyAllData', 'EditTask', 'EditEvent'] as const;

/** Null: there is no such user, or it may not sign in; everybody has at least the set of a profile. */
async function setsOf(context: SessionContext, user: string): Promise<PermissionSets | null> {
  const fields = [
    'PermissionSetId',
    'Assignee.IsActive',
    ...PERMISSIONS.map((name) => `PermissionSet.Permissions${name}`),
  ];
  const soql = `SELECT ${fields.join(', ')} FROM PermissionSetAssignment WHERE AssigneeId = ${quoted(user)} AND IsActive = true`;
  const rows = await queried(context, soql, 'PermissionSetAssignment');
  if (!rows.some((row) => readPath(row, 'Assignee.IsActive') === true)) return null;
  if ((await frozenUsers(context, user)).has(user)) return null;
  const has = (row: JsonObject, name: string): boolean => readPath(row, `PermissionSet.Permissions${name}`) === true;
  return {
    ids: rows.flatMap((row) => textAt(row, 'PermissionSetId') ?? []),
    has: (name) => rows.some((row) => has(row, name)),
  };
}

const RIGHTS = { create: 'PermissionsCreate', update: 'PermissionsEdit', delete: 'PermissionsDelete' } as const;

/** To records of the object, whatever the record. Rights of several sets add up. */
async function objectRight(
  context: SessionContext,
  { object, operation }: WriteRightsQuestion,
  sets: PermissionSets,
): Promise<WriteRight> {
  if (sets.has('ModifyAllData')) return MAY;
  if (isActivity(object.name)) return sets.has(object.name === 'Task' ? 'EditTask' : 'EditEvent') ? MAY : MAY_NOT;
  if (readRightOf(object.name).kind !== 'own') {
    return nobodyTells(`Salesforce has no permission that tells who may change ${object.label}.`);
  }
  const only = `SobjectType = ${quoted(object.name)} AND ${RIGHTS[operation]} = true AND ${inSoql('ParentId', sets.ids)}`;
  const rows = await allRows(context, { object: 'ObjectPermissions', fields: ['ParentId'], only });
  return rows.length > 0 ? MAY : MAY_NOT;
}

/** Fields named in one query: they travel in an address. */
const FIELDS_MAX = 60;

/** What field-level security does not cover may be edited with the object; a part goes by its whole. */
async function editableFields(
  context: SessionContext,
  { object, writes }: WriteRightsQuestion,
  { open, parts }: ObjectFacts,
  sets: PermissionSets,
): Promise<(field: string) => boolean> {
  const whole = (field: string): string => (Object.hasOwn(parts, field) ? (parts[field] ?? field) : field);
  const openFields = new Set(open);
  const written = [...new Set(writes.flatMap(({ values }) => Object.keys(values)))];
  const covered = [...new Set(written.map(whole).filter((field) => !openFields.has(field)))];
  if (covered.length === 0) return (field) => openFields.has(whole(field));
  const names = covered.map((field) => `${object.name}.${field}`);
  const named = names.length > FIELDS_MAX ? '' : ` AND ${inSoql('Field', names)}`;
  const only = `SobjectType = ${quoted(object.name)} AND PermissionsEdit = true AND ${inSoql('ParentId', sets.ids)}${named}`;
  const rows = await allRows(context, { object: 'FieldPermissions', fields: ['Field'], only });
  const given = new Set(rows.flatMap((row) => textAt(row, 'Field')?.split('.').at(-1) ?? []));
  return (field) => openFields.has(whole(field)) || given.has(whole(field));
}

interface AskedRecord {
  /** That leads there; null: the record itself. */
  readonly field: string | null;
  readonly id: string;
  readonly least: 'reads' | 'edits';
}

/** Records that decide about a write: the record itself, and those that it would lead to. */
function recordsIn(
  { recordId, values }: WriteWish,
  { object, known }: { readonly object: NativeObject; readonly known: ObjectFacts },
): readonly AskedRecord[] {
  const parents = isActivity(object.name) || modelOf(object.name, known) !== 'by_parent' ? [] : known.parents;
  const own: readonly AskedRecord[] = recordId === null ? [] : [{ field: null, id: recordId, least: 'reads' }];
  return [
    ...own,
    ...object.fields.flatMap(({ name, type, references }): AskedRecord[] => {
      const id = values[name];
      if (
        type !== 'reference' ||
        typeof id !== 'string' ||
        references?.every((each) => SHOWN_TO_ALL.has(each)) === true
      )
        return [];
      // Owners are users and queues, which everybody sees.
      if (id.startsWith('005') || id.startsWith('00G')) return [];
      return [{ field: name, id, least: parents.some(({ field }) => field === name) ? 'edits' : 'reads' }];
    }),
  ];
}

const SHOWN_TO_ALL = new Set(['User', 'Group', 'RecordType', 'CurrencyType', 'BusinessHours']);
