import type { SourceUser } from '../../connectors/index.ts';

export interface Pairing {
  readonly pairs: readonly { readonly principal: string; readonly user: SourceUser }[];
  /** Users of the product that nobody was found for, and why. */
  readonly unpaired: readonly { readonly principal: string; readonly why: 'no_user' | 'several_users' | 'inactive' }[];
}

/**
 * Pairs users of the product whose names are e-mail addresses with users of a
 * system that have the same one. An address that several active users have
 * pairs with nobody: a guess would give somebody another's rights. Without
 * principals, each address of the system is taken as a name.
 */
export function pairByEmail(principals: readonly string[], users: readonly SourceUser[]): Pairing {
  const byEmail = new Map<string, SourceUser[]>();
  for (const user of users) {
    const email = folded(user.email ?? '');
    if (email !== '') byEmail.set(email, [...(byEmail.get(email) ?? []), user]);
  }
  const named = principals.length > 0 ? [...new Set(principals)] : namesOf(byEmail);
  const pairs: { principal: string; user: SourceUser }[] = [];
  const unpaired: Pairing['unpaired'][number][] = [];
  for (const principal of named) {
    const found = byEmail.get(folded(principal)) ?? [];
    const active = found.filter((user) => user.active);
    const [user] = active;
    if (user !== undefined && active.length === 1) pairs.push({ principal, user });
    else
      unpaired.push({
        principal,
        why: active.length > 1 ? 'several_users' : found.length > 0 ? 'inactive' : 'no_user',
      });
  }
  return { pairs, unpaired };
}

/** Nobody asked for those who are not active there. */
const namesOf = (byEmail: ReadonlyMap<string, readonly SourceUser[]>): string[] =>
  [...byEmail].flatMap(([email, users]) => (users.some(({ active }) => active) ? [email] : []));

const folded = (email: string): string => email.trim().toLowerCase();
