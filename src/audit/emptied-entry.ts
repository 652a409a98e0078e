import type { TenantId } from '../kernel/index.ts';
import type { AuditRow } from '../store/index.ts';
import { hex } from './chain.ts';
import { readBody } from './entry-body.ts';
import {
  isKeyUnknown,
  isSignatureOf,
  readSignature,
  signatureOf,
  type CheckpointKey,
  type PublicKeys,
} from './signature.ts';
import type { AuditEntry } from './types.ts';

/** Numbers of entries whose bodies an erasure emptied. */
export interface Emptied {
  readonly tenant: TenantId;
  /** Its number. */
  readonly erasure: number;
  readonly entries: readonly number[];
}

/**
 * The entry that says so. Is never emptied itself: numbers only. The chain has
 * no key, so that whoever may write to the database can add such an entry about
 * whatever they emptied; the signature is what they cannot make.
 */
export function emptiedEntry(key: CheckpointKey, emptied: Emptied): AuditEntry {
  const { keyId, signature } = signatureOf(key, saidOf(emptied));
  return {
    kind: 'subject_erased',
    actor: { kind: 'gantry' },
    subject: {},
    reason: null,
    amount: null,
    detail: { erasure: emptied.erasure, entries: [...emptied.entries], key: keyId, signature: hex(signature) },
  };
}

/** `key_unknown`: by a key that is not among ours, which may be one of before; or by whoever says so. */
export type SignedBy = 'us' | 'nobody' | 'key_unknown';

/** What such an entry says, and whether one of the keys has signed it; null: another kind of entry. */
export function readEmptied(
  tenant: TenantId,
  { kind, body }: Pick<AuditRow, 'kind' | 'body'>,
  publicKeys: PublicKeys,
): { readonly entries: readonly number[]; readonly signedBy: SignedBy; readonly key: string | null } | null {
  if (kind !== 'subject_erased' || body === null) return null;
  const { entries: named, erasure, key, signature } = readBody(body)?.detail ?? {};
  if (!Array.isArray(named)) return null;
  const entries = named.filter(isNumber);
  const signed = readSignature(key, signature);
  if (signed === null || !isNumber(erasure)) return { entries, signedBy: 'nobody', key: null };
  if (isKeyUnknown(signed, publicKeys)) return { entries, signedBy: 'key_unknown', key: signed.keyId };
  const isSigned = isSignatureOf(signed, saidOf({ tenant, erasure, entries }), publicKeys);
  return { entries, signedBy: isSigned ? 'us' : 'nobody', key: signed.keyId };
}

const saidOf = ({ tenant, erasure, entries }: Emptied) => ['gantry audit erasure', tenant, erasure, [...entries]];

/** What somebody else wrote there may be anything. */
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);
