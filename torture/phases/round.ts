import type { Group } from '../acts/groups.ts';

/** Points of one group, at one passage. */
export interface Round {
  readonly group: Group;
  /** At which passage. */
  readonly hit: number;
  /** Points that nobody has died at yet. */
  readonly left: Set<string>;
  readonly over: AbortController;
}

export const ordersOf = ({ left, hit }: Round): string => [...left].map((point) => `${point}:${String(hit)}`).join(',');

/** The point at which a process says that it ends. */
export const reachedInText = (text: string): string | null =>
  /"kind":"crash_point_reached","point":"([\w.]+)"/.exec(text)?.[1] ?? null;
