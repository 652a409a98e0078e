import type { SandboxUser } from '../../kit/index.ts';
import { groupId, NO_CHILDREN, roleId, type GroupType, type RightSet, type SharingState } from './state.ts';

const ADMIN = 'System Administrator';
const PROFILES = [ADMIN, 'Standard User', 'Minimum Access'];
/** Permission sets beside those that profiles own; `Integration` lets everything be seen: "View All Data". */
const SETS = ['Integration', 'Sales_Reports'];
const ROLES = ['CEO', 'Sales', 'Support'];
const GROUPS = ['Deal_Desk', 'Escalations'];

/** An org in which everybody sees everything: public objects, three roles that are not above each other. */
export function initialState(users: readonly SandboxUser[], bornMs: number): SharingState {
  const state: SharingState = {
    users,
    bornMs,
    version: 1,
    changedMs: bornMs,
    models: new Map(),
    withoutHierarchy: new Set(),
    roles: [],
    groups: [],
    rules: [],
    shares: new Map(),
    team: new Map(),
    sets: [],
    assignments: new Map(
      users.map(({ username, role }) => [
        username,
        { profile: role === 'admin' ? ADMIN : 'Standard User', role: ROLES[1] ?? null, permissionSets: [] },
      ]),
    ),
    restricted: new Map(),
    keepRemoved: true,
    implicitChild: false,
  };
  for (const name of PROFILES) addSet(state, { name, isProfile: true, fieldBase: 'all', others: 'read' });
  for (const name of SETS) addSet(state, { name, isProfile: false, fieldBase: 'none', others: 'none' });
  for (const set of state.sets) {
    set.viewAllData = set.name === ADMIN || set.name === 'Integration';
    set.modifyAllData = set.name === ADMIN;
    set.viewSetup = set.name === ADMIN;
  }
  for (const name of GROUPS) addGroup(state, { name, type: 'Regular', role: null }, bornMs);
  addGroup(state, { name: 'AllInternalUsers', type: 'Organization', role: null }, bornMs);
  for (const name of ROLES) addRole(state, { name, parent: null }, bornMs);
  return state;
}

export function addSet(
  state: SharingState,
  set: Pick<RightSet, 'name' | 'isProfile' | 'fieldBase' | 'others'>,
): RightSet {
  const fresh: RightSet = {
    ...set,
    index: state.sets.length,
    objects: new Map(),
    writes: new Map(),
    fields: new Set(),
    readOnly: new Set(),
    editActivities: set.isProfile,
    viewAllData: false,
    modifyAllData: false,
    viewSetup: false,
  };
  state.sets.push(fresh);
  return fresh;
}

export function addGroup(
  state: SharingState,
  group: { readonly name: string; readonly type: GroupType; readonly role: string | null },
  atMs: number,
): string {
  const id = groupId(state.groups.length);
  state.groups.push({ ...group, id, includeBosses: true, members: new Map(), modifiedMs: atMs });
  return id;
}

/** A role comes with the groups that stand for it in shares. */
export function addRole(
  state: SharingState,
  role: { readonly name: string; readonly parent: string | null },
  atMs: number,
): void {
  state.roles.push({ ...role, id: roleId(state.roles.length), children: NO_CHILDREN, modifiedMs: atMs });
  for (const type of ['Role', 'RoleAndSubordinates', 'RoleAndSubordinatesInternal'] as const)
    addGroup(state, { name: role.name, type, role: role.name }, atMs);
}
