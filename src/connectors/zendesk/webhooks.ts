import type { WebhookSource } from '../contract.ts';
import type { ConnectorDeps } from '../kit/declared-connector.ts';
import type { Declaration } from '../kit/declaration.ts';
import { zendeskSignature } from '../kit/signatures.ts';
import { shortText, timeIn, unreadable, webhookBody } from '../kit/webhook-body.ts';
import { isJsonObject, type JsonObject } from '../../kernel/index.ts';
import { zendeskRegistration } from './webhook-registration.ts';

/**
 * Events that a Zendesk webhook subscribes to: `type` is
 * `zen:event-type:ticket.status_changed`, `subject` `zen:ticket:35436`, `id` the
 * same each time an event is sent, `time` when it happened
 * (developer.zendesk.com, Webhooks API, "Webhook event types" with its pages of
 * ticket, user and organization events). Of other subjects nothing is
 * replicated, so they are not kept.
 */
export function zendeskWebhooks(declaration: Declaration, deps: ConnectorDeps): WebhookSource {
  return {
    verify: zendeskSignature,
    read: (delivery) => {
      const body = webhookBody(delivery);
      const [type, id] = [shortText(body, 'type'), shortText(body, 'id')];
      // Some pages of the reference write a slash where the others have a colon.
      const named = /^zen:event-type[:/](\w+)\.(\w+)$/.exec(type ?? '');
      const recordId = /^zen:\w+:(\d+)$/.exec(shortText(body, 'subject') ?? '')?.[1];
      if (id === null || named === null || recordId === undefined) throw unreadable('This is not an event of Zendesk.');
      const object = OBJECTS.get(named[1] ?? '');
      if (object === undefined) return { kind: 'events', events: [] };
      const what = isDeletion(named[2] ?? '', body) ? 'deleted' : 'changed';
      return { kind: 'events', events: [{ id, object, recordId, what, at: timeIn(shortText(body, 'time')) }] };
    },
    ...zendeskRegistration(declaration, deps),
  };
}

const OBJECTS: ReadonlyMap<string, string> = new Map([
  ['ticket', 'tickets'],
  ['user', 'users'],
  ['organization', 'organizations'],
]);

const DELETED: ReadonlySet<string> = new Set(['deleted', 'soft_deleted', 'permanently_deleted']);

/** "Current is false if the user has been soft deleted", says the page of user events of `active_changed`. */
function isDeletion(event: string, body: JsonObject): boolean {
  if (DELETED.has(event)) return true;
  const { event: details } = body;
  return event === 'active_changed' && isJsonObject(details) && details['current'] === false;
}
