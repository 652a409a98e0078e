import { createECDH, hkdfSync } from 'node:crypto';
import type { JWK } from 'jose';

/**
 * The key that signs our access tokens: P-256, derived from the master key, so
 * that all processes have the same one and nothing more has to be kept. A new
 * master key is a new signing key; tokens of the one before are good while it
 * is among the other master keys.
 */
export function signingKey(masterKey: Uint8Array): JWK {
  const ecdh = createECDH('prime256v1');
  for (let round = 0; ; round += 1) {
    const scalar = Buffer.from(hkdfSync('sha256', masterKey, '', `gantry access tokens ${String(round)}`, 32));
    try {
      ecdh.setPrivateKey(scalar);
    } catch {
      // Not below the order of the curve: one of 2^32.
      continue;
    }
    const point = ecdh.getPublicKey();
    const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
    return {
      kty: 'EC',
      crv: 'P-256',
      x,
      y,
      d: scalar.toString('base64url'),
      alg: 'ES256',
      use: 'sig',
      kid: x.slice(0, 16),
    };
  }
}

/** What others may know of it. */
export function publicKey({ d: _secret, ...key }: JWK): JWK {
  return key;
}
