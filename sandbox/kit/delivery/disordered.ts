import { hash32 } from '../random.ts';

/** Another order than the given one, the same for the same seed; one alone stays as it is. */
export function disordered<T>(items: readonly T[], seed: number): readonly T[] {
  const shuffled = items
    .map((item, at) => ({ item, at, key: hash32(seed, at) }))
    .toSorted((a, b) => a.key - b.key || a.at - b.at);
  const same = shuffled.every(({ at }, place) => at === place);
  return (same ? shuffled.toReversed() : shuffled).map(({ item }) => item);
}
