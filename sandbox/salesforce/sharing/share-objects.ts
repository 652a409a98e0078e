import { field, readOnly, reference, type FieldDef, type FieldExtra } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { furtherSetupObjects, userRecordAccess } from './setup-objects.ts';
import { isShareable, shareName, sharePrefix } from './objects.ts';

const fixed: FieldExtra = { createable: false, updateable: false, nillable: false };
const CAUSES = ['Owner', 'Manual', 'Rule', 'ImplicitChild', 'ImplicitParent', 'Team'];

/** Names of the fields of a Share object: older standard objects name the record in them, all others do not. */
export interface ShareFields {
  readonly record: string;
  readonly access: string;
}

const OLDER: ReadonlySet<string> = new Set(['Account', 'Contact', 'Opportunity', 'Case', 'Lead', 'Campaign']);

export function shareFields(object: string): ShareFields {
  return OLDER.has(object)
    ? { record: `${object}Id`, access: `${object}AccessLevel` }
    : { record: 'ParentId', access: 'AccessLevel' };
}

/** Share objects of an org's objects (Object Reference, "AccountShare", "ContactShare", ..., "StandardObjectNameShare"). */
function shareObjects(objects: readonly ObjectDef[]): readonly ObjectDef[] {
  return objects.filter(isShareable).map((object): ObjectDef => {
    const { record, access } = shareFields(object.name);
    const level = (name: string, picklist: readonly string[]): FieldDef =>
      field(name, name.replaceAll(/(?<=.)([A-Z])/g, ' $1'), 'picklist', { ...fixed, picklist });
    const below = object.name === 'Account' ? ['Opportunity', 'Case', 'Contact'] : [];
    return {
      name: shareName(object.name),
      label: `${object.label} Share`,
      plural: `${object.label} Shares`,
      keyPrefix: sharePrefix(object.name),
      sort: 'standard',
      queryable: true,
      writable: false,
      fields: [
        field('Id', 'Record ID', 'id'),
        reference(record, `${object.label} ID`, object.name, 'Shares', fixed),
        reference('UserOrGroupId', 'User/Group ID', ['Group', 'User'], null, fixed),
        level(access, ['Read', 'Edit', 'All']),
        ...below.map((name) => level(`${name}AccessLevel`, ['None', 'Read', 'Edit'])),
        level('RowCause', CAUSES),
        field('LastModifiedDate', 'Last Modified Date', 'datetime', readOnly),
        reference('LastModifiedById', 'Last Modified By ID', 'User', null, readOnly),
        field('IsDeleted', 'Deleted', 'boolean', readOnly),
      ],
    };
  });
}

/** Objects whose records the platform works out from others: shares, permissions, access. */
export function derivedObjects(objects: readonly ObjectDef[]): readonly ObjectDef[] {
  return [...furtherSetupObjects, userRecordAccess, ...shareObjects(objects)];
}
