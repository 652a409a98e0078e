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
    name: 'the Odoo sandbox cannot sort by a field of a related record',
    file: 'sandbox/odoo/orm/order.ts',
    find: 'if (!isStored(field) && field.related === undefined)',
    replace: 'if (!isStored(field))',
    suite: 'test/sandbox-odoo/users.test.ts',
  },
];
