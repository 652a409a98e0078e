import type { WebhookSource } from '../contract.ts';
import { sharedSecret } from '../kit/signatures.ts';

/**
 * A channel's notification has no body: that something changed, not what
 * (developers.google.com, Calendar API, "Push notifications"). The token is the
 * one given when the channel was opened; messages of a channel are numbered.
 */
export const googleCalendarWebhooks: WebhookSource = {
  verify: sharedSecret('x-goog-channel-token'),
  read: ({ headers }) => {
    // `sync`: the channel begins. Nothing happened yet.
    if (headers['x-goog-resource-state'] === 'sync') return { kind: 'events', events: [] };
    const id = `${headers['x-goog-channel-id'] ?? ''}/${headers['x-goog-message-number'] ?? ''}`.slice(0, 200);
    const object = /\/calendarList\b/.test(headers['x-goog-resource-uri'] ?? '') ? 'calendars' : 'events';
    return { kind: 'events', events: [{ id, object, recordId: null, what: 'changed', at: null }] };
  },
};
