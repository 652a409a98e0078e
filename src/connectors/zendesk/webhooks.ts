import type { WebhookSource } from '../contract.ts';
import { zendeskSignature } from '../kit/signatures.ts';
import { shortText, timeIn, unreadable, webhookBody } from '../kit/webhook-body.ts';

/**
 * Events that a Zendesk webhook subscribes to: `type` is
 * `zen:event-type:ticket.status_changed`, `subject` `zen:ticket:35436`, `id` the
 * same each time an event is sent (developer.zendesk.com, "Webhook event types
 * reference"). Of other subjects nothing is replicated, so they are not kept.
 */
export const zendeskWebhooks: WebhookSource = {
  verify: zendeskSignature,
  read: (delivery) => {
    const body = webhookBody(delivery);
    const [type, id] = [shortText(body, 'type'), shortText(body, 'id')];
    const named = /^zen:event-type:(\w+)\.(\w+)$/.exec(type ?? '');
    const recordId = /^zen:\w+:(\d+)$/.exec(shortText(body, 'subject') ?? '')?.[1];
    if (id === null || named === null || recordId === undefined) throw unreadable('This is not an event of Zendesk.');
    const object = OBJECTS.get(named[1] ?? '');
    if (object === undefined) return { kind: 'events', events: [] };
    const what = DELETED.has(named[2] ?? '') ? 'deleted' : 'changed';
    return { kind: 'events', events: [{ id, object, recordId, what, at: timeIn(shortText(body, 'time')) }] };
  },
};

const OBJECTS: ReadonlyMap<string, string> = new Map([
  ['ticket', 'tickets'],
  ['user', 'users'],
  ['organization', 'organizations'],
]);

const DELETED: ReadonlySet<string> = new Set(['deleted', 'soft_deleted', 'permanently_deleted']);
