import type { PlantedDefect } from './types.ts';

export const exampleDefects: PlantedDefect[] = [
  {
    name: 'a list of domains finds no account',
    file: 'src/mapping/match/comparable.ts',
    find: 'const end = `/:?#@;,${spaces}`;',
    replace: 'const end = `/:?#@,${spaces}`;',
    suite: 'test/e2e/two-customers.test.ts',
  },
  {
    name: 'saved queries cannot convert currencies',
    file: 'src/manifest/check-query.ts',
    find: "const further = ['where', 'in', 'on', 'as'];",
    replace: "const further = ['where', 'as'];",
    suite: 'test/mapping/catalogue.test.ts',
  },
  {
    name: 'entries of writes do not say what the record is called',
    file: 'src/write/entries.ts',
    find: '...(label === null ? {} : { label }),',
    replace: '',
    suite: 'test/examples/writes.test.ts',
  },
  {
    name: 'the audit says of what was written that it came to nothing',
    file: 'src/audit/sentence.ts',
    find: "return isJsonObject(outcome) && typeof outcome['kind'] === 'string' ? outcome['kind'] : null;",
    replace: "return typeof outcome === 'string' ? outcome : null;",
    suite: 'test/examples/writes.test.ts',
  },
  {
    name: 'nobody looks at the largest changes of the example afterwards',
    file: 'examples/renewals/policies/approvals.yaml',
    find: '      second_review: after\n',
    replace: '',
    suite: 'test/examples/writes.test.ts',
  },
  {
    name: 'the example has its largest changes approved by anybody',
    file: 'examples/renewals/policies/approvals.yaml',
    find: '      from: [$owner]\n',
    replace: '',
    suite: 'test/examples/writes.test.ts',
  },
  {
    name: 'the Odoo sandbox cannot sort by a field of a related record',
    file: 'sandbox/odoo/orm/order.ts',
    find: 'if (!isStored(field) && field.related === undefined)',
    replace: 'if (!isStored(field))',
    suite: 'test/sandbox-odoo/users.test.ts',
  },
];
