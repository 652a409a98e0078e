import { hash } from 'node:crypto';
import { canonicalJson, type Json } from '../kernel/index.ts';

/**
 * The chain: an entry's commitment covers its salt and body; its hash covers
 * the hash before it, its number, time, kind and commitment. SHA-256
 * throughout, so that anybody can check it with a few lines of their own
 * (docs/audit.md has them).
 */
export interface Link {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly commitment: Uint8Array;
}

/** What the first entry follows. */
export const genesis: Uint8Array = new Uint8Array(32);

/** The salt keeps a body that is erased from being guessed. */
export function commitmentOf(salt: Uint8Array, body: string): Uint8Array {
  return sha256(Buffer.concat([salt, Buffer.from(body, 'utf8')]));
}

export function linkHash(previous: Uint8Array, { seq, at, kind, commitment }: Link): Uint8Array {
  const text = canonicalJson([hex(previous), seq, at.toISOString(), kind, hex(commitment)] satisfies Json);
  return sha256(Buffer.from(text, 'utf8'));
}

export const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'));
