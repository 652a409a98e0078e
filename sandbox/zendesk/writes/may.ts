import { writesOf, type RoleWrites } from '../access/custom-roles.ts';
import { organizationsOf, type Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Body } from '../store/collection.ts';
import { idOrNull, type Given } from './given.ts';

/**
 * Who may write what: docs/sandboxes-access.md, "Zendesk", "Writing". Sources:
 * Zendesk API reference, "Allowed for" of each call, and "Custom Agent Roles".
 */
export function mayUpdateTickets(account: Account, viewer: Viewer): boolean {
  return roleOf(account, viewer)?.ticketEditing !== false;
}

export function mayDeleteTickets(account: Account, viewer: Viewer): boolean {
  // The account's setting `agent_ticket_deletion` is off, as accounts begin.
  return viewer.role === 'admin' || roleOf(account, viewer)?.ticketDeletion === true;
}

/** Agents write end users, as far as their custom role lets them; themselves they may change, but not their role. */
export function mayWriteUser(account: Account, viewer: Viewer, before: Body | null, given: Given): boolean {
  if (viewer.role === 'admin') return true;
  if (viewer.role !== 'agent') return false;
  const role = given['role'] ?? before?.['role'] ?? 'end-user';
  const own = before !== null && before.id === viewer.id;
  if (own) return given['role'] === undefined || given['role'] === before['role'];
  if (role !== 'end-user' || (before !== null && before['role'] !== 'end-user')) return false;
  const profiles = roleOf(account, viewer)?.profiles ?? 'edit';
  if (profiles !== 'edit-within-org') return profiles !== 'readonly';
  const mine = organizationsOf(account, account.records.users.get(viewer.id)?.body ?? emptyHanded(viewer));
  const into = 'organization_id' in given ? mine.has(idOrNull(given['organization_id'])) : before !== null;
  return into && (before === null || mine.has(before['organization_id']));
}

const emptyHanded = ({ id }: Viewer): Body => ({ id, organization_id: null });

export function mayDeleteUser(account: Account, viewer: Viewer, id: number): boolean {
  if (viewer.role === 'admin') return true;
  const target = account.records.users.get(id)?.body;
  return target?.['role'] === 'end-user' && roleOf(account, viewer)?.profiles === 'full';
}

export function mayCreateOrganization(account: Account, viewer: Viewer): boolean {
  return viewer.role === 'admin' || roleOf(account, viewer)?.organizations === 'edit';
}

/** Agents whom nothing restricts, and roles that say so, may change an organization's notes alone. */
export function mayUpdateOrganization(account: Account, viewer: Viewer, given: Given): boolean {
  if (mayCreateOrganization(account, viewer)) return true;
  if (viewer.role !== 'agent') return false;
  const role = roleOf(account, viewer);
  const restriction = account.records.users.get(viewer.id)?.body['ticket_restriction'];
  const notes = role === null ? restriction === null : role.organizations === 'notes';
  return notes && Object.keys(given).every((key) => key === 'notes' || key === 'id');
}

/** Null: the agent has no custom role. */
function roleOf(account: Account, viewer: Viewer): RoleWrites | null {
  const id = account.records.users.get(viewer.id)?.body['custom_role_id'] ?? null;
  if (viewer.role !== 'agent' || typeof id !== 'number') return null;
  const role = account.access.role(id);
  return role === null ? null : writesOf(role);
}
