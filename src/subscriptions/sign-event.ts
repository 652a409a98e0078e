import { createHmac } from 'node:crypto';
import type { Random } from '../kernel/index.ts';

/** `whsec_` and 32 random bytes in base64 (Standard Webhooks 1.0, "Signature scheme", symmetric). */
export function newEventSecret(random: Random): string {
  return `whsec_${Buffer.from(random.bytes(32)).toString('base64')}`;
}

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body` under the bytes
 * of the secret; while secrets are exchanged, one signature for each, the newest first.
 */
export function signEvent(
  event: { readonly id: string; readonly at: Date; readonly body: string },
  secrets: readonly string[],
): SignedHeaders {
  const timestamp = String(Math.floor(event.at.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${event.id}.${timestamp}.${event.body}`).digest('base64')}`;
  });
  return { 'webhook-id': event.id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
