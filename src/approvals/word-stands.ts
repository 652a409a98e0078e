import { limits } from '../kernel/index.ts';
import { operatorRoleOf, operatorTokenStanding, type Tx } from '../store/index.ts';
import type { Decider, DeciderToken } from './types.ts';

/** Somebody's word, as it was kept. */
export interface KeptWord {
  /** Lower case. */
  readonly name: string;
  readonly by: Decider['by'];
  /** Null: by a key of ours, or of a program before this was kept. */
  readonly token: DeciderToken | null;
}

/**
 * Why somebody's word does not count any more, as a sentence; null: it does.
 * A key's role is looked up. Of a token's role is known what its issuer said
 * last: in the newest token of that person that came here, which is believed
 * for `approvalTokenHoldsMs` from its issue. Without a newer word than that,
 * nobody can tell, and that is a no.
 */
export async function wordFallen(
  tx: Tx,
  { name, by, token }: KeptWord,
  needed: 'approver' | 'admin',
): Promise<string | null> {
  const judged = (role: string | null): string | null =>
    role === 'admin' || role === needed ? null : `${name} is no ${needed} any more`;
  if (by === 'key') return judged(await operatorRoleOf(tx, name));
  if (token === null) return `nobody can tell whether ${name} may still decide`;
  const { newest, cutBefore } = await operatorTokenStanding(tx, { name, issuer: token.issuer });
  // Tokens tell whole seconds: one of the same second counts as before.
  if (cutBefore !== null && new Date(token.issuedAt) <= cutBefore) return `the sign-in of ${name} was ended`;
  const heardAt = newest?.issuedAt.getTime() ?? 0;
  if (heardAt + limits.approvalTokenHoldsMs <= tx.now.getTime()) {
    return `${name} has not signed in for ${String(limits.approvalTokenHoldsMs / HOUR_MS)} hours`;
  }
  return judged(newest?.role ?? null);
}

const HOUR_MS = 3_600_000;
