import type { RunningSandboxProcess } from '../../../sandbox/client/index.ts';
import { tokenOf, type Change, type Changing, type System } from '../system.ts';

interface State {
  readonly companies: readonly { readonly id: number; readonly name: string }[];
}

const groups = [
  'sales_team.group_sale_salesman',
  'sales_team.group_sale_salesman_all_leads',
  'sales_team.group_sale_manager',
  'account.group_account_invoice',
];

const sharing = ({ sandbox }: Changing, form: object): Promise<unknown> => sandbox.control('POST', 'sharing', form);

/** Of a record or rule, and of a user: what a user is shown is asked for all at once, so that one change waits for no other. */
const ownChanges: Readonly<Record<string, Change>> = {
  rule: (around) =>
    sharing(around, {
      rule: {
        name: 'of a renewal',
        model: 'x_renewal',
        domain: around.draw.pick(["[('x_owner_id', '=', user.id)]", "[('id', '>', 40)]", '[]']),
      },
    }),
  owner: ({ sandbox, draw, people, idsOf }) =>
    sandbox.mutate({
      op: 'update',
      object: 'crm.lead',
      id: draw.pick(idsOf('crm.lead')),
      fields: { user_id: Number(draw.pick(people).id) },
    }),
  moreGroups: (around) =>
    sharing(around, { user: around.draw.pick(around.people).username, addGroups: [around.draw.pick(groups)] }),
  fewerGroups: (around) =>
    sharing(around, { user: around.draw.pick(around.people).username, removeGroups: [around.draw.pick(groups)] }),
  companies: (around) => {
    const { companies } = around.state as unknown as State;
    const ids = around.draw.some(
      companies.map(({ id }) => id),
      1 + around.draw.below(2),
    );
    return sharing(around, { user: around.draw.pick(around.people).username, company: ids[0], companies: ids });
  },
};

/** Access rights, record rules and companies; only each user's own key tells. */
export const odoo: System = {
  provider: 'odoo',
  customer: 'globex',
  integration: 'erp',
  objects: ['res.partner', 'crm.lead', 'x_renewal', 'res.users'],
  idField: 'id',
  signsIn: true,
  linkedByName: false,
  users: 200,
  heldBackMs: 0,
  callLimits: {},
  sandboxLimits: null,
  isWhole: true,
  isCompared: (field) => !field.includes('_name'),
  marked: { 'crm.lead': 'name' },
  joins: [],
  idsByApi: async (sandbox, user, object) => {
    const ids = await search(sandbox, await tokenOf(sandbox, user), object);
    return ids === null ? null : new Set(ids.map(String));
  },
  changes: {},
  ownChanges,
};

async function search(sandbox: RunningSandboxProcess, key: string | null, model: string): Promise<number[] | null> {
  const response = await fetch(`${sandbox.url}/json/2/${model}/search`, {
    method: 'POST',
    headers: {
      authorization: `bearer ${key ?? ''}`,
      'content-type': 'application/json',
      'x-odoo-database': sandbox.health.details['database'] ?? '',
    },
    body: JSON.stringify({ domain: [], context: { active_test: false } }),
  });
  return response.ok ? ((await response.json()) as number[]) : null;
}
