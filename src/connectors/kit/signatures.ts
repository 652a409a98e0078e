import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { GantryError, limits } from '../../kernel/index.ts';
import type { WebhookDelivery } from '../contract.ts';

/** Raises `webhook_signature_invalid`; says nothing about what would have been right. */
export type VerifySignature = (delivery: WebhookDelivery, secret: string) => void;

/**
 * HubSpot v3: base64 of HMAC-SHA256 over method, address, body and the time in
 * milliseconds (developers.hubspot.com, "Validating requests").
 */
export const hubspotV3: VerifySignature = (delivery, secret) => {
  const stamp = header(delivery, 'x-hubspot-request-timestamp');
  inTime(delivery, Number(stamp));
  const expected = hmac(secret, [delivery.method, hubspotAddress(delivery.url), delivery.body, stamp]).toString(
    'base64',
  );
  mustMatch([header(delivery, 'x-hubspot-signature-v3')], expected);
};

/** Zendesk: base64 of HMAC-SHA256 over the time and the body (developer.zendesk.com, "Verifying webhooks"). */
export const zendeskSignature: VerifySignature = (delivery, secret) => {
  const stamp = header(delivery, 'x-zendesk-webhook-signature-timestamp');
  inTime(delivery, Date.parse(stamp));
  const expected = hmac(secret, [stamp, delivery.body]).toString('base64');
  mustMatch([header(delivery, 'x-zendesk-webhook-signature')], expected);
};

/** Slack v0: hex of HMAC-SHA256 over version, time in seconds and body (api.slack.com, "Verifying requests from Slack"). */
export const slackV0: VerifySignature = (delivery, secret) => {
  const stamp = header(delivery, 'x-slack-request-timestamp');
  inTime(delivery, Number(stamp) * 1_000);
  const expected = `v0=${hmac(secret, [`v0:${stamp}:`, delivery.body]).toString('hex')}`;
  mustMatch([header(delivery, 'x-slack-signature')], expected);
};

/**
 * Standard Webhooks (its specification, "Signature scheme"): base64 of
 * HMAC-SHA256 over id, time in seconds and body. `secret` as the sender gives
 * it, `whsec_` and base64. A delivery may carry several signatures.
 */
export const standardWebhooks: VerifySignature = (delivery, secret) => {
  const stamp = header(delivery, 'webhook-timestamp');
  inTime(delivery, Number(stamp) * 1_000);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = hmac(key, [`${header(delivery, 'webhook-id')}.${stamp}.`, delivery.body]).toString('base64');
  mustMatch(header(delivery, 'webhook-signature').split(' '), `v1,${signed}`);
};

/** The secret itself in a header: proves who sends, neither what nor when. */
export function sharedSecret(name: string): VerifySignature {
  return (delivery, secret) => mustMatch([header(delivery, name)], secret);
}

type Signed = readonly (string | Uint8Array)[];

function hmac(key: string | Uint8Array, parts: Signed): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function header({ headers }: WebhookDelivery, name: string): string {
  const value = headers[name];
  if (value === undefined || value === '') throw refused(`The delivery has no header ${name}.`);
  return value;
}

/** Both ways: an old delivery may be replayed, one from the future may be kept for that. */
function inTime({ receivedAt }: WebhookDelivery, at: number): void {
  if (Math.abs(receivedAt.getTime() - at) <= limits.webhookAgeMaxMs) return;
  throw refused("The delivery's time is too far from now, or is none.");
}

/** Digests are compared: of one length, and in a time that tells nothing. */
function mustMatch(shown: readonly string[], expected: string): void {
  let matches = false;
  for (const one of shown) if (timingSafeEqual(digest(one), digest(expected))) matches = true;
  if (!matches) throw refused('The signature of the delivery is wrong.');
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function refused(message: string): GantryError {
  return new GantryError('webhook_signature_invalid', { message });
}

/** These are decoded before the signature is made, says HubSpot; the `?` that begins the query stays what it is. */
const HUBSPOT_DECODED: readonly (readonly [string, string])[] = [
  ['%3A', ':'],
  ['%2F', '/'],
  ['%3F', '?'],
  ['%40', '@'],
  ['%21', '!'],
  ['%24', '$'],
  ['%27', "'"],
  ['%28', '('],
  ['%29', ')'],
  ['%2A', '*'],
  ['%2C', ','],
  ['%3B', ';'],
];

function hubspotAddress(url: string): string {
  return HUBSPOT_DECODED.reduce(
    (text, [encoded, plain]) => text.replaceAll(encoded, plain).replaceAll(encoded.toLowerCase(), plain),
    url,
  );
}
