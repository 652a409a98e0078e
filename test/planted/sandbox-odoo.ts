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
    find: '    // The transaction is rolled back.\n    checkpoint.restore();',
    replace: '    // The transaction is rolled back.',
    suite: 'test/sandbox-odoo/changes.test.ts',
  },
  {
    name: "one company has the other one's customers",
    file: 'sandbox/world/companies/globex.ts',
    find: "streams: 'globex ',",
    replace: "streams: '',",
    suite: 'test/sandbox-world/companies.test.ts',
  },
  {
    name: 'a rule with fields to watch runs for every write',
    file: 'sandbox/odoo/orm/automations.ts',
    find: 'name in before && before[name] !== now(name)',
    replace: 'name in before || name !== now(name)',
    suite: 'test/sandbox-odoo/webhooks.test.ts',
  },
  {
    name: 'webhooks that fail are sent again',
    file: 'sandbox/odoo/orm/server-actions.ts',
    find: 'retryInMs: () => null',
    replace: 'retryInMs: (attempt) => (attempt < 2 ? 1 : null)',
    suite: 'test/sandbox-odoo/webhooks.test.ts',
  },
  {
    name: 'a deletion is posted when there is nothing left to read',
    file: 'sandbox/odoo/orm/automations.ts',
    find: 'calls.push({ about, calls: webhookCalls(env, rule.id, model, id) });',
    replace: 'calls.push({ about, calls: [] });',
    suite: 'test/sandbox-odoo/webhooks.test.ts',
  },
  {
    name: 'whoever writes while a webhook is on its way overwrites the change behind it',
    file: 'sandbox/odoo/rows/table.ts',
    find: 'for (const id of ids) hidden.get(id)?.();',
    replace: 'for (const id of ids) hidden.delete(id);',
    suite: 'test/sandbox-odoo/webhooks.test.ts',
  },
];
