import type { MovedBySystem } from '../audit/index.ts';
import type { PlanSystemsRow } from '../store/index.ts';
import { rounded } from './plan/impact.ts';
import type { PlannedWrite } from './types.ts';

/** Pure: what writes move in each system; what nobody can tell of one of them nobody can tell of its system. */
export function movedBySystem(writes: readonly Pick<PlannedWrite, 'slug' | 'worth'>[]): MovedBySystem {
  const moved = new Map<string, number | null>();
  for (const { slug, worth = null } of writes) {
    const before = moved.get(slug);
    moved.set(slug, worth === null || before === null ? null : rounded((before ?? 0) + worth));
  }
  return Object.fromEntries(moved);
}

/** Pure: the same of a kept plan. One that an earlier version kept knows where it writes, and not what it moves there. */
export const movedIn = ({ systems, connections }: Omit<PlanSystemsRow, 'id'>): MovedBySystem =>
  systems ?? Object.fromEntries(connections.map((slug) => [slug, null]));
