import type { PlantedDefect } from './types.ts';

export const newFieldDefects: PlantedDefect[] = [
  {
    name: 'a field is made without an approval where the integration is autonomous and a rule lets the write through',
    file: 'src/policy/permission.ts',
    find: "schema: 'approve',",
    replace: "schema: 'allow',",
    suite: 'test/policy/permission.test.ts',
  },
  {
    name: 'the policy is not told that a part of the plan makes a field',
    file: 'src/policy/decide.ts',
    find: "change: part.operation === 'create_field' ? 'schema' : 'records',",
    replace: "change: part.operation === 'delete' ? 'schema' : 'records',",
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'a ticket field is made a second time after a lost answer',
    file: 'src/connectors/zendesk/writes/new-fields.ts',
    find: "if (known.kind === 'usable') return applied(known.name, { existed: true });",
    replace: "if (known.kind === 'usable' && known.name === key) return applied(known.name, { existed: true });",
    suite: 'test/connectors/new-fields.test.ts',
  },
  {
    name: 'a field that is hidden from the connected user is shown to it',
    file: 'src/connectors/salesforce/writes/new-fields.ts',
    find: "return textAt(row, 'Metadata.description') === markText(key) ? { kind: 'unshown' } : { kind: 'another' };",
    replace: "return textAt(row, 'Id') !== markText(key) ? { kind: 'unshown' } : { kind: 'another' };",
    suite: 'test/connectors/new-fields.test.ts',
  },
  {
    name: 'validate takes create_field where the connector makes no fields',
    file: 'src/manifest/check-new-fields.ts',
    find: 'if (ways === undefined) return;',
    replace: 'if (ways === undefined || ways === null) return;',
    suite: 'test/manifest/new-fields.test.ts',
  },
  {
    name: 'a grant of one intent is taken for a grant of all',
    file: 'src/write/plan/write-rights.ts',
    find: 'agent.grant.operations?.includes(intent) === true;',
    replace: "agent.grant.operations?.some((each) => !each.includes('.') && intent !== '') === true;",
    suite: 'test/write-plan/named-intents.test.ts',
  },
  {
    name: 'an intent that is granted by its name writes another field',
    file: 'src/write/plan/write-rights.ts',
    find: 'return { fields: new Set(named.fields), where: null };',
    replace: 'return { fields: named.fields.length > 0 ? null : new Set<string>(), where: null };',
    suite: 'test/write-plan/named-intents.test.ts',
  },
];
