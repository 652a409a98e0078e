import { createHash, timingSafeEqual } from 'node:crypto';

/** Equality of secrets that tells an attacker nothing by its duration, lengths included. */
export function sameKey(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
