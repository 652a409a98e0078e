import { randomBytes } from 'node:crypto';

/**
 * A well-mixed unsigned 32-bit number from whole numbers: the same parts give
 * the same number in every process, so a field's value needs no memory.
 */
export function hash32(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    const low = part | 0;
    const high = Math.floor(part / 0x1_0000_0000) | 0;
    state = mix((state + Math.imul(low, 0x85ebca6b)) | 0);
    if (high !== 0) state = mix((state ^ Math.imul(high, 0xc2b2ae35)) | 0);
  }
  return state >>> 0;
}

/** A stable number for a name, to be used as a part of `hash32`. */
export function hashText(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return state >>> 0;
}

function mix(input: number): number {
  let value = input;
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return value ^ (value >>> 16);
}

/** Codes and tokens are secrets even in a sandbox, hence never derived from the seed. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}
