import type { PlantedDefect } from './types.ts';

export const inboxDefects: readonly PlantedDefect[] = [
  {
    name: 'a webhook is acknowledged before it is durable',
    file: 'src/inbox/receive.ts',
    find: 'await orAway(keep(place, reading.events));',
    replace: 'void keep(place, reading.events).catch(() => undefined);',
    suite: 'test/inbox/webhooks.test.ts',
  },
  {
    name: 'a delivery that comes as the one before it was kept waits for the next one',
    file: 'src/inbox/gather.ts',
    find: '    busy.delete(name);',
    replace: '    queueMicrotask(() => busy.delete(name));',
    suite: 'test/inbox/webhooks.test.ts',
  },
  {
    name: 'a record that is missing is taken for deleted',
    file: 'src/inbox/keep-records.ts',
    find: "recordId === id && what === 'deleted' && at !== null",
    replace: 'recordId === id && at !== null',
    suite: 'test/inbox/webhooks.test.ts',
  },
  {
    name: 'a delivery is believed however old it is',
    file: 'src/connectors/kit/signatures.ts',
    find: '<= limits.webhookAgeMaxMs) return;',
    replace: '<= Number.MAX_VALUE) return;',
    suite: 'test/connectors/signatures.test.ts',
  },
  {
    name: 'what comes while an inbox is being emptied waits for the next delivery',
    file: 'src/store/inbox.ts',
    find: 'const dueAt = next?.dueAt ?? null;',
    replace: 'const dueAt = next === undefined ? tx.now : null;',
    suite: 'test/inbox/webhooks.test.ts',
  },
  {
    name: 'what a provider agreed to is not asked for again before it ends',
    file: 'src/inbox/registration-turn.ts',
    find: '> limits.webhookRenewAheadMs;',
    replace: '> -limits.webhookRenewAheadMs;',
    suite: 'test/inbox/registrations.test.ts',
  },
  {
    name: 'what changed before a provider began to tell is left to the schedule',
    file: 'src/inbox/registration-turn.ts',
    find: 'if (isNew) for (const object of objects) await requestSync(tx, { tenant, connection, object });',
    replace: '',
    suite: 'test/inbox/registrations.test.ts',
  },
  {
    name: 'a webhook that is repeated is made twice',
    file: 'src/connectors/zendesk/webhook-registration.ts',
    find: '?? (await found(http, request.url));',
    replace: '?? null;',
    suite: 'test/inbox/vendor-registration.test.ts',
  },
  {
    name: 'the address of an Odoo rule proves nothing',
    file: 'src/connectors/odoo/webhooks.ts',
    find: 'verify: (delivery, secret) => verifySecret(withKey(delivery), secret),',
    replace:
      'verify: (delivery, secret) => verifySecret({ ...withKey(delivery), headers: { [HEADER]: secret } }, secret),',
    suite: 'test/inbox/vendor-formats.test.ts',
  },
];
