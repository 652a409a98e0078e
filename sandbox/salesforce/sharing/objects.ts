import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { ChildLevels } from './state.ts';

/** Standard objects that have a sharing model of their own, with the prefix of the ids of their share rows. */
const STANDARD: Readonly<Record<string, string>> = {
  Account: '00r',
  Contact: '03s',
  Opportunity: '00t',
  Case: '01n',
  Lead: '01o',
  Campaign: '08s',
};
/** Share rows of all custom objects have ids of one kind. */
const CUSTOM_PREFIX = '02c';

/** Objects below an account whose access may follow from a grant on the account, and how the grant tells. */
export const CHILDREN_OF_ACCOUNT: Readonly<Record<string, keyof ChildLevels>> = {
  Opportunity: 'opportunity',
  Case: 'case',
  Contact: 'contact',
};

export const isActivity = (name: string): boolean => name === 'Task' || name === 'Event';

/** The field by which a record belongs to its master; undefined where the object is no detail. */
export function masterField(object: ObjectDef): FieldDef | undefined {
  return object.sort === 'custom' ? object.fields.find((field) => field.cascadeDelete && field.custom) : undefined;
}

/** Objects with share rows: records have owners, and are no details. */
export function isShareable(object: ObjectDef): boolean {
  if (STANDARD[object.name] !== undefined) return true;
  return object.sort === 'custom' && masterField(object) === undefined && hasOwner(object);
}

function hasOwner(object: ObjectDef): boolean {
  return object.fields.some((field) => field.storage === 'OwnerId');
}

/** Objects that profiles and permission sets give rights to; others everybody may read. */
export function isGoverned(object: ObjectDef): boolean {
  return STANDARD[object.name] !== undefined || object.sort === 'custom';
}

/** Activities share their fields' security; users and setup have none here. */
export function hasFieldSecurity(object: ObjectDef): boolean {
  return isGoverned(object) || isActivity(object.name);
}

export function shareName(object: string): string {
  return object.endsWith('__c') ? object.replace(/__c$/, '__Share') : `${object}Share`;
}

export function sharePrefix(object: string): string {
  return STANDARD[object] ?? CUSTOM_PREFIX;
}

/** What "permissionable" means: fields of other kinds everybody may read who may read the object. */
const ALWAYS: ReadonlySet<string> = new Set([
  'Id',
  'CreatedById',
  'CreatedDate',
  'IsDeleted',
  'LastModifiedById',
  'LastModifiedDate',
  'SystemModstamp',
  'OwnerId',
  // Parts of a person's name, which is required.
  'FirstName',
  'Salutation',
]);

/**
 * Whether field-level security can be set for a field (Object Reference,
 * "FieldPermissions"): not for system fields, names, required fields and
 * master-detail fields. Parts of a compound have none of their own either.
 */
export function isPermissionable(field: FieldDef): boolean {
  if (ALWAYS.has(field.storage) || field.compound !== null || field.nameField) return false;
  if (field.type === 'boolean') return true;
  if (field.cascadeDelete && field.custom) return false;
  return field.nillable || field.calculated || field.autoNumber;
}

/** The field whose field-level security counts: of a part the whole. Null where nothing can hide it. */
export function governing(field: FieldDef, fields: readonly FieldDef[]): FieldDef | null {
  const whole = field.compound === null ? field : fields.find((one) => one.storage === field.compound);
  return whole !== undefined && isPermissionable(whole) ? whole : null;
}
