import { contentHash } from '../../kernel/index.ts';
import type { WebhookDelivery, WebhookSource } from '../contract.ts';
import type { Declaration } from '../kit/declaration.ts';
import type { ConnectorDeps } from '../kit/declared-connector.ts';
import { sharedSecret } from '../kit/signatures.ts';
import { shortText, unreadable, webhookBody } from '../kit/webhook-body.ts';
import { EARLY, EVENT, KEY, odooRules } from './automation-rules.ts';

/**
 * An automation rule's action "Send Webhook Notification" posts `_model`, `_id`,
 * `_action` and the fields that were chosen (Odoo 17 and later, base, model
 * `ir.actions.server`, state `webhook`). It signs nothing: the secret stands in
 * the address that the rule was given, or a proxy in front of Odoo adds it as a
 * header. It numbers nothing either, and sends once: each delivery is an event
 * of its own, since two changes within a second look alike; one more reading is
 * all that it can cost.
 */
export function odooWebhooks(declaration: Declaration, deps: ConnectorDeps): WebhookSource {
  return {
    verify: (delivery, secret) => verifySecret(withKey(delivery), secret),
    read: (delivery) => {
      const body = webhookBody(delivery);
      const [object, recordId] = [shortText(body, '_model'), shortText(body, '_id')];
      if (object === null || recordId === null) throw unreadable('This is not a webhook notification of Odoo.');
      const { searchParams } = new URL(delivery.url);
      const { receivedAt } = delivery;
      const id = contentHash(`${object}/${recordId}/${receivedAt.toISOString()}/${searchParams.get(EVENT) ?? ''}`);
      const early = searchParams.get(EARLY) === '1' ? { readAfterMs: UNTIL_COMMITTED_MS } : {};
      // A number is given to one record only: what was deleted does not come again.
      const gone = searchParams.get(EVENT) === 'deleted';
      const told = gone ? { what: 'deleted' as const, at: receivedAt } : { what: 'changed' as const, at: null };
      return { kind: 'events', events: [{ id, object, recordId, ...told, ...early }] };
    },
    ...odooRules(declaration, deps),
  };
}

const HEADER = 'x-gantry-secret';
const verifySecret = sharedSecret(HEADER);
/** What a change takes in Odoo at most, usually; what takes longer comes by schedule. */
const UNTIL_COMMITTED_MS = 2_000;

function withKey(delivery: WebhookDelivery): WebhookDelivery {
  const key = new URL(delivery.url).searchParams.get(KEY);
  if (key === null || delivery.headers[HEADER] !== undefined) return delivery;
  return { ...delivery, headers: { ...delivery.headers, [HEADER]: key } };
}
