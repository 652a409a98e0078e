import { salesforceId } from '../../world/index.ts';
import type { LiveRow } from '../rows/live-table.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { hasFieldSecurity, isGoverned, isPermissionable } from './objects.ts';
import { rightOf, setEditsField, setShowsField, setWrites, type Rights } from './rights.ts';
import { OBJECT_RIGHTS, profileId, setId, type Group, type RightSet, type SharingState } from './state.ts';

/** Room for so many members of a group, sets of a user, objects and fields in the numbers that ids are made of. */
const ROOM = 10_000;

type Values = Readonly<Record<string, Value>>;

/** Records of the objects that tell of sharing and permissions, by object. Worked out when asked for. */
export function setupLiveRows(
  state: SharingState,
  schema: Schema,
  rights: Rights,
): ReadonlyMap<string, () => readonly LiveRow[]> {
  const row = (id: string, values: Values, atMs = state.bornMs): LiveRow => ({
    id,
    createdMs: atMs,
    modifiedMs: atMs,
    deleted: false,
    values,
  });
  const assignments = (): readonly LiveRow[] =>
    state.users.flatMap((user, at) =>
      rights.setsOf(user).map((set) =>
        row(salesforceId('0Pa', at * ROOM + set.index), {
          AssigneeId: user.id,
          PermissionSetId: setId(set.index),
          IsActive: true,
        }),
      ),
    );
  const members = (): readonly LiveRow[] =>
    state.groups.flatMap((group, at) =>
      [...group.members]
        .map(([member, sinceMs]) => ({ member, sinceMs, place: placeOf(member) }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ member, sinceMs, place }) =>
          row(salesforceId('011', at * 2 * ROOM + place), { GroupId: group.id, UserOrGroupId: member }, sinceMs),
        ),
    );
  const placeOf = (member: string): number => {
    const user = state.users.findIndex((one) => one.id === member);
    return user >= 0 ? user : ROOM + state.groups.findIndex((group) => group.id === member);
  };
  const forSets = (make: (set: RightSet) => readonly LiveRow[]): readonly LiveRow[] => state.sets.flatMap(make);
  const profiles = (): readonly RightSet[] => state.sets.filter((set) => set.isProfile);
  const kept = keep(state, schema);

  return new Map<string, () => readonly LiveRow[]>([
    ['Profile', kept(() => profiles().map((set) => row(profileId(set.index), { Name: set.name })))],
    ['UserRole', kept(() => state.roles.map((role) => row(role.id, roleValues(state, role.name), role.modifiedMs)))],
    ['PermissionSet', kept(() => forSets((set) => [row(setId(set.index), setValues(set))]))],
    ['PermissionSetAssignment', kept(assignments)],
    ['Group', kept(() => state.groups.map((group) => row(group.id, groupValues(state, group), group.modifiedMs)))],
    ['GroupMember', kept(members)],
    ['ObjectPermissions', kept(() => forSets((set) => objectRows(set, schema, row)).toSorted(byId))],
    ['FieldPermissions', kept(() => forSets((set) => fieldRows(set, schema, row)))],
    ['QueueSobject', kept(() => queueRows(state, schema, row))],
  ]);
}

type MakeRow = (id: string, values: Values) => LiveRow;

/** Keeps a list until the state or the schema changes. */
function keep(state: SharingState, schema: Schema) {
  return (make: () => readonly LiveRow[]): (() => readonly LiveRow[]) => {
    let version = -1;
    let objects: readonly ObjectDef[] = [];
    let rows: readonly LiveRow[] = [];
    return () => {
      const now = schema.objects();
      const same =
        version === state.version && now.length === objects.length && now.every((one, at) => one === objects[at]);
      if (same) return rows;
      version = state.version;
      objects = now;
      rows = make();
      return rows;
    };
  };
}

