import { limits } from '../kernel/index.ts';
import type { CredentialSummary } from '../store/index.ts';

/** What a sign-in that ends by itself asks for now. */
export type AheadStep =
  | { readonly kind: 'leave' }
  /** Half of its life is over: using it now gives it a new one. */
  | { readonly kind: 'renew' }
  /** Only a person can: those who were not told since `since` are told. */
  | { readonly kind: 'tell'; readonly endsAt: Date; readonly since: Date };

const LEAVE: AheadStep = { kind: 'leave' };
const DAY_MS = 86_400_000;

/** `now` is the database's: all processes come to the same. */
export function stepAhead(
  row: Pick<CredentialSummary, 'endsAt' | 'endedAt' | 'renewable' | 'updatedAt' | 'endToldAt'>,
  now: Date,
): AheadStep {
  const { endsAt, endedAt, renewable, updatedAt, endToldAt } = row;
  if (endsAt === null || endedAt !== null) return LEAVE;
  const leftMs = endsAt.getTime() - now.getTime();
  if (renewable) {
    const lifeMs = endsAt.getTime() - updatedAt.getTime();
    return leftMs > 0 && leftMs * 2 <= lifeMs ? { kind: 'renew' } : LEAVE;
  }
  const passed = limits.signInEndToldDays
    .map((days) => endsAt.getTime() - days * DAY_MS)
    .filter((at) => at <= now.getTime());
  if (passed.length === 0) return LEAVE;
  const since = new Date(Math.max(...passed));
  return endToldAt === null || endToldAt < since ? { kind: 'tell', endsAt, since } : LEAVE;
}
