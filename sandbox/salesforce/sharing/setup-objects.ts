import { field, readOnly, reference, type FieldDef, type FieldExtra } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { CHILD_ACCESS } from './state.ts';

const fixed: FieldExtra = { createable: false, updateable: false };
const id = field('Id', 'Record ID', 'id');
const name = field('Name', 'Name', 'string', { length: 80, nameField: true, nillable: false });
const developerName = field('DeveloperName', 'Developer Name', 'string', { length: 80 });
const flag = (api: string, label: string): FieldDef => field(api, label, 'boolean', readOnly);
const levels = { ...fixed, picklist: [...CHILD_ACCESS] };

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
export const setupSharingObjects: readonly ObjectDef[] = [
  setup('Profile', 'Profile', '00e', [name]),
  setup('UserRole', 'Role', '00E', [
    name,
    developerName,
    reference('ParentRoleId', 'Parent Role ID', 'UserRole', null, fixed),
    field('OpportunityAccessForAccountOwner', 'Opportunity Access Level for Account Owner', 'picklist', levels),
    field('CaseAccessForAccountOwner', 'Case Access Level for Account Owner', 'picklist', levels),
    field('ContactAccessForAccountOwner', 'Contact Access Level for Account Owner', 'picklist', levels),
  ]),
  setup('PermissionSet', 'Permission Set', '0PS', [
    name,
    field('Label', 'Permission Set Label', 'string', { length: 80 }),
    field('Type', 'Type', 'picklist', { ...fixed, picklist: ['Profile', 'Regular'] }),
    flag('IsOwnedByProfile', 'Is Owned By Profile'),
    reference('ProfileId', 'Profile ID', 'Profile', null, fixed),
    flag('PermissionsViewAllData', 'View All Data'),
    flag('PermissionsModifyAllData', 'Modify All Data'),
    flag('PermissionsViewSetup', 'View Setup and Configuration'),
    flag('PermissionsEditTask', 'Edit Tasks'),
    flag('PermissionsEditEvent', 'Edit Events'),
  ]),
  setup('PermissionSetAssignment', 'Permission Set Assignment', '0Pa', [
    reference('PermissionSetId', 'Permission Set ID', 'PermissionSet', 'Assignments', fixed),
    reference('AssigneeId', 'Assignee ID', 'User', 'PermissionSetAssignments', fixed),
    flag('IsActive', 'Active'),
  ]),
  setup('Group', 'Group', '00G', [
    name,
    developerName,
    reference('RelatedId', 'Related ID', ['User', 'UserRole'], null, fixed),
    field('Type', 'Type', 'picklist', {
      picklist: ['Regular', 'Role', 'RoleAndSubordinates', 'RoleAndSubordinatesInternal', 'Organization', 'Queue'],
    }),
    flag('DoesIncludeBosses', 'Grant Access Using Hierarchies'),
  ]),
  setup('GroupMember', 'Group Member', '011', [
    reference('GroupId', 'Group ID', 'Group', 'GroupMembers', fixed),
    reference('UserOrGroupId', 'User/Group ID', ['Group', 'User'], null, fixed),
  ]),
];

/** The same, added at the end of an org's list of objects. */
export const furtherSetupObjects: readonly ObjectDef[] = [
  setup('ObjectPermissions', 'Object Permissions', '110', [
    reference('ParentId', 'Parent ID', 'PermissionSet', 'ObjectPerms', fixed),
    field('SobjectType', 'Object Type Name', 'picklist', fixed),
    ...['Create', 'Read', 'Edit', 'Delete', 'ViewAllRecords', 'ModifyAllRecords'].map((right) =>
      flag(`Permissions${right}`, right),
    ),
  ]),
  setup('FieldPermissions', 'Field Permissions', '01k', [
    reference('ParentId', 'Parent ID', 'PermissionSet', 'FieldPerms', fixed),
    field('SobjectType', 'Object Type Name', 'picklist', fixed),
    field('Field', 'Field Name', 'picklist', fixed),
    flag('PermissionsRead', 'Read'),
    flag('PermissionsEdit', 'Edit'),
  ]),
  setup('QueueSobject', 'Queue Sobject', '03g', [
    reference('QueueId', 'Group ID', 'Group', 'QueueSobjects', fixed),
    field('SobjectType', 'Sobject Type', 'picklist', fixed),
  ]),
];

/** A user's access to records; asked for users and records by name, never listed. */
export const userRecordAccess: ObjectDef = {
  ...setup('UserRecordAccess', 'User Record Access', '0Ur', []),
  fields: [
    id,
    reference('UserId', 'User ID', 'User', null, fixed),
    field('RecordId', 'Record ID', 'id', fixed),
    flag('HasReadAccess', 'Has Read Access'),
    flag('HasEditAccess', 'Has Edit Access'),
    flag('HasDeleteAccess', 'Has Delete Access'),
    flag('HasTransferAccess', 'Has Transfer Access'),
    flag('HasAllAccess', 'Has All Access'),
    field('MaxAccessLevel', 'Max Access Level', 'picklist', {
      ...fixed,
      picklist: ['None', 'Read', 'Edit', 'Delete', 'Transfer', 'All'],
    }),
  ],
};
