import { createPrivateKey, createPublicKey, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, type Json } from '../kernel/index.ts';
import { hex } from './chain.ts';

/** Ed25519 (RFC 8032). */
export interface CheckpointKey {
  /** First 16 digits of the public key. */
  readonly id: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** By id. */
export type PublicKeys = ReadonlyMap<string, Uint8Array>;

export interface Signature {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/**
 * Derived from the master key, so that all processes sign with the same one and
 * whoever holds the database alone cannot. A new master key is a new key; what
 * was signed with the one before is checked with the other master keys, or with
 * the public key alone.
 */
export function checkpointKey(masterKey: Uint8Array): CheckpointKey {
  const seed = Buffer.from(hkdfSync('sha256', masterKey, '', 'gantry audit checkpoints', 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(spki.length - 32));
  return { id: hex(publicKey).slice(0, 16), publicKey, privateKey };
}

/** What is signed begins with the name of what it is: a checkpoint's signature is good for no erasure. */
export function signatureOf(key: CheckpointKey, said: Json): Signature {
  return { keyId: key.id, signature: new Uint8Array(sign(null, textOf(said), key.privateKey)) };
}

/** False: signed by a key that is not among them, or not by it. */
export function isSignatureOf({ keyId, signature }: Signature, said: Json, publicKeys: PublicKeys): boolean {
  const raw = publicKeys.get(keyId);
  if (raw === undefined) return false;
  const key = createPublicKey({ key: Buffer.concat([spkiHead, raw]), format: 'der', type: 'spki' });
  return verify(null, textOf(said), key, signature);
}

/**
 * It names a key that is not among them: whether it is good nobody can tell
 * here. What is no key's id is not believed to be one of before.
 */
export const isKeyUnknown = ({ keyId }: Signature, publicKeys: PublicKeys): boolean =>
  /^[0-9a-f]{16}$/.test(keyId) && !publicKeys.has(keyId);

/** Null: not one. `signature` as `hex` writes it. */
export function readSignature(keyId: unknown, signature: unknown): Signature | null {
  if (typeof keyId !== 'string' || typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature)) return null;
  return { keyId, signature: new Uint8Array(Buffer.from(signature, 'hex')) };
}

const textOf = (said: Json): Buffer => Buffer.from(canonicalJson(said), 'utf8');

// The fixed beginnings of an Ed25519 key in DER (RFC 8410); the key's 32 bytes follow.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');
