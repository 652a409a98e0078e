import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../kernel/index.ts';

/**
 * AES-256-GCM: version (1 byte), key id (4, big endian), nonce (12), cipher text, tag (16).
 * `aad` says where the cipher text belongs; it opens nowhere else.
 */
export interface Envelope {
  readonly keyId: number;
  readonly bytes: Uint8Array;
}

const version = 1;
const nonceAt = 5;
const textAt = nonceAt + 12;
const tagLength = 16;

export function sealEnvelope(
  key: Uint8Array,
  keyId: number,
  aad: string,
  plain: Uint8Array,
  random: Random,
): Uint8Array {
  const head = Buffer.alloc(textAt);
  head.writeUInt8(version, 0);
  head.writeUInt32BE(keyId, 1);
  head.set(random.bytes(textAt - nonceAt), nonceAt);
  const cipher = createCipheriv('aes-256-gcm', key, head.subarray(nonceAt));
  cipher.setAAD(authenticated(head, aad));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return new Uint8Array(Buffer.concat([head, body, cipher.getAuthTag()]));
}

/** The key that an envelope asks for; null when it is no envelope of ours. */
export function readEnvelope(bytes: Uint8Array): Envelope | null {
  if (bytes.length < textAt + tagLength || bytes[0] !== version) return null;
  return { keyId: new DataView(bytes.buffer, bytes.byteOffset).getUint32(1), bytes };
}

/** Null: altered, sealed elsewhere or under another key; which of these cannot be told. */
export function openEnvelope(key: Uint8Array, aad: string, { bytes }: Envelope): Uint8Array | null {
  const head = bytes.subarray(0, textAt);
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(nonceAt), { authTagLength: tagLength });
  decipher.setAAD(authenticated(head, aad));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagLength));
  try {
    const body = decipher.update(bytes.subarray(textAt, bytes.length - tagLength));
    return new Uint8Array(Buffer.concat([body, decipher.final()]));
  } catch {
    return null;
  }
}

/** Version and key id are bound as well, so that neither can be swapped in the stored bytes. */
function authenticated(head: Uint8Array, aad: string): Uint8Array {
  return Buffer.concat([head.subarray(0, nonceAt), Buffer.from(aad, 'utf8')]);
}
