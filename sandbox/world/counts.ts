import type { WorldCounts } from './types.ts';

export const MIN_SCALE = 2_000;
export const MAX_SCALE = 1_000_000;

/** Of three contacts, the first two also write to support and are users of the help desk. */
const CONTACTS_PER_END_USER_GROUP = 3;

/** Parts per kind; accounts count twice, once in the CRM and once as organizations of the help desk. */
const PARTS = { accounts: 7, contacts: 14, endUsers: (14 * 2) / 3, opportunities: 12, meetings: 10, tickets: 50 };
const ALL_PARTS =
  2 * PARTS.accounts + PARTS.contacts + PARTS.endUsers + PARTS.opportunities + PARTS.meetings + PARTS.tickets;

/** How many records of each kind a world has; staff are users in both systems. */
export function countsFor(scale: number): WorldCounts {
  if (!Number.isInteger(scale) || scale < MIN_SCALE || scale > MAX_SCALE)
    throw new Error(`scale is ${scale}; it must be a whole number from ${MIN_SCALE} to ${MAX_SCALE}`);
  const users = 20 + Math.floor(scale / 20_000);
  const rest = scale - 2 * users;
  const share = (parts: number): number => Math.floor((rest * parts) / ALL_PARTS);
  const accounts = share(PARTS.accounts);
  const contacts = 2 * accounts;
  const endUsers = contacts - Math.floor(contacts / CONTACTS_PER_END_USER_GROUP);
  const opportunities = share(PARTS.opportunities);
  const meetings = share(PARTS.meetings);
  const tickets = rest - 2 * accounts - contacts - endUsers - opportunities - meetings;
  return { users, accounts, contacts, endUsers, opportunities, meetings, tickets };
}

/** The contact behind end user `ordinal` of the help desk; end users are in the order of contacts. */
export function contactOfEndUser(ordinal: number): number {
  return CONTACTS_PER_END_USER_GROUP * (ordinal >> 1) + (ordinal & 1);
}

/** The ordinal of a contact among the help desk's end users, or null if it never wrote to support. */
export function endUserOfContact(contact: number): number | null {
  const place = contact % CONTACTS_PER_END_USER_GROUP;
  return place === 2 ? null : 2 * Math.floor(contact / CONTACTS_PER_END_USER_GROUP) + place;
}
