import { rounded } from './plan/impact.ts';

/** What is moved, and in what; amount null: nobody can tell. */
export interface Moved {
  readonly amount: number | null;
  readonly currency: string | null;
}

export const nothingMoved: Moved = { amount: 0, currency: null };

/** Pure. Two amounts of different currencies are no sum: of those nobody can tell. */
export function movedTogether(one: Moved, next: Moved): Moved {
  if (one.amount === null || next.amount === null) return { amount: null, currency: null };
  if (one.amount === 0) return next;
  if (next.amount === 0) return one;
  if (one.currency !== next.currency) return { amount: null, currency: null };
  return { amount: rounded(one.amount + next.amount), currency: one.currency };
}
