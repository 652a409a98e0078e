import type { JsonObject } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { Grantee, Standing } from '../../permissions.ts';
import { agents, inOrganization, publicGroups } from './audiences.ts';

/** What Zendesk says of a user and its role (reference of Users, Custom Roles). */
export interface Agent {
  readonly id: string;
  readonly active: boolean;
  readonly role: 'admin' | 'agent' | 'end-user';
  readonly tickets: TicketAccess;
  /** Customers outside its own organizations are hidden. */
  readonly ownCustomersOnly: boolean;
  readonly groups: readonly string[];
  readonly organizations: readonly string[];
}

/** Which tickets beside those that it has requested or is assigned. */
export type TicketAccess = 'all' | 'groups' | 'groups_and_public' | 'unrestricted' | 'organization' | 'own';

/** `ticket_access` of a custom role. */
const OF_ROLE: Readonly<Record<string, TicketAccess>> = {
  all: 'all',
  'within-groups': 'groups',
  'within-groups-and-public-groups': 'groups_and_public',
  'within-organization': 'organization',
  'assigned-only': 'own',
};
/** `ticket_restriction`, on plans without custom roles. */
const OF_RESTRICTION: Readonly<Record<string, TicketAccess>> = { groups: 'groups', organization: 'organization' };

const named = (table: Readonly<Record<string, TicketAccess>>, name: string | null): TicketAccess =>
  (name !== null && Object.hasOwn(table, name) ? table[name] : undefined) ?? 'own';

/** A custom role decides where there is one; a role or restriction that nobody knows gives nothing. */
export function agentFrom(
  user: JsonObject,
  roles: ReadonlyMap<string, JsonObject>,
): Omit<Agent, 'groups' | 'organizations'> {
  const customRole = textAt(user, 'custom_role_id');
  const role = roleOf(textAt(user, 'role'));
  const configuration = customRole === null ? null : (roles.get(customRole) ?? null);
  const restriction = textAt(user, 'ticket_restriction');
  const tickets =
    customRole !== null
      ? named(OF_ROLE, configuration === null ? null : textAt(configuration, 'ticket_access'))
      : restriction === null
        ? 'unrestricted'
        : named(OF_RESTRICTION, restriction);
  return {
    id: textAt(user, 'id') ?? '',
    active: user['active'] === true && user['suspended'] !== true,
    role,
    tickets: role === 'admin' ? 'all' : tickets,
    ownCustomersOnly:
      role !== 'admin' && (tickets === 'organization' || (customRole !== null && configuration === null)),
  };
}

const roleOf = (name: string | null): Agent['role'] => (name === 'admin' || name === 'agent' ? name : 'end-user');

export const needsGroups = ({ tickets }: Pick<Agent, 'tickets'>): boolean => tickets !== 'all' && tickets !== 'own';
export const needsOrganizations = ({ ownCustomersOnly }: Pick<Agent, 'ownCustomersOnly'>): boolean => ownCustomersOnly;

/** End users have no way to what agents work with: they are shown themselves, and nothing else of it. */
export function standingOf(agent: Agent, objects: readonly NativeObject[]): Standing {
  const { id: user, active } = agent;
  if (!active) return { user, active, grantees: [], objects: new Map() };
  if (agent.role === 'end-user') return { user, active, grantees: [`user:${user}`], objects: ownRecord(objects) };
  const seesAll = (object: string): boolean =>
    (object === 'tickets' && agent.tickets === 'all') || (object === 'users' && !agent.ownCustomersOnly);
  return {
    user,
    active,
    grantees: [agents, `user:${user}`, ...customersOf(agent), ...ticketsOf(agent)],
    // Zendesk has no rights of single fields for agents.
    objects: new Map(
      objects.map(({ name, fields }) => [
        name,
        { seesAll: seesAll(name), fields: new Set(fields.map((field) => field.name)) },
      ]),
    ),
  };
}

/** Reference of Users, "JSON format for end user requests". */
const OF_END_USERS = new Set([
  'id',
  'url',
  'name',
  'email',
  'created_at',
  'updated_at',
  'time_zone',
  'iana_time_zone',
  'phone',
  'locale',
  'locale_id',
  'organization_id',
  'role',
  'verified',
]);

const ownRecord = (objects: readonly NativeObject[]): Standing['objects'] =>
  new Map(
    objects
      .filter(({ name }) => name === 'users')
      .map(({ name, fields }) => {
        const shown = fields.flatMap((field) => (OF_END_USERS.has(field.name) ? [field.name] : []));
        return [name, { seesAll: false, fields: new Set(shown) }];
      }),
  );

const customersOf = ({ ownCustomersOnly, organizations }: Agent): Grantee[] =>
  ownCustomersOnly ? organizations.map((organization) => `people_of:${organization}`) : [];

/** Help, "Creating private ticket groups" and "Creating custom roles and assigning agents"; where they leave it open, less is shown. */
function ticketsOf({ id, tickets, groups, organizations }: Agent): Grantee[] {
  const own = [`assignee:${id}`, `requester:${id}`];
  const asMember = groups.map((group) => `group:${group}`);
  switch (tickets) {
    case 'all':
    case 'own':
      return own;
    case 'groups':
      return [...own, ...asMember];
    case 'groups_and_public':
      return [...own, ...asMember, publicGroups];
    case 'unrestricted':
      return [...own, ...asMember, publicGroups, `copied:${id}`];
    case 'organization':
      return [
        ...own,
        ...organizations.flatMap((organization) => [
          inOrganization(organization),
          inOrganization(organization, { copied: id }),
          ...groups.map((group) => inOrganization(organization, { group })),
        ]),
      ];
  }
}
