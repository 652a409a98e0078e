import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { OrgClient } from './org-client.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  /** The public key in PEM. */
  readonly pem: string;
}

export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return { privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** An assertion as a client signs it; good for three minutes of the sandbox's time. */
export async function assertion(
  org: OrgClient,
  key: KeyObject,
  claims: Readonly<Record<string, unknown>> = {},
  alg = 'RS256',
): Promise<string> {
  const { now } = await org.sandbox.control<{ now: string }>('GET', 'health');
  const standard = {
    iss: org.sandbox.app.clientId,
    sub: org.admin.username,
    aud: 'https://login.salesforce.com',
    exp: Math.floor(Date.parse(now) / 1_000) + 180,
  };
  return new SignJWT({ ...standard, ...claims }).setProtectedHeader({ alg }).sign(key);
}
