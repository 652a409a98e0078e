import { json, type SandboxResponse } from '../../kit/index.ts';
import { roleJson } from '../access/custom-roles.ts';
import type { Group, Membership } from '../access/access-store.ts';
import type { Account } from '../account.ts';
import { GROUP_IDS } from '../ids.ts';
import type { Call, Endpoint } from './context.ts';
import { recordNotFound } from './errors.ts';
import { answer, arrayOf } from './lists.ts';
import { listPage } from './pagination.ts';
import type { Json } from './present.ts';

/** Roles that admins defined. Source: Zendesk, "Custom Agent Roles". */
export function customRoles({ account }: Call): SandboxResponse {
  const roles = account.access.roles().map((role) => roleJson(role, membersOf(account, role.id)));
  return json(200, { custom_roles: roles, next_page: null, previous_page: null, count: roles.length });
}

export function customRole({ account, params }: Call): SandboxResponse {
  const role = account.access.role(Number(params[0]));
  if (role === null) return recordNotFound();
  return json(200, { custom_role: roleJson(role, membersOf(account, role.id)) });
}

function membersOf(account: Account, role: number): number {
  return account.staff().filter((id) => account.records.users.get(id)?.body['custom_role_id'] === role).length;
}

export function groups({ account, request }: Call): SandboxResponse {
  const list = account.access.groups().filter(({ deleted }) => !deleted);
  return answer(listPage(request, 'groups', arrayOf(list), (each) => groupJson(request.origin, each)));
}

export function group({ account, request, params }: Call): SandboxResponse {
  const found = account.access.group(Number(params[0]));
  return found === null ? recordNotFound() : json(200, { group: groupJson(request.origin, found) });
}

function groupJson(origin: string, { id, name, isPublic, deleted, createdAt, updatedAt }: Group): Json {
  return {
    url: `${origin}/api/v2/groups/${id}.json`,
    id,
    is_public: isPublic,
    name,
    description: '',
    default: id === GROUP_IDS[0],
    deleted,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

/** Of everybody, of a user or of a group. Source: Zendesk, "Group Memberships". */
export function groupMemberships(of: 'all' | 'user' | 'group'): Endpoint {
  return ({ account, request, params }) => {
    const id = Number(params[0]);
    const wanted = account.access
      .groupMemberships()
      .filter((each) => of === 'all' || (of === 'user' ? each.user === id : each.of === id));
    return answer(
      listPage(request, 'group_memberships', arrayOf(wanted), (each) => membershipJson(request.origin, 'group', each)),
    );
  };
}

/** Of everybody, of a user or of an organization. Source: Zendesk, "Organization Memberships". */
export function organizationMemberships(of: 'all' | 'user' | 'organization'): Endpoint {
  return ({ account, request, params }) => {
    const id = Number(params[0]);
    const wanted = account
      .organizationMemberships()
      .filter((each) => of === 'all' || (of === 'user' ? each.user === id : each.of === id));
    return answer(
      listPage(request, 'organization_memberships', arrayOf(wanted), (each) =>
        membershipJson(request.origin, 'organization', each),
      ),
    );
  };
}

function membershipJson(origin: string, kind: 'group' | 'organization', each: Membership): Json {
  return {
    url: `${origin}/api/v2/${kind}_memberships/${each.id}.json`,
    id: each.id,
    user_id: each.user,
    [`${kind}_id`]: each.of,
    default: each.isDefault,
    created_at: each.createdAt,
    updated_at: each.createdAt,
    ...(kind === 'organization' ? { view_tickets: true } : {}),
  };
}
