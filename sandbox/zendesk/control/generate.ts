import { hash32, hashText, readPeople } from '../../kit/index.ts';
import type { RoleWrites, TicketAccess } from '../access/custom-roles.ts';
import type { Account } from '../account.ts';
import { endUserId, organizationIds, ticketIds } from '../ids.ts';
import { addAgent, now, putBody, type NewAgent } from './people.ts';

const TICKETS_MAX = 4_000;
const END_USERS = 8;
const SALT = hashText('zendesk people');

const GROUPS = [
  ['Onboarding', true],
  ['Partners', true],
  ['Field service', true],
  ['Legal', false],
  ['Key accounts', false],
] as const;

const writes = (
  profiles: RoleWrites['profiles'],
  organizations: RoleWrites['organizations'],
  tickets: Partial<Pick<RoleWrites, 'ticketEditing' | 'ticketDeletion'>> = {},
): RoleWrites => ({ ticketEditing: true, ticketDeletion: false, profiles, organizations, ...tickets });

const ROLES: readonly (readonly [name: string, access: TicketAccess, lists: 'full' | 'none', writes: RoleWrites])[] = [
  ['Team lead', 'all', 'full', writes('full', 'edit', { ticketDeletion: true })],
  ['Advisor', 'within-groups-and-public-groups', 'full', writes('edit', 'notes')],
  ['Staff', 'within-groups', 'full', writes('readonly', 'none')],
  ['Contractor', 'assigned-only', 'none', writes('readonly', 'none', { ticketEditing: false })],
  ['Partner manager', 'within-organization', 'full', writes('edit-within-org', 'none')],
];
const RESTRICTIONS = [null, null, 'groups', 'organization', 'assigned'] as const;

type Draw = (...parts: readonly number[]) => number;

/**
 * Fills the help desk up to that many agents in seven groups, two of them
 * private, half of them in custom roles, and lets a few end users sign in;
 * tickets get groups and assignees as if it had always been so, with their old
 * stamps. The same seed gives the same.
 */
export function generate(account: Account, given: Readonly<Record<string, unknown>>): void {
  const { users: wanted, seed } = readPeople(given);
  const draw: Draw = (...parts) => hash32(SALT, seed, ...parts);
  const at = now(account);
  for (const [name, isPublic] of GROUPS)
    account.access.putGroup({ name, isPublic, deleted: false, createdAt: at, updatedAt: at });
  const roles = ROLES.map(([name, access, endUserLists, own]) =>
    account.access.putRole({
      name,
      description: '',
      ticketAccess: access,
      endUserLists,
      writes: own,
      createdAt: at,
      updatedAt: at,
    }),
  );
  const missing = Math.max(0, wanted - END_USERS - account.enrolled().length);
  for (let place = 0; place < missing; place += 1) {
    addAgent(
      account,
      agentOf(
        account,
        draw,
        place,
        roles.map(({ id }) => id),
      ),
    );
  }
  for (let place = 0; place < END_USERS && account.enrolled().length < wanted; place += 1)
    account.enrol(endUserId(account.world.counts, draw(place, 50) % account.world.counts.endUsers));
  spreadTickets(account, draw);
  shareOrganizations(account, draw);
}

function agentOf(account: Account, draw: Draw, place: number, roles: readonly number[]): NewAgent {
  const { world } = account;
  const { firstName, lastName } = world.contact(draw(place, 1) % world.counts.contacts);
  const groups = account.access.groups().map(({ id }) => id);
  const custom = draw(place, 2) % 2 === 0 ? (roles[draw(place, 3) % roles.length] ?? null) : null;
  const organizations = Array.from({ length: 1 + (draw(place, 4) % 12) }, (_empty, at) =>
    organizationIds.of(draw(place, 5, at) % world.counts.accounts),
  );
  const mine = groups.filter((group) => draw(place, 6, group) % 4 === 0);
  return {
    name: `${firstName} ${lastName}`,
    email: `agent${place + 1}@${world.company.domain}`,
    role: draw(place, 7) % 60 === 0 ? 'admin' : 'agent',
    customRole: custom,
    restriction: custom === null ? (RESTRICTIONS[draw(place, 8) % RESTRICTIONS.length] ?? null) : null,
    groups: mine.length === 0 ? groups.slice(0, 1) : mine,
    organizations: draw(place, 9) % 2 === 0 ? [...new Set(organizations)] : [],
    suspended: draw(place, 10) % 40 === 0,
  };
}

function spreadTickets(account: Account, draw: Draw): void {
  const groups = account.access.groups().map(({ id }) => id);
  const members = new Map(
    groups.map((group) => [group, account.staff().filter((agent) => account.access.groupsOf(agent).has(group))]),
  );
  const count = Math.min(account.world.counts.tickets, TICKETS_MAX);
  for (let index = 0; index < count; index += 1) {
    const entry = account.records.tickets.get(ticketIds.of(index));
    if (entry === null || entry.deleted || draw(index, 21) % 4 === 0) continue;
    const group = draw(index, 22) % 15 === 0 ? null : (groups[draw(index, 23) % groups.length] ?? null);
    const people = members.get(group ?? 0) ?? [];
    const assignee = draw(index, 24) % 5 === 0 ? null : (people[draw(index, 25) % people.length] ?? null);
    const copied = people[draw(index, 26) % people.length];
    const copies = draw(index, 27) % 30 === 0 && copied !== undefined ? [copied] : [];
    const body = { ...entry.body, group_id: group, assignee_id: assignee, follower_ids: copies };
    putBody(account, 'tickets', body, entry.changedS);
  }
}

/** One organization in ten lets its people see each other's tickets. */
function shareOrganizations(account: Account, draw: Draw): void {
  for (let index = 0; index < Math.min(account.world.counts.accounts, 500); index += 1) {
    const entry = account.records.organizations.get(organizationIds.of(index));
    if (entry === null || entry.deleted || draw(index, 31) % 10 !== 0) continue;
    account.records.organizations.put({ ...entry, body: { ...entry.body, shared_tickets: true } });
  }
}
