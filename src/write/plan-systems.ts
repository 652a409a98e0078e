import type { MovedBySystem } from '../audit/index.ts';
import type { PlanSystemsRow } from '../store/index.ts';
import { movedTogether, nothingMoved, type Moved } from './moved.ts';
import type { PlannedWrite } from './types.ts';

/** Pure: what writes move in each system; what nobody can tell of one of them, or of their sum, nobody can tell of its system. */
export function movedBySystem(writes: readonly Pick<PlannedWrite, 'slug' | 'worth' | 'currency'>[]): MovedBySystem {
  const moved = new Map<string, Moved>();
  for (const { slug, worth = null, currency = null } of writes)
    moved.set(slug, movedTogether(moved.get(slug) ?? nothingMoved, { amount: worth, currency }));
  return Object.fromEntries([...moved].map(([slug, { amount }]) => [slug, amount]));
}

/** Pure: the same of a kept plan. One that an earlier version kept knows where it writes, and not what it moves there. */
export const movedIn = ({ systems, connections }: Omit<PlanSystemsRow, 'id'>): MovedBySystem =>
  systems ?? Object.fromEntries(connections.map((slug) => [slug, null]));
