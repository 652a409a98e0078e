import type { SandboxUser } from '../../kit/index.ts';
import { assignmentOf, type Group, type SharingState } from './state.ts';

/** Whom a grant to a user or a group reaches. Worked out once per version of the state. */
export interface Reach {
  /** Users (ids) that are in a group, through other groups as well; of a user only the user. */
  members(grantee: string): ReadonlySet<string>;
  /** Ids of users and groups whose grants reach a user; `hierarchy`: also from below in the role hierarchy. */
  of(user: string, hierarchy: boolean): ReadonlySet<string>;
}

export function createReach(state: SharingState): () => Reach {
  let version = -1;
  let known: Reach | null = null;
  return () => {
    if (known !== null && version === state.version) return known;
    version = state.version;
    known = reachOf(state);
    return known;
  };
}

function reachOf(state: SharingState): Reach {
  const people = byRole(state);
  const bosses = bossesOf(state, people);
  const groups = new Map(state.groups.map((group) => [group.id, group]));
  const memo = new Map<string, ReadonlySet<string>>();
  const members = (grantee: string): ReadonlySet<string> => {
    const known = memo.get(grantee);
    if (known !== undefined) return known;
    const group = groups.get(grantee);
    const fresh = group === undefined ? new Set([grantee]) : new Set<string>();
    // Set before going down, so that groups in a ring come to an end.
    memo.set(grantee, fresh);
    if (group !== undefined) for (const member of directMembers(state, group, people, members)) fresh.add(member);
    return fresh;
  };
  const reached = { with: new Map<string, Set<string>>(), without: new Map<string, Set<string>>() };
  const note = (map: Map<string, Set<string>>, user: string, grantee: string): void => {
    const known = map.get(user);
    if (known === undefined) map.set(user, new Set([grantee]));
    else known.add(grantee);
  };
  const grantees = [...state.users.map((user) => user.id), ...groups.keys()];
  for (const grantee of grantees) {
    const passesUp = groups.get(grantee)?.includeBosses ?? true;
    for (const member of members(grantee)) {
      note(reached.without, member, grantee);
      note(reached.with, member, grantee);
      if (passesUp) for (const boss of bosses(member)) note(reached.with, boss, grantee);
    }
  }
  return {
    members,
    of: (user, hierarchy) => (hierarchy ? reached.with : reached.without).get(user) ?? new Set(),
  };
}

function* directMembers(
  state: SharingState,
  group: Group,
  people: ReadonlyMap<string, readonly SandboxUser[]>,
  members: (grantee: string) => ReadonlySet<string>,
): Iterable<string> {
  switch (group.type) {
    case 'Organization':
      for (const user of state.users) yield user.id;
      return;
    case 'Role':
      for (const user of people.get(group.role ?? '') ?? []) yield user.id;
      return;
    case 'RoleAndSubordinates':
    case 'RoleAndSubordinatesInternal':
      for (const role of [group.role ?? '', ...rolesBelow(state, group.role ?? '')])
        for (const user of people.get(role) ?? []) yield user.id;
      return;
    case 'Regular':
    case 'Queue':
      for (const member of group.members.keys()) yield* members(member);
  }
}

function byRole(state: SharingState): ReadonlyMap<string, readonly SandboxUser[]> {
  const people = new Map<string, SandboxUser[]>();
  for (const user of state.users) {
    const { role } = assignmentOf(state, user);
    if (role !== null) people.set(role, [...(people.get(role) ?? []), user]);
  }
  return people;
}

function rolesBelow(state: SharingState, role: string): readonly string[] {
  const direct = state.roles.filter(({ parent }) => parent === role).map(({ name }) => name);
  return direct.flatMap((name) => [name, ...rolesBelow(state, name)]);
}

/** Ids of the users whose role stands above a user's. */
function bossesOf(
  state: SharingState,
  people: ReadonlyMap<string, readonly SandboxUser[]>,
): (user: string) => readonly string[] {
  const parents = new Map(state.roles.map(({ name, parent }) => [name, parent]));
  const memo = new Map<string, readonly string[]>();
  const ofRole = (role: string): readonly string[] => {
    const known = memo.get(role);
    if (known !== undefined) return known;
    const parent = parents.get(role) ?? null;
    const fresh = parent === null ? [] : [...(people.get(parent) ?? []).map((user) => user.id), ...ofRole(parent)];
    memo.set(role, fresh);
    return fresh;
  };
  const roleOf = new Map([...people].flatMap(([role, users]) => users.map((user) => [user.id, role] as const)));
  return (user) => {
    const role = roleOf.get(user);
    return role === undefined ? [] : ofRole(role);
  };
}
