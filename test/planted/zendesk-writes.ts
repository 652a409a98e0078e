import type { PlantedDefect } from './types.ts';

export const zendeskWritesDefects: PlantedDefect[] = [
  {
    name: 'a ticket is made without the key that keeps it from being made twice',
    file: 'src/connectors/zendesk/writes/single.ts',
    find: "object.name === 'tickets' ? { 'idempotency-key': item.key } : {}",
    replace: "object.name === 'ticket' ? { 'idempotency-key': item.key } : {}",
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a ticket is changed whatever happened to it since',
    file: 'src/connectors/zendesk/writes/single.ts',
    find: 'safe_update: true',
    replace: 'safe_update: false',
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'results of a job go to records by their place in what is asked for now',
    file: 'src/connectors/zendesk/writes/job.ts',
    find: 'const at = keys.indexOf(item.key);',
    replace: 'const at = request.items.indexOf(item);',
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: "a proxy's page is taken for the provider's yes",
    file: 'src/connectors/zendesk/writes/single.ts',
    find: 'if (recordId === null || (item.recordId !== null && recordId !== item.recordId)) return UNKNOWN;',
    replace: "if (recordId === null) return applied(item.recordId ?? '', { created: true });",
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a job whose number cannot be kept is raised as not sent',
    file: 'src/connectors/zendesk/writes/job.ts',
    find: '.catch(() => undefined);\n    return await follow(context, request, id);\n  } catch {\n    return request.items.map(() => UNKNOWN);\n  }',
    replace:
      ';\n    return await follow(context, request, id);\n  } finally {\n    request.signal.throwIfAborted();\n  }',
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a look-up that fails after a job takes its outcomes away',
    file: 'src/connectors/zendesk/writes/single.ts',
    find: 'findBy(context, object, KEY_FIELD, [item.key]).catch(() => null)',
    replace: 'findBy(context, object, KEY_FIELD, [item.key])',
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a record that create-or-update made counts as one that was there before',
    file: 'src/connectors/zendesk/writes/settle.ts',
    find: "return { kind: 'applied', recordId: id, created: true };",
    replace: "return { kind: 'applied', recordId: id, created: false };",
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a record that is there with other values counts as proof that nothing was written',
    file: 'src/connectors/zendesk/writes/settle.ts',
    find: "return unclear('A record with this value stands there with other values.');",
    replace: "return { kind: 'not_applied' };",
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
  {
    name: 'a person who was there under the other name counts as made by us',
    file: 'src/connectors/zendesk/writes/settle.ts',
    find: 'hasTwoNames(object, item) && image.values[CREATED_FIELD] !== image.version',
    replace: 'hasTwoNames(object, item) && image.version === null',
    suite: 'test/connectors/zendesk-writes.test.ts',
  },
];
