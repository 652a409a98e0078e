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
];
