import { ControlError } from '../../kit/index.ts';
import { TICKET_ACCESS, type CustomRole, type TicketAccess } from '../access/custom-roles.ts';
import type { Group } from '../access/access-store.ts';
import type { Account } from '../account.ts';
import { emptyUser } from '../records/user.ts';
import { signInUsers } from '../sign-in-users.ts';
import type { Body } from '../store/collection.ts';

export function now(account: Account): string {
  return `${account.clock.now().toISOString().slice(0, 19)}Z`;
}

/** Writes past the API; exports and lists show it with the stamp that is given, else with the present one. */
export function putBody(account: Account, object: 'users' | 'tickets', body: Body, changedS?: number): void {
  const nowS = Math.floor(account.clock.now().getTime() / 1000);
  account.records[object].put({ id: body.id, deleted: false, changedS: changedS ?? nowS, body });
}

export interface NewAgent {
  readonly name: string;
  readonly email: string;
  readonly role: 'admin' | 'agent';
  readonly customRole: number | null;
  readonly restriction: 'organization' | 'groups' | 'assigned' | null;
  readonly groups: readonly number[];
  readonly organizations: readonly number[];
  readonly suspended: boolean;
}

export function addAgent(account: Account, given: NewAgent): number {
  const id = account.records.users.nextId();
  const at = now(account);
  putBody(account, 'users', {
    ...emptyUser(account.profile, id),
    name: given.name,
    email: given.email,
    created_at: at,
    updated_at: at,
    role: given.role,
    role_type: given.role === 'admin' ? 4 : 0,
    moderator: true,
    custom_role_id: given.customRole,
    ticket_restriction: given.restriction,
    restricted_agent: given.restriction !== null || given.customRole !== null,
    suspended: given.suspended,
    default_group_id: given.groups[0] ?? null,
    organization_id: given.organizations[0] ?? null,
    user_fields: account.profile.staffFields,
  });
  account.enrol(id);
  account.access.setGroups(id, given.groups, at);
  account.access.setMoreOrganizations(id, given.organizations.slice(1), at);
  return id;
}

export function userNamed(account: Account, given: unknown): Body {
  const known = signInUsers(account).find(({ username, id }) => username === given || id === String(given));
  const body = account.records.users.get(Number(known?.id ?? given))?.body;
  if (body === undefined) throw new ControlError(`no user ${String(given)}`);
  return body;
}

export function groupNamed(account: Account, given: unknown): Group {
  const found = account.access.groups().find(({ id, name }) => id === given || name === given);
  if (found === undefined) throw new ControlError(`no group ${String(given)}`);
  return found;
}

export function roleNamed(account: Account, given: unknown): CustomRole {
  const found = account.access.roles().find(({ id, name }) => id === given || name === given);
  if (found === undefined) throw new ControlError(`no custom role ${String(given)}`);
  return found;
}

export function ticketAccess(given: unknown): TicketAccess {
  const found = TICKET_ACCESS.find((each) => each === given);
  if (found === undefined) throw new ControlError(`ticketAccess must be one of ${TICKET_ACCESS.join(', ')}`);
  return found;
}

export function listOf(given: unknown): readonly unknown[] {
  if (Array.isArray(given)) return given as readonly unknown[];
  throw new ControlError(`${JSON.stringify(given)} must be a list`);
}
