import type { PlantedDefect } from './types.ts';

export const odooWritesDefects: PlantedDefect[] = [
  {
    name: 'a new record does not bear its key',
    file: 'src/connectors/odoo/writes/send.ts',
    find: '...(marker === null ? {} : { [marker.name]: key }),',
    replace: '...(marker === null || key !== "" ? {} : { [marker.name]: key }),',
    suite: 'test/connectors/odoo-writes.test.ts',
  },
  {
    name: 'where nothing proves it, a record that nobody finds is sent again',
    file: 'src/connectors/odoo/writes/settle.ts',
    find: "  return { kind: 'unclear', why: `This model",
    replace: "  if (id === undefined) return { kind: 'not_applied' };\n  return { kind: 'unclear', why: `This model",
    suite: 'test/connectors/odoo-writes.test.ts',
  },
  {
    name: 'one bad record of a batch refuses the good ones',
    file: 'src/connectors/odoo/writes/send.ts',
    find: "if (done.kind !== 'refused' || items.length === 1) return outcomesOf(request, items, done);",
    replace: "if (done.kind !== 'refused' || items.length > 0) return outcomesOf(request, items, done);",
    suite: 'test/connectors/odoo-writes.test.ts',
  },
  {
    name: 'an empty date stays as it was',
    file: 'src/connectors/odoo/writes/values.ts',
    find: 'if (value === null) return false;',
    replace: "if (value === null) return '2026-12-24';",
    suite: 'test/connectors/odoo-writes.test.ts',
  },
];
