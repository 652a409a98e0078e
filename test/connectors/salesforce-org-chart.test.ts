import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aloneOf, lineOf, orgStandings, type OrgChart } from '../../src/connectors/salesforce/access/org-chart.ts';

/**
 * Who has what somebody gives to a user or group, worked out for one gift and
 * one user at a time, straight from the sentences of the documents: members of
 * a group, members of its groups, holders of a role, of the roles below it;
 * and, where a group hands on, whoever has a role above one of them.
 */
function reaches(chart: OrgChart, given: string, user: string, handOn: boolean, queuesHandOn: boolean): boolean {
  const parentOf = (role: string): string | null => chart.roles.find(({ id }) => id === role)?.parent ?? null;
  const isAbove = (high: string | null, low: string | null): boolean => {
    for (let at = low === null ? null : parentOf(low); at !== null; at = parentOf(at)) if (at === high) return true;
    return false;
  };
  const roleOf = (id: string): string | null => chart.users.find((each) => each.id === id)?.role ?? null;
  const isInternal = (id: string): boolean => chart.users.find((each) => each.id === id)?.internal === true;
  const managerOf = (id: string): string | null => chart.users.find((each) => each.id === id)?.manager ?? null;
  const manages = (high: string, low: string): boolean => {
    for (let at = managerOf(low); at !== null; at = managerOf(at)) if (at === high) return true;
    return false;
  };
  const isMember = (group: string, who: string): boolean => {
    const facts = chart.groups.find(({ id }) => id === group);
    if (facts === undefined) return false;
    const { type, related } = facts;
    const role = roleOf(who);
    if (type === 'Role' && role !== null && role === related) return true;
    const isIn = role !== null && (role === related || isAbove(related, role));
    if (type === 'RoleAndSubordinates' && isIn) return true;
    if (type === 'RoleAndSubordinatesInternal' && isIn && isInternal(who)) return true;
    if (type === 'Organization' && isInternal(who)) return true;
    if (type === 'Manager' && related !== null && manages(who, related)) return true;
    if (type === 'ManagerAndSubordinatesInternal' && related !== null && (who === related || manages(related, who)))
      return true;
    return chart.members.some(
      (row) =>
        row.group === group && (row.member === who || (row.member.startsWith('00G') && isMember(row.member, who))),
    );
  };
  if (!given.startsWith('00G')) {
    return given === user || (handOn && isAbove(roleOf(user), roleOf(given)) && roleOf(user) !== null);
  }
  if (isMember(given, user)) return true;
  const facts = chart.groups.find(({ id }) => id === given);
  const isRole = facts?.type.startsWith('Role') === true;
  const isSet = (facts?.type === 'Regular' || facts?.type === 'Queue') && facts.bosses;
  const hands = isRole || isSet || (queuesHandOn && facts?.type === 'Queue');
  if (!handOn || !hands) return false;
  /** Whoever holds the role is a member, even if nobody does at the moment. */
  const holdsRole = (group: string, role: string): boolean => {
    const { type, related } = chart.groups.find(({ id }) => id === group) ?? { type: '', related: null };
    if (type === 'Role' && related === role) return true;
    if (type.startsWith('RoleAnd') && (related === role || isAbove(related, role))) return true;
    return chart.members.some((row) => row.group === group && holdsRole(row.member, role));
  };
  const role = roleOf(user);
  if (role === null) return false;
  const below = chart.roles.filter(({ id }) => isAbove(role, id));
  return below.some(
    ({ id }) => holdsRole(given, id) || chart.users.some((each) => each.role === id && isMember(given, each.id)),
  );
}

/** Roles are a tree and groups hold earlier groups only: as orgs are. */
const charts = fc
  .record({
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 7 }),
    users: fc.array(
      fc.record({ role: fc.option(fc.nat(), { freq: 5 }), internal: fc.boolean(), manager: fc.option(fc.nat()) }),
      { minLength: 1, maxLength: 12 },
    ),
    groups: fc.array(
      fc.record({
        type: fc.constantFrom(
          'Regular',
          'Regular',
          'Queue',
          'Role',
          'RoleAndSubordinates',
          'RoleAndSubordinatesInternal',
          'Organization',
          'Manager',
          'ManagerAndSubordinatesInternal',
          'Territory',
        ),
        related: fc.nat(),
        bosses: fc.boolean(),
        users: fc.array(fc.nat(), { maxLength: 3 }),
        groups: fc.array(fc.nat(), { maxLength: 2 }),
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ parents, users, groups }): OrgChart => {
    const userId = (at: number): string => `005${String(at)}`;
    const roleId = (at: number): string => `00E${String(at)}`;
    const groupId = (at: number): string => `00G${String(at)}`;
    return {
      roles: parents.map((parent, at) => ({ id: roleId(at), parent: at === 0 ? null : roleId(parent % at) })),
      users: users.map(({ role, internal, manager }, at) => ({
        id: userId(at),
        active: true,
        internal,
        role: role === null ? null : roleId(role % parents.length),
        manager: manager === null || at === 0 ? null : userId(manager % at),
      })),
      groups: groups.map(({ type, related, bosses }, at) => ({
        id: groupId(at),
        type,
        bosses,
        related: type.startsWith('Role')
          ? roleId(related % parents.length)
          : type.startsWith('Manager')
            ? userId(related % users.length)
            : null,
      })),
      members: groups.flatMap((group, at) =>
        group.type === 'Regular' || group.type === 'Queue'
          ? [
              ...group.users.map((user) => ({ group: groupId(at), member: userId(user % users.length) })),
              ...(at === 0 ? [] : group.groups.map((other) => ({ group: groupId(at), member: groupId(other % at) }))),
            ]
          : [],
      ),
    };
  });

describe('salesforce: who somebody is in the org', () => {
  it('meets exactly what is given to the user, its groups and whoever stands below', () => {
    fc.assert(
      fc.property(charts, fc.boolean(), (chart, queuesHandOn) => {
        const standingOf = orgStandings(chart, { queuesHandOn });
        for (const user of chart.users) {
          const own = new Set(standingOf(user).grantees);
          for (const { id } of [...chart.users, ...chart.groups]) {
            expect(own.has(aloneOf(id)), `${user.id} ${aloneOf(id)}`).toBe(
              reaches(chart, id, user.id, false, queuesHandOn),
            );
            expect(own.has(lineOf(id)), `${user.id} ${lineOf(id)}`).toBe(
              reaches(chart, id, user.id, true, queuesHandOn),
            );
          }
          expect(own.has('everyone')).toBe(user.internal);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('ends with roles that stand above each other in a ring, and managers that do', () => {
    const chart: OrgChart = {
      roles: [
        { id: '00E1', parent: '00E2' },
        { id: '00E2', parent: '00E1' },
      ],
      users: [
        { id: '0051', active: true, internal: true, role: '00E1', manager: '0052' },
        { id: '0052', active: true, internal: true, role: '00E2', manager: '0051' },
      ],
      groups: [{ id: '00G1', type: 'Manager', related: '0051', bosses: false }],
      members: [{ group: '00G1', member: '00G1' }],
    };
    const standingOf = orgStandings(chart, { queuesHandOn: false });
    for (const user of chart.users) expect(standingOf(user).grantees).toContain(`user:${user.id}`);
  });
});
