import { ControlError, type SandboxUser } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { findUser, list, oneOf, record, text, type Input } from './control-input.ts';
import { assignmentOf, type SharingState } from './state.ts';

/** Gives a user a profile, role, permission sets and groups, sets it inactive, or puts records out of its sight. */
export function assignUser(org: Org, input: Input, nowMs: number): unknown {
  const { state } = org.sharing;
  const user = findUser(state, input['user']);
  const given = assignmentOf(state, user);
  const profiles = state.sets.filter((set) => set.isProfile).map(({ name }) => name);
  const sets = state.sets.filter((set) => !set.isProfile).map(({ name }) => name);
  if (input['profile'] !== undefined) given.profile = oneOf(input['profile'], profiles, 'profile');
  if (input['role'] !== undefined) given.role = roleOf(state, input['role']);
  if (input['permissionSets'] !== undefined)
    given.permissionSets = list(input['permissionSets'], 'permissionSets').map((one) =>
      oneOf(one, sets, 'permission set'),
    );
  if (input['groups'] !== undefined) setGroups(state, user, input['groups'], nowMs);
  if (typeof input['active'] === 'boolean') setActive(user, input['active']);
  restrict(state, user, input);
  const row = org.table('User').rowOf(user.id);
  if (row !== null) org.table('User').update(row, new Map(), { nowMs, userId: org.users[0]?.id ?? '' });
  return { ...given, groups: groupsOf(state, user), active: user.active };
}

function roleOf(state: SharingState, role: unknown): string | null {
  return role === null
    ? null
    : oneOf(
        role,
        state.roles.map(({ name }) => name),
        'role',
      );
}

/** Everybody holds the same object: sessions of somebody who left end with it. */
function setActive(user: SandboxUser, active: boolean): void {
  (user as { active: boolean }).active = active;
}

function groupsOf(state: SharingState, user: SandboxUser): readonly string[] {
  return state.groups.filter(({ type, members }) => type === 'Regular' && members.has(user.id)).map(({ name }) => name);
}

function setGroups(state: SharingState, user: SandboxUser, input: unknown, nowMs: number): void {
  const regular = state.groups.filter(({ type }) => type === 'Regular');
  const wanted = new Set(
    list(input, 'groups').map((one) =>
      oneOf(
        one,
        regular.map(({ name }) => name),
        'group',
      ),
    ),
  );
  for (const { name, members } of regular) {
    if (!wanted.has(name)) members.delete(user.id);
    else if (!members.has(user.id)) members.set(user.id, nowMs);
  }
}

/** The doing of a restriction rule, which users without "View Setup" are not told of. */
function restrict(state: SharingState, user: SandboxUser, { restrict: hidden, unrestrict }: Input): void {
  if (typeof unrestrict === 'string') state.restricted.delete(`${user.username} ${unrestrict}`);
  if (hidden === undefined) return;
  const { object, ids } = record(hidden, 'restrict');
  if (typeof object !== 'string' || !Array.isArray(ids)) throw new ControlError('restrict wants {object, ids}');
  state.restricted.set(`${user.username} ${text(object, 'object')}`, new Set(ids.map(String)));
}

/** What `sharing {}` answers: names and ids of everything that is set up. */
export function describeState(org: Org): unknown {
  const { state } = org.sharing;
  return {
    users: state.users.map((user) => ({
      id: user.id,
      username: user.username,
      active: user.active,
      ...assignmentOf(state, user),
      groups: groupsOf(state, user),
    })),
    roles: state.roles,
    groups: state.groups.map((group) => ({ ...group, members: [...group.members.keys()] })),
    rules: state.rules,
    profiles: state.sets.filter((set) => set.isProfile).map(({ name }) => name),
    permissionSets: state.sets.filter((set) => !set.isProfile).map(({ name }) => name),
    models: Object.fromEntries(org.schema.objects().map(({ name }) => [name, org.sharing.model(name)])),
  };
}
