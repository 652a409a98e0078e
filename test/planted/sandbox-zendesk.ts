import type { PlantedDefect } from './types.ts';

export const sandboxZendeskDefects: PlantedDefect[] = [
  {
    name: 'an export cursor skips records that share the second where the page ended',
    file: 'sandbox/zendesk/store/collection.ts',
    find: 'base.changedS(index) === position.changedS && base.idOf(index) <= position.id)',
    replace: 'base.changedS(index) === position.changedS && position.id >= 0)',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'a changed ticket stays in the export at its old place, too',
    file: 'sandbox/zendesk/store/collection.ts',
    find: 'skip: (id) => overlay.has(id)',
    replace: 'skip: () => false',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'exports show changes of the last minute',
    file: 'sandbox/zendesk/api/incremental.ts',
    find: ' - limits.incrementalExclusionS;',
    replace: ' - 0 * limits.incrementalExclusionS;',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'a used refresh token goes on working',
    file: 'sandbox/zendesk/oauth.ts',
    find: 'rotateRefresh: true',
    replace: 'rotateRefresh: false',
    suite: 'test/sandbox-zendesk/oauth.test.ts',
  },
  {
    name: 'the help desk of globex knows organizations by another domain than their people write from',
    file: 'sandbox/zendesk/profiles/globex.ts',
    find: 'domain_names: [account.domain,',
    replace: 'domain_names: [`www.${account.domain}`,',
    suite: 'test/sandbox-zendesk/globex.test.ts',
  },
  {
    name: 'webhooks are signed with the bytes that the secret would be in base64',
    file: 'sandbox/zendesk/webhooks/sender.ts',
    find: "createHmac('sha256', webhook.secret)",
    replace: "createHmac('sha256', Buffer.from(webhook.secret, 'base64'))",
    suite: 'test/sandbox-zendesk/webhooks.test.ts',
  },
  {
    name: 'a webhook hears of events that it never subscribed to',
    file: 'sandbox/zendesk/webhooks/sender.ts',
    find: 'subscriptions.includes(type)',
    replace: 'subscriptions.length > 0',
    suite: 'test/sandbox-zendesk/webhooks.test.ts',
  },
  {
    name: 'a receiver that asks for more than a minute of patience is called again',
    file: 'sandbox/zendesk/webhooks/sender.ts',
    find: 'retryAfterS < RETRY_AFTER_MAX_S',
    replace: 'retryAfterS < 10 * RETRY_AFTER_MAX_S',
    suite: 'test/sandbox-zendesk/webhooks.test.ts',
  },
  {
    name: 'tokens that may only read make webhooks',
    file: 'sandbox/zendesk/api/dispatch.ts',
    find: "route.method === 'GET' ? 'read' : 'write'",
    replace: "route.method === 'PUT' ? 'write' : 'read'",
    suite: 'test/sandbox-zendesk/webhooks.test.ts',
  },
];