function roleValues(state: SharingState, name: string): Values {
  const role = state.roles.find((one) => one.name === name);
  const parent = state.roles.find((one) => one.name === role?.parent);
  return {
    Name: name,
    DeveloperName: name.replaceAll(/\W+/g, '_'),
    ParentRoleId: parent?.id ?? null,
    OpportunityAccessForAccountOwner: role?.children.opportunity ?? null,
    CaseAccessForAccountOwner: role?.children.case ?? null,
    ContactAccessForAccountOwner: role?.children.contact ?? null,
  };
}

function setValues(set: RightSet): Values {
  return {
    Name: set.isProfile ? `X_${set.name}` : set.name,
    Label: set.name.replaceAll('_', ' '),
    Type: set.isProfile ? 'Profile' : 'Regular',
    IsOwnedByProfile: set.isProfile,
    ProfileId: set.isProfile ? profileId(set.index) : null,
    PermissionsViewAllData: set.viewAllData || set.modifyAllData,
    PermissionsModifyAllData: set.modifyAllData,
    PermissionsViewSetup: set.viewSetup,
    PermissionsEditTask: set.editActivities || set.modifyAllData,
    PermissionsEditEvent: set.editActivities || set.modifyAllData,
  };
}

function groupValues(state: SharingState, group: Group): Values {
  return {
    Name: group.type === 'Organization' ? 'All Internal Users' : group.name,
    DeveloperName: group.name.replaceAll(/\W+/g, '_'),
    Type: group.type,
    RelatedId: state.roles.find((role) => role.name === group.role)?.id ?? null,
    // Means something for public groups and queues only.
    DoesIncludeBosses: (group.type === 'Regular' || group.type === 'Queue') && group.includeBosses,
  };
}

function objectRows(set: RightSet, schema: Schema, row: MakeRow): readonly LiveRow[] {
  return schema.objects().flatMap((object, at) => {
    const right = rightOf(set, object.name);
    if (!isGoverned(object) || right === 'none') return [];
    const strength = OBJECT_RIGHTS.indexOf(right);
    // What follows from "Modify All Data" is not stored: its id says so.
    const prefix = set.modifyAllData ? '000' : '110';
    return row(salesforceId(prefix, set.index * ROOM + at), {
      ParentId: setId(set.index),
      SobjectType: object.name,
      PermissionsRead: true,
      PermissionsCreate: setWrites(set, object, 'create'),
      PermissionsEdit: setWrites(set, object, 'edit'),
      PermissionsDelete: setWrites(set, object, 'delete'),
      PermissionsViewAllRecords: strength >= OBJECT_RIGHTS.indexOf('viewAll'),
      PermissionsModifyAllRecords: right === 'modifyAll',
    });
  });
}

function fieldRows(set: RightSet, schema: Schema, row: MakeRow): readonly LiveRow[] {
  return schema.objects().flatMap((object, at) =>
    !hasFieldSecurity(object)
      ? []
      : object.fields.flatMap((field, place) =>
          isPermissionable(field) && setShowsField(set, object, field)
            ? row(salesforceId('01k', (set.index * ROOM + at) * ROOM + place), {
                ParentId: setId(set.index),
                SobjectType: object.name,
                Field: `${object.name}.${field.name}`,
                PermissionsRead: true,
                PermissionsEdit: isUpdateable(object, field) && setEditsField(set, object, field),
              })
            : [],
        ),
  );
}

/** What has parts has the right to them; itself it is never written. */
function isUpdateable({ fields }: ObjectDef, field: FieldDef): boolean {
  return field.updateable || fields.some((part) => part.compound === field.storage && part.updateable);
}

function queueRows(state: SharingState, schema: Schema, row: MakeRow): readonly LiveRow[] {
  const owned = schema.objects().flatMap((object) => {
    const owner = object.fields.find((field) => field.storage === 'OwnerId');
    return object.name === 'Case' || object.name === 'Lead' || (object.sort === 'custom' && owner !== undefined)
      ? [object]
      : [];
  });
  return state.groups.flatMap((group, at) =>
    group.type === 'Queue'
      ? owned.map((object, place) =>
          row(salesforceId('03g', at * ROOM + place), { QueueId: group.id, SobjectType: object.name }),
        )
      : [],
  );
}

function byId(a: LiveRow, b: LiveRow): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
