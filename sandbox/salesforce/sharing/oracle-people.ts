import type { SandboxUser } from '../../kit/index.ts';
import { assignmentOf, type Group, type SharingState } from './state.ts';

/** Sections "Role hierarchy" and "Groups", for one user. */
export interface OraclePeople {
  /** Role of a user by id; null: none, or no user. */
  roleOf(id: string): string | null;
  /** Whether a user is in a group, or is what is named. */
  belongs(id: string, grantee: string): boolean;
  /** Whether a grant to this user or group is meant for the user. */
  meant(grantee: string | null, hierarchy: boolean): boolean;
}

export function oraclePeople(state: SharingState, user: SandboxUser): OraclePeople {
  const roles = new Map(state.users.map((one) => [one.id, assignmentOf(state, one).role]));
  const roleOf = (id: string): string | null => roles.get(id) ?? null;
  const parents = new Map(state.roles.map(({ name, parent }) => [name, parent ?? null]));
  const parentOf = (role: string | null): string | null => (role === null ? null : (parents.get(role) ?? null));
  const isBelow = (role: string | null, top: string | null): boolean => {
    for (let at = parentOf(role); at !== null; at = parentOf(at)) if (at === top) return true;
    return false;
  };
  const groups = new Map(state.groups.map((group) => [group.id, group]));
  const inGroup = (group: Group, id: string, seen: readonly string[]): boolean => {
    const role = roleOf(id);
    switch (group.type) {
      case 'Organization':
        return true;
      case 'Role':
        return role !== null && role === group.role;
      case 'RoleAndSubordinates':
      case 'RoleAndSubordinatesInternal':
        return role !== null && (role === group.role || isBelow(role, group.role));
      case 'Regular':
      case 'Queue':
        return [...group.members.keys()].some((member) => {
          if (member === id) return true;
          const inner = groups.get(member);
          return inner !== undefined && !seen.includes(member) && inGroup(inner, id, [...seen, member]);
        });
    }
  };
  const belongs = (id: string, grantee: string): boolean => {
    const group = groups.get(grantee);
    return group === undefined ? id === grantee : inGroup(group, id, [grantee]);
  };
  const ownRole = assignmentOf(state, user).role;
  const below = ownRole === null ? [] : state.users.filter(({ id }) => isBelow(roleOf(id), ownRole));
  const memo = new Map<string, boolean>();
  return {
    roleOf,
    belongs,
    meant: (grantee, hierarchy) => {
      if (grantee === null) return false;
      const key = `${grantee} ${String(hierarchy)}`;
      const known = memo.get(key);
      if (known !== undefined) return known;
      const passesUp = hierarchy && (groups.get(grantee)?.includeBosses ?? true);
      const answer = belongs(user.id, grantee) || (passesUp && below.some((one) => belongs(one.id, grantee)));
      memo.set(key, answer);
      return answer;
    },
  };
}
