import type { World } from '../../world/index.ts';
import { agentId, GROUP_IDS } from '../ids.ts';
import type { CustomRole } from './custom-roles.ts';

export interface Group {
  readonly id: number;
  readonly name: string;
  /** False: a private group, whose tickets its members see and few others. */
  readonly isPublic: boolean;
  readonly deleted: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** An agent in a group, or a user in an organization. */
export interface Membership {
  readonly id: number;
  readonly user: number;
  /** Group or organization. */
  readonly of: number;
  readonly isDefault: boolean;
  readonly createdAt: string;
}

/** What decides beside the users' own records who sees what. */
export interface AccessStore {
  groups(): readonly Group[];
  group(id: number): Group | null;
  putGroup(group: Omit<Group, 'id'> & { readonly id?: number }): Group;
  roles(): readonly CustomRole[];
  role(id: number): CustomRole | null;
  putRole(role: Omit<CustomRole, 'id'> & { readonly id?: number }): CustomRole;
  groupMemberships(): readonly Membership[];
  groupsOf(user: number): ReadonlySet<number>;
  setGroups(user: number, groups: readonly number[], at: string): void;
  /** Beyond the one that a user's record names. */
  moreOrganizations(): readonly Membership[];
  setMoreOrganizations(user: number, organizations: readonly number[], at: string): void;
}

/** Ids of one kind follow one another with gaps, like Zendesk's. */
function counter(first: number): () => number {
  let next = first;
  return () => {
    next += 20;
    return next;
  };
}

export function createAccessStore(world: World, names: readonly [string, string], since: string): AccessStore {
  const ids = {
    group: counter(GROUP_IDS[1]),
    role: counter(360_000_271_857),
    membership: counter(360_018_004_117),
    organization: counter(361_550_004_117),
  };
  const groups = new Map<number, Group>(
    GROUP_IDS.map((id, place) => [
      id,
      { id, name: names[place] ?? '', isPublic: true, deleted: false, createdAt: since, updatedAt: since },
    ]),
  );
  const roles = new Map<number, CustomRole>();
  const inGroups = new Map<number, readonly Membership[]>();
  const inOrganizations = new Map<number, readonly Membership[]>();
  const memberships = (user: number, of: readonly number[], at: string, id: () => number): readonly Membership[] =>
    of.map((each, place) => ({ id: id(), user, of: each, isDefault: place === 0, createdAt: at }));
  for (let user = 0; user < world.counts.users; user += 1) {
    const home = GROUP_IDS[user % 2 === 0 ? 0 : 1];
    inGroups.set(agentId(user), memberships(agentId(user), [home], since, ids.membership));
  }
  return {
    groups: () => [...groups.values()],
    group: (id) => groups.get(id) ?? null,
    putGroup: (given) => {
      const group = { ...given, id: given.id ?? ids.group() };
      groups.set(group.id, group);
      return group;
    },
    roles: () => [...roles.values()],
    role: (id) => roles.get(id) ?? null,
    putRole: (given) => {
      const role = { ...given, id: given.id ?? ids.role() };
      roles.set(role.id, role);
      return role;
    },
    groupMemberships: () => [...inGroups.values()].flat().toSorted((a, b) => a.id - b.id),
    groupsOf: (user) => new Set((inGroups.get(user) ?? []).map(({ of }) => of)),
    setGroups: (user, wanted, at) => {
      const kept = (inGroups.get(user) ?? []).filter(({ of }) => wanted.includes(of));
      const fresh = wanted.filter((of) => !kept.some((known) => known.of === of));
      inGroups.set(user, [...kept, ...memberships(user, fresh, at, ids.membership)]);
    },
    moreOrganizations: () => [...inOrganizations.values()].flat(),
    setMoreOrganizations: (user, wanted, at) => {
      const made = memberships(user, wanted, at, ids.organization);
      inOrganizations.set(
        user,
        made.map((each) => ({ ...each, isDefault: false })),
      );
    },
  };
}
