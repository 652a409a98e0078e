import { limits } from './limits.ts';

/**
 * Names within a third of their length of `wanted` (Damerau-free Levenshtein, case folded), nearest first.
 * Nothing is like a `wanted` longer than `limits.suggestCharsMax`: the work grows with the square of the length.
 */
export function suggest(wanted: string, names: Iterable<string>, most = 3): string[] {
  if (wanted.length > limits.suggestCharsMax) return [];
  const target = wanted.toLowerCase();
  const scored: { name: string; distance: number }[] = [];
  for (const name of names) {
    const candidate = name.toLowerCase();
    const bound = Math.max(2, Math.floor(Math.max(candidate.length, target.length) / 3));
    const distance = candidate.includes(target) && target.length >= 3 ? 1 : editDistance(target, candidate, bound);
    if (distance <= bound) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, most).map((entry) => entry.name);
}

function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? bound + 1;
}
