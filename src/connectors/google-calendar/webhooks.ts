import type { WebhookSource } from '../contract.ts';
import type { Declaration } from '../kit/declaration.ts';
import type { ConnectorDeps } from '../kit/declared-connector.ts';
import { sharedSecret } from '../kit/signatures.ts';
import { googleChannels } from './channels.ts';

/**
 * A channel's notification has no body: that something changed, not what
 * (developers.google.com, Calendar API, "Get push notifications", "Understand
 * notification message format"). `X-Goog-Channel-Token` is the one given when
 * the channel was opened; numbers of a channel's messages grow.
 */
export function googleCalendarWebhooks(declaration: Declaration, deps: ConnectorDeps): WebhookSource {
  return {
    verify: sharedSecret('x-goog-channel-token'),
    read: ({ headers }) => {
      // `sync`: the channel begins. Nothing happened yet.
      if (headers['x-goog-resource-state'] === 'sync') return { kind: 'events', events: [] };
      const id = `${headers['x-goog-channel-id'] ?? ''}/${headers['x-goog-message-number'] ?? ''}`.slice(0, 200);
      const object = /\/calendarList\b/.test(headers['x-goog-resource-uri'] ?? '') ? 'calendars' : 'events';
      return { kind: 'events', events: [{ id, object, recordId: null, what: 'changed', at: null }] };
    },
    ...googleChannels(declaration, deps),
  };
}
