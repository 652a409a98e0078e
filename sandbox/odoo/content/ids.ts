import type { World } from '../../world/index.ts';

/** Ids as a database of that age would have them: the first few belong to the installation. */
export const COMPANY_ID = 1;
export const COMPANY_PARTNER = 1;
const ROOT_PARTNER = 2;
/** OdooBot; nobody can sign in as it. */
export const ROOT_UID = 1;

export const CURRENCY = { EUR: 126, USD: 1, CHF: 5, GBP: 147 } as const;
export const COUNTRY = { DE: 57, FR: 75, IT: 109, AT: 12, CH: 43, NL: 165, US: 233, GB: 231 } as const;

/** User 0 of the world is the administrator, uid 2. */
export function uidOf(user: number): number {
  return 2 + user;
}

export function portalUid(world: World): number {
  return uidOf(world.counts.users);
}

export function staffPartner(user: number): number {
  return ROOT_PARTNER + 1 + user;
}

const ACCOUNT_BASE = 1_001;

export function accountPartner(account: number): number {
  return ACCOUNT_BASE + account;
}

export function contactPartner(world: World, contact: number): number {
  return ACCOUNT_BASE + world.counts.accounts + contact;
}

/** The account or contact behind a partner's id; null for the staff and for partners made later. */
export function behindPartner(
  world: World,
  id: number,
): { readonly kind: 'account' | 'contact'; readonly index: number } | null {
  const account = id - ACCOUNT_BASE;
  if (account < 0) return null;
  if (account < world.counts.accounts) return { kind: 'account', index: account };
  const contact = account - world.counts.accounts;
  return contact < world.counts.contacts ? { kind: 'contact', index: contact } : null;
}
