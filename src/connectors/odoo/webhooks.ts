import { contentHash } from '../../kernel/index.ts';
import type { WebhookSource } from '../contract.ts';
import { sharedSecret } from '../kit/signatures.ts';
import { shortText, unreadable, webhookBody } from '../kit/webhook-body.ts';

/**
 * An automation rule's action "Send Webhook Notification" posts `_model`, `_id`
 * and the fields that were chosen (Odoo, `ir.actions.server`). It signs nothing,
 * so a proxy in front of Odoo adds the secret. It numbers nothing either, and
 * sends once: each delivery is an event of its own, since two changes within a
 * second look alike; one more reading is all that it can cost.
 */
export const odooWebhooks: WebhookSource = {
  verify: sharedSecret('x-gantry-secret'),
  read: (delivery) => {
    const body = webhookBody(delivery);
    const [object, recordId] = [shortText(body, '_model'), shortText(body, '_id')];
    if (object === null || recordId === null) throw unreadable('This is not a webhook notification of Odoo.');
    const id = contentHash(`${object}/${recordId}/${delivery.receivedAt.toISOString()}`);
    return { kind: 'events', events: [{ id, object, recordId, what: 'changed', at: null }] };
  },
};
