/**
 * Randomness by counting: every draw is a hash of (key, index, draw number), so
 * that record 900,000 costs the same as record 0 and nothing has to be kept.
 */

/** Spreads the bits of a 32-bit integer; a bijection on 32-bit integers. */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A key for one stream of draws, for example `the tickets of world 7`. */
export function streamKey(seed: number, stream: string): number {
  let key = mix(mix(seed % 0x100000000) + Math.floor(seed / 0x100000000));
  for (let i = 0; i < stream.length; i += 1) key = mix(key + stream.charCodeAt(i) + i * 131);
  return key;
}

/** Draw number `draw` of record `index`: 32 uniform bits. */
export function roll(key: number, index: number, draw = 0): number {
  return mix(mix(key + Math.imul(index, 0x9e3779b1)) + Math.imul(draw + 1, 0x85ebca6b));
}

/** A draw as a whole number in [0, size). */
export function below(bits: number, size: number): number {
  return Math.floor((bits / 0x100000000) * size);
}

/** A draw as a whole number in [from, to], both ends included. */
export function between(bits: number, from: number, to: number): number {
  return from + below(bits, to - from + 1);
}

/** True in `percent` of a hundred draws. */
export function chance(bits: number, percent: number): boolean {
  return bits < percent * 42_949_672.96;
}

/** One entry of a list that is not empty. */
export function pick<T>(list: readonly T[], bits: number): T {
  return list[below(bits, list.length)] as T;
}
