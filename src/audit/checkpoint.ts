import { createPrivateKey, createPublicKey, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson, isJsonObject, type Json, type JsonObject, type TenantId } from '../kernel/index.ts';
import { hex } from './chain.ts';

/** What a checkpoint says: this was the end of that tenant's chain at that time. */
export interface CheckpointStatement {
  /** Slug. */
  readonly tenant: string;
  /** Never given twice, other than the slug: a tenant that left does not speak for the next one of its name. */
  readonly number: number;
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly at: Date;
}

export interface SignedCheckpoint extends CheckpointStatement {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** Ed25519 (RFC 8032). */
export interface CheckpointKey {
  /** First 16 digits of the public key. */
  readonly id: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/**
 * Derived from the master key, so that all processes sign with the same one and
 * whoever holds the database alone cannot. A new master key is a new key;
 * checkpoints of the one before are checked with the other master keys.
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

export function signCheckpoint(key: CheckpointKey, statement: CheckpointStatement): SignedCheckpoint {
  return { ...statement, keyId: key.id, signature: new Uint8Array(sign(null, textOf(statement), key.privateKey)) };
}

/** `publicKeys` by id. False: signed by a key that is not among them, or not by it. */
export function isSigned(checkpoint: SignedCheckpoint, publicKeys: ReadonlyMap<string, Uint8Array>): boolean {
  const raw = publicKeys.get(checkpoint.keyId);
  if (raw === undefined) return false;
  const key = createPublicKey({ key: Buffer.concat([spkiHead, raw]), format: 'der', type: 'spki' });
  return verify(null, textOf(checkpoint), key, checkpoint.signature);
}

/** The name of a tenant's checkpoint file. */
export const checkpointFile = (slug: string, tenant: TenantId): string => `${slug}.${String(tenant)}.jsonl`;

/** One line of a checkpoint file. */
export function checkpointLine({ tenant, number, seq, hash, at, keyId, signature }: SignedCheckpoint): string {
  const line: JsonObject = {
    tenant,
    number,
    seq,
    hash: hex(hash),
    at: at.toISOString(),
    key: keyId,
    signature: hex(signature),
  };
  return `${JSON.stringify(line)}\n`;
}

/** Null: not such a line. */
export function readCheckpointLine(line: string): SignedCheckpoint | null {
  const said = parsed(line);
  if (!isJsonObject(said)) return null;
  const { tenant, number, seq, hash, at, key, signature } = said;
  if (typeof tenant !== 'string' || typeof number !== 'number') return null;
  if (typeof seq !== 'number' || typeof key !== 'string') return null;
  if (!isHex(hash, 32) || !isHex(signature, 64) || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null;
  return { tenant, number, seq, hash: bytes(hash), at: new Date(at), keyId: key, signature: bytes(signature) };
}

const textOf = ({ tenant, number, seq, hash, at }: CheckpointStatement): Buffer =>
  Buffer.from(canonicalJson(['gantry audit checkpoint', tenant, number, seq, hex(hash), at.toISOString()]), 'utf8');

function parsed(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
}

const isHex = (value: unknown, length: number): value is string =>
  typeof value === 'string' && value.length === length * 2 && /^[0-9a-f]*$/.test(value);
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

// The fixed beginnings of an Ed25519 key in DER (RFC 8410); the key's 32 bytes follow.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');
