import { ControlError } from '../../kit/index.ts';
import { PROFILE_ACCESS, writesOf, type CustomRole, type RoleWrites } from '../access/custom-roles.ts';
import type { Account } from '../account.ts';
import { addAgent, groupNamed, listOf, now, putBody, roleNamed, ticketAccess, userNamed } from './people.ts';
import { generate } from './generate.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * Who sees what, changed past the API: `{generate: {users, seed}}`, and one or
 * more of `newAgent`, `group`, `role`, and `user` with `groups`,
 * `organizations` (the first is the default one), `customRole`, `restriction`,
 * `suspended`, `role`. Answers the state.
 */
export function sharing(account: Account, given: Given): unknown {
  const { user, ...others } = given;
  for (const [name, value] of Object.entries(others)) {
    if (user !== undefined && OF_USER.includes(name)) continue;
    const act = ACTIONS[name];
    if (act === undefined)
      throw new ControlError(`sharing knows ${Object.keys(ACTIONS).join(', ')}, user; not ${name}`);
    if (typeof value !== 'object' || value === null) throw new ControlError(`${name} must be an object`);
    act(account, value as Given);
  }
  if (user !== undefined) changeUser(account, user, others);
  return state(account);
}

const OF_USER = ['groups', 'organizations', 'customRole', 'restriction', 'suspended', 'role'];

const ACTIONS: Readonly<Record<string, (account: Account, given: Given) => void>> = {
  generate,
  newAgent: (account, { name, email, groups = [], organizations = [], customRole = null, restriction = null }) => {
    if (typeof name !== 'string' || typeof email !== 'string') throw new ControlError('newAgent wants {name, email}');
    addAgent(account, {
      name,
      email,
      role: 'agent',
      customRole: customRole === null ? null : roleNamed(account, customRole).id,
      restriction: restrictionOf(restriction),
      groups: listOf(groups).map((each) => groupNamed(account, each).id),
      organizations: listOf(organizations).map(Number),
      suspended: false,
    });
  },
  group: (account, { name, isPublic = true, deleted = false }) => {
    const known = account.access.groups().find((each) => each.name === name);
    if (known?.isPublic === false && isPublic === true) throw new ControlError('a private group stays private');
    const at = now(account);
    account.access.putGroup({
      createdAt: at,
      ...known,
      name: String(name),
      isPublic: isPublic === true,
      deleted: deleted === true,
      updatedAt: at,
    });
  },
  role: (account, { name, ticketAccess: access, endUserLists = 'full', writes }) => {
    const known = account.access.roles().find((each) => each.name === name);
    const at = now(account);
    account.access.putRole({
      description: '',
      createdAt: at,
      ...known,
      name: String(name),
      ticketAccess: ticketAccess(access ?? known?.ticketAccess),
      endUserLists: endUserLists === 'none' ? 'none' : 'full',
      ...(writes === undefined ? {} : { writes: roleWrites(writes, known) }),
      updatedAt: at,
    });
  },
};

/** `{ticketEditing?, ticketDeletion?, profiles?, organizations?}`; what is not named stays. */
function roleWrites(given: unknown, known: CustomRole | undefined): RoleWrites {
  const { ticketEditing, ticketDeletion, profiles, organizations } = Object(given) as Given;
  const before = writesOf(known ?? {});
  const access = PROFILE_ACCESS.find((each) => each === profiles);
  const editing = (['none', 'notes', 'edit'] as const).find((each) => each === organizations);
  if ((profiles !== undefined && access === undefined) || (organizations !== undefined && editing === undefined))
    throw new ControlError('writes wants profiles and organizations as the API names them');
  return {
    ticketEditing: typeof ticketEditing === 'boolean' ? ticketEditing : before.ticketEditing,
    ticketDeletion: typeof ticketDeletion === 'boolean' ? ticketDeletion : before.ticketDeletion,
    profiles: access ?? before.profiles,
    organizations: editing ?? before.organizations,
  };
}

function changeUser(account: Account, given: unknown, changes: Given): void {
  const body = userNamed(account, given);
  const { groups, organizations, customRole, restriction, suspended, role } = changes;
  const at = now(account);
  if (groups !== undefined) {
    const wanted = listOf(groups).map((each) => groupNamed(account, each).id);
    account.access.setGroups(body.id, wanted, at);
  }
  const mine = organizations === undefined ? null : listOf(organizations).map(Number);
  if (mine !== null) account.access.setMoreOrganizations(body.id, mine.slice(1), at);
  const custom = customRole === undefined || customRole === null ? customRole : roleNamed(account, customRole).id;
  const fields = {
    ...(mine === null ? {} : { organization_id: mine[0] ?? null }),
    ...(custom === undefined ? {} : { custom_role_id: custom }),
    ...(restriction === undefined ? {} : { ticket_restriction: restrictionOf(restriction) }),
    ...(typeof suspended === 'boolean' ? { suspended } : {}),
    ...(role === 'admin' || role === 'agent' || role === 'end-user' ? { role } : {}),
  };
  // Memberships alone do not touch the user's record.
  if (Object.keys(fields).length > 0) putBody(account, 'users', { ...body, ...fields, updated_at: at });
}

function restrictionOf(given: unknown): 'organization' | 'groups' | 'assigned' | null {
  if (given === null || given === 'organization' || given === 'groups' || given === 'assigned') return given;
  throw new ControlError('restriction must be organization, groups, assigned or null');
}

function state(account: Account): unknown {
  const { access } = account;
  return {
    users: account.enrolled().map((id) => {
      const body = account.records.users.get(id)?.body;
      return {
        id: String(id),
        email: body?.['email'],
        role: body?.['role'],
        customRole: access.roles().find((role) => role.id === body?.['custom_role_id'])?.name ?? null,
        restriction: body?.['ticket_restriction'],
        suspended: body?.['suspended'],
        groups: [...access.groupsOf(id)],
      };
    }),
    groups: access.groups(),
    roles: access.roles(),
  };
}
