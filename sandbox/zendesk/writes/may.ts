import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Body } from '../store/collection.ts';
import type { Given } from './given.ts';

/**
 * Who may write what. Source: Zendesk API reference, "Allowed for" of each
 * call, and "Custom Agent Roles". Roles with rights of their own have those
 * that `access/custom-roles.ts` shows: no editing of users or organizations.
 */
export function mayDeleteTickets({ role }: Viewer): boolean {
  // The account's setting `agent_ticket_deletion` is off, as accounts begin.
  return role === 'admin';
}

/** Agents without a custom role write end users; themselves they may change, but not their role. */
export function mayWriteUser(account: Account, viewer: Viewer, before: Body | null, given: Given): boolean {
  if (viewer.role === 'admin') return true;
  if (viewer.role !== 'agent') return false;
  const role = given['role'] ?? before?.['role'] ?? 'end-user';
  const own = before !== null && before.id === viewer.id;
  if (own) return given['role'] === undefined || given['role'] === before['role'];
  return (
    role === 'end-user' && (before === null || before['role'] === 'end-user') && customRole(account, viewer) === null
  );
}

/** Agents whom nothing restricts may change an organization's notes alone. */
export function mayUpdateOrganization(account: Account, viewer: Viewer, given: Given): boolean {
  if (viewer.role === 'admin') return true;
  if (viewer.role !== 'agent' || customRole(account, viewer) !== null) return false;
  const restricted = account.records.users.get(viewer.id)?.body['ticket_restriction'] !== null;
  return !restricted && Object.keys(given).every((key) => key === 'notes' || key === 'id');
}

function customRole(account: Account, viewer: Viewer): unknown {
  return account.records.users.get(viewer.id)?.body['custom_role_id'] ?? null;
}
