import type { Account, ObjectName } from '../account.ts';
import type { Body, Entry } from '../store/collection.ts';
import type { TicketAccess } from './custom-roles.ts';

/** Who asks, and what Zendesk shows them. */
export interface Viewer {
  readonly id: number;
  readonly role: 'admin' | 'agent' | 'end-user';
  /** Null: every record of the object. */
  filter(object: ObjectName): ((entry: Pick<Entry, 'body'>) => boolean) | null;
  /** False: lists of it are refused, single records are not. */
  lists(object: ObjectName): boolean;
}

/** Null: the user was deleted or suspended and may not do anything. */
export function viewerOf(account: Account, id: number): Viewer | null {
  const entry = account.records.users.get(id);
  if (entry === null || entry.deleted || entry.body['active'] === false || entry.body['suspended'] === true)
    return null;
  const role = roleOf(entry.body);
  if (role === 'admin') return { id, role, filter: () => null, lists: () => true };
  if (role === 'end-user') {
    return { id, role, filter: (object) => (one) => object === 'users' && one.body.id === id, lists: () => false };
  }
  const access = ticketAccessOf(account, entry.body);
  const organizations = organizationsOf(account, entry.body);
  const custom = customRole(account, entry.body);
  const byOrganization = access === 'within-organization';
  const sees = ticketTest(account, { id, access, organizations, walled: custom === null });
  return {
    id,
    role,
    filter: (object) => {
      if (object === 'tickets') return sees;
      // "... restricts their access to only users in their own organization": the documents say it of end users.
      if (object === 'users' && byOrganization)
        return ({ body }) => isStaff(body) || isIn(account, organizations, body);
      return null;
    },
    lists: (object) =>
      !(object === 'organizations' && byOrganization && custom !== null) &&
      !(object === 'users' && custom?.endUserLists === 'none'),
  };
}

function roleOf(body: Body): Viewer['role'] {
  const { role } = body;
  return role === 'admin' || role === 'agent' ? role : 'end-user';
}

function customRole(account: Account, body: Body) {
  const id = body['custom_role_id'];
  return typeof id === 'number' ? account.access.role(id) : null;
}

/** What an agent without a custom role is restricted to (`ticket_restriction`), in the words of custom roles. */
const RESTRICTIONS: Readonly<Record<string, TicketAccess>> = {
  groups: 'within-groups',
  assigned: 'assigned-only',
  organization: 'within-organization',
};

function ticketAccessOf(account: Account, body: Body): TicketAccess {
  const role = customRole(account, body);
  if (role !== null) return role.ticketAccess;
  const restriction = body['ticket_restriction'];
  if (restriction === null) return 'all';
  return RESTRICTIONS[typeof restriction === 'string' ? restriction : ''] ?? 'assigned-only';
}

/** All organizations of a user: the one of its record and those that were added. */
export function organizationsOf(account: Account, body: Body): ReadonlySet<unknown> {
  const more = account.access.moreOrganizations().filter(({ user }) => user === body.id);
  return new Set([body['organization_id'], ...more.map(({ of }) => of)].filter((id) => id !== null));
}

function isStaff(body: Body): boolean {
  return body['role'] !== 'end-user';
}

function isIn(account: Account, organizations: ReadonlySet<unknown>, body: Body): boolean {
  return [...organizationsOf(account, body)].some((id) => organizations.has(id));
}

interface Asking {
  readonly id: number;
  readonly access: TicketAccess;
  readonly organizations: ReadonlySet<unknown>;
  /** "All" of a custom role includes private groups, that of other agents does not. */
  readonly walled: boolean;
}

function ticketTest(account: Account, { id, access, organizations, walled }: Asking): ReturnType<Viewer['filter']> {
  if (access === 'all' && !walled) return null;
  const own = account.access.groupsOf(id);
  const publics = new Set(account.access.groups().flatMap((group) => (group.isPublic ? [group.id] : [])));
  const reaches = (group: unknown): boolean =>
    group === null || publics.has(group as number) || own.has(group as number);
  const ofAgent = (body: Body): boolean => body['assignee_id'] === id || body['requester_id'] === id;
  const byAccess: Readonly<Record<TicketAccess, (body: Body) => boolean>> = {
    all: ({ group_id }) => reaches(group_id),
    'within-groups-and-public-groups': ({ group_id }) => reaches(group_id),
    'within-groups': ({ group_id }) => own.has(group_id as number),
    'within-organization': ({ organization_id, group_id }) => organizations.has(organization_id) && reaches(group_id),
    'assigned-only': () => false,
  };
  const test = byAccess[access];
  const copied = (body: Body): boolean =>
    (access === 'all' || access === 'within-organization') &&
    COPIED.some((key) => (body[key] as readonly unknown[]).includes(id)) &&
    (access === 'all' || organizations.has(body['organization_id']));
  return ({ body }) => ofAgent(body) || test(body) || copied(body);
}

/** Copies and followers look through the wall of a private group; they widen nothing else. */
const COPIED = ['collaborator_ids', 'follower_ids', 'email_cc_ids'] as const;
