import type { Group } from '../acts/groups.ts';
import type { Role } from '../stage/gantry-process.ts';

/** Points of one group, at one passage. */
export interface Round {
  readonly group: Group;
  /** At which passage. */
  readonly hit: number;
  /** Points that nobody has died at yet. */
  readonly left: Set<string>;
  /** How many have died of each kind of process. */
  readonly deaths: Record<Role | 'command', number>;
  readonly over: AbortController;
}

/** Below so many points nobody passes any by for another's sake. */
const FEW = 8;

/**
 * What a process is to die at. `turn`: of two that do the same work one is
 * armed at the even points, the other at the odd ones, and after each start the
 * other way round: else both would die at the same, and nobody get deeper.
 */
export function ordersOf({ left, hit }: Pick<Round, 'left' | 'hit'>, turn: number | null = null): string {
  const points = [...left];
  const own = turn === null || points.length <= FEW ? points : points.filter((_, at) => at % 2 === turn % 2);
  return own.map((point) => `${point}:${String(hit)}`).join(',');
}

/** The point at which a process says that it ends. */
export const reachedInText = (text: string): string | null =>
  /"kind":"crash_point_reached","point":"([\w.]+)"/.exec(text)?.[1] ?? null;
