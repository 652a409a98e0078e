import type { PlantedDefect } from './types.ts';

export const sandboxOdooDefects: PlantedDefect[] = [
  {
    name: 'sellers see the leads of others',
    file: 'sandbox/odoo/content/leads.ts',
    find: "  return ['|', ['user_id', '=', user.uid], ['user_id', '=', false]];",
    replace: '  return null;',
    suite: 'test/sandbox-odoo/json2.test.ts',
  },
  {
    name: 'what rules hide is found by a path through another record',
    file: 'sandbox/odoo/orm/match.ts',
    find: 'table.exists(target) && visible(target) && inner(target)',
    replace: 'table.exists(target) && inner(target)',
    suite: 'test/sandbox-odoo/json2.test.ts',
  },
  {
    name: 'a changed record stays at its old place, too',
    file: 'sandbox/odoo/rows/table.ts',
    find: 'skip: (at) => run.isGone(at) || overlays.has(run.firstId + at)',
    replace: 'skip: (at) => run.isGone(at)',
    suite: 'test/sandbox-odoo/changes.test.ts',
  },
  {
    name: 'a refused creation leaves its records behind',
    file: 'sandbox/odoo/orm/write.ts',
    find: 'for (const id of ids) env.org.table(model).remove(id);',
    replace: '',
    suite: 'test/sandbox-odoo/changes.test.ts',
  },
  {
    name: "one company has the other one's customers",
    file: 'sandbox/world/companies/globex.ts',
    find: "streams: 'globex ',",
    replace: "streams: '',",
    suite: 'test/sandbox-world/companies.test.ts',
  },
];
