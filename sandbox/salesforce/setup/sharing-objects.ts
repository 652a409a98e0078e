import { field, readOnly, reference, type FieldDef, type FieldExtra } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';

const fixed: FieldExtra = { createable: false, updateable: false };
const id = field('Id', 'Record ID', 'id');
const name = field('Name', 'Name', 'string', { length: 80, nameField: true, nillable: false });

function setup(object: string, label: string, keyPrefix: string, fields: readonly FieldDef[]): ObjectDef {
  return {
    name: object,
    label,
    plural: `${label}s`,
    keyPrefix,
    sort: 'standard',
    queryable: true,
    writable: false,
    fields: [id, ...fields, field('SystemModstamp', 'System Modstamp', 'datetime', readOnly)],
  };
}

/** By which an org tells what its users may see (Object Reference, each under its name). */
export const sharingObjects: readonly ObjectDef[] = [
  setup('Profile', 'Profile', '00e', [name]),
  setup('UserRole', 'Role', '00E', [name, field('DeveloperName', 'Developer Name', 'string', { length: 80 })]),
  setup('PermissionSet', 'Permission Set', '0PS', [
    name,
    field('Label', 'Permission Set Label', 'string', { length: 80 }),
    field('IsOwnedByProfile', 'Is Owned By Profile', 'boolean', readOnly),
    reference('ProfileId', 'Profile ID', 'Profile', null, fixed),
    field('PermissionsViewAllData', 'View All Data', 'boolean', readOnly),
    field('PermissionsModifyAllData', 'Modify All Data', 'boolean', readOnly),
  ]),
  setup('PermissionSetAssignment', 'Permission Set Assignment', '0Pa', [
    reference('PermissionSetId', 'Permission Set ID', 'PermissionSet', 'Assignments', fixed),
    reference('AssigneeId', 'Assignee ID', 'User', 'PermissionSetAssignments', fixed),
  ]),
  setup('Group', 'Group', '00G', [
    name,
    field('DeveloperName', 'Developer Name', 'string', { length: 80 }),
    field('Type', 'Type', 'picklist', { picklist: ['Regular', 'Role', 'Queue'] }),
  ]),
  setup('GroupMember', 'Group Member', '011', [
    reference('GroupId', 'Group ID', 'Group', 'GroupMembers', fixed),
    reference('UserOrGroupId', 'User/Group ID', 'User', null, fixed),
  ]),
];
