import { isJsonObject, type Json, type JsonObject, type TenantId } from '../kernel/index.ts';
import { hex } from './chain.ts';
import {
  isSignatureOf,
  readSignature,
  signatureOf,
  type CheckpointKey,
  type PublicKeys,
  type Signature,
} from './signature.ts';

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

export interface SignedCheckpoint extends CheckpointStatement, Signature {}

export const signCheckpoint = (key: CheckpointKey, statement: CheckpointStatement): SignedCheckpoint => ({
  ...statement,
  ...signatureOf(key, saidBy(statement)),
});

/** False: signed by a key that is not among them, or not by it. */
export const isSigned = (checkpoint: SignedCheckpoint, publicKeys: PublicKeys): boolean =>
  isSignatureOf(checkpoint, saidBy(checkpoint), publicKeys);

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
  const signed = readSignature(key, signature);
  if (typeof seq !== 'number' || signed === null) return null;
  if (!isHash(hash) || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null;
  return { tenant, number, seq, hash: new Uint8Array(Buffer.from(hash, 'hex')), at: new Date(at), ...signed };
}

const saidBy = ({ tenant, number, seq, hash, at }: CheckpointStatement): Json => [
  'gantry audit checkpoint',
  tenant,
  number,
  seq,
  hex(hash),
  at.toISOString(),
];

function parsed(line: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
}

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
