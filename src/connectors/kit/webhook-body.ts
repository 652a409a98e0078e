import { GantryError, isJsonObject, type JsonObject } from '../../kernel/index.ts';
import type { WebhookDelivery, WebhookReading } from '../contract.ts';

/** The delivery's body as an object. Raises `webhook_unreadable`. */
export function webhookBody({ body }: WebhookDelivery): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // Said below: what is not JSON is as little of use as what is no object.
  }
  throw unreadable('The body is not a JSON object.');
}

export function unreadable(message: string): GantryError {
  return new GantryError('webhook_unreadable', { message });
}

/** The text of a key; null where there is none, or something else, or more than an id has. */
export function shortText(body: JsonObject, name: string): string | null {
  const value = body[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : null;
}

/** Null: no time, or one outside the years 1 to 9999, which is a mistake and cannot be kept. `value`: a text, or ms since 1970. */
export function timeIn(value: string | number | null): Date | null {
  const at = new Date(value ?? '');
  const year = at.getUTCFullYear();
  return year >= 1 && year <= 9_999 ? at : null;
}

/**
 * Slack asks an address whether it is ours before it sends events there
 * (api.slack.com, `url_verification`); null where it does not ask.
 */
export function slackChallenge(body: JsonObject): WebhookReading | null {
  const challenge = body['challenge'];
  if (body['type'] !== 'url_verification' || typeof challenge !== 'string') return null;
  return { kind: 'challenge', answer: { contentType: 'text/plain', body: challenge.slice(0, 1_000) } };
}
