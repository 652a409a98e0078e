import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxUser, TestSandbox } from '../support/sandbox.ts';
import { json2, jsonRpc, person, startErp, type Row } from './client.ts';

interface Shown {
  readonly readable: boolean;
  readonly ids: readonly string[];
  readonly fields: readonly string[];
}

const MODELS = ['res.partner', 'crm.lead', 'sale.order', 'sale.order.line', 'x_renewal', 'res.users', 'res.company'];
const ARCHIVED_TOO = { active_test: false };

let erp: TestSandbox;
let people: readonly SandboxUser[];
beforeAll(async () => {
  erp = await startErp({ scale: 8_000 });
  await sharing({ generate: { users: 200, seed: 7 } });
  people = (await erp.control<{ users: readonly SandboxUser[] }>('GET', 'health')).users;
});
afterAll(() => erp.stop());

function sharing(change: Row): Promise<Row> {
  return erp.control('POST', 'sharing', change);
}

async function visibleTo(user: SandboxUser, object: string): Promise<Shown> {
  const answer = await erp.control<{ objects: Record<string, Shown> }>('POST', 'visible', {
    user: user.username,
    object,
  });
  return answer.objects[object] as Shown;
}

/** What the API gives to the user's own key: ids by search, fields by fields_get; null where the model is refused. */
async function asked(
  user: SandboxUser,
  model: string,
): Promise<{ ids: readonly string[]; fields: readonly string[] } | null> {
  const found = await as<readonly number[]>(user, `${model}/search`, {
    domain: [],
    order: 'id',
    context: ARCHIVED_TOO,
  });
  if (found.status === 403) return null;
  const fields = await as<Row>(user, `${model}/fields_get`, { attributes: ['type'] });
  return { ids: found.body.map(String), fields: Object.keys(fields.body).toSorted() };
}

function as<Body = readonly Row[]>(user: SandboxUser, path: string, body: Row) {
  return json2<Body>(erp, path, body, user.apiKey);
}

/** The first generated user of that kind who may still sign in. */
function generated(wanted: (groups: readonly string[]) => boolean, state: Row): SandboxUser {
  const users = state['users'] as readonly { username: string; groups: readonly string[]; active: boolean }[];
  const found = users.find((user) => user.active && user.username.startsWith('person') && wanted(user.groups));
  const user = people.find(({ username }) => username === found?.username);
  if (user === undefined) throw new Error('nobody of that kind was generated');
  return user;
}

const isSeller = (groups: readonly string[]): boolean =>
  groups.includes('sales_team.group_sale_salesman') && !groups.includes('sales_team.group_sale_salesman_all_leads');

describe('200 people of three companies', () => {
  it('are each shown what rules, rights and groups leave them, and nothing else', async () => {
    expect(people).toHaveLength(200);
    const sizes = new Set<number>();
    for (const [at, user] of people.entries()) {
      if (at % 9 !== 0 && user.role !== 'admin') continue;
      for (const model of MODELS) {
        const [truth, answer] = [await visibleTo(user, model), user.active ? await asked(user, model) : null];
        expect(answer, `${user.username} ${model}`).toEqual(
          truth.readable ? { ids: truth.ids, fields: truth.fields } : null,
        );
        if (model === 'crm.lead') sizes.add(truth.ids.length);
      }
      if (!user.active) expect((await as<Row>(user, 'res.users/context_get', {})).status).toBe(401);
    }
    // Own documents, all documents of a company, of several, of none.
    expect(sizes.size).toBeGreaterThan(6);
  });

  it('count, group, look up by name and read no more than they are shown', async () => {
    const seller = generated(isSeller, await sharing({}));
    const shown = await visibleTo(seller, 'crm.lead');
    const counted = await as<number>(seller, 'crm.lead/search_count', { domain: [], context: ARCHIVED_TOO });
    expect(counted.body).toBe(shown.ids.length);
    const [all] = (
      await as(seller, 'crm.lead/formatted_read_group', {
        domain: [],
        aggregates: ['__count', 'expected_revenue:sum'],
        context: ARCHIVED_TOO,
      })
    ).body;
    const own = (await as(seller, 'crm.lead/read', { ids: shown.ids.map(Number), fields: ['expected_revenue'] })).body;
    expect(all).toMatchObject({ __count: shown.ids.length });
    expect(all?.['expected_revenue:sum']).toBeCloseTo(
      own.reduce((sum, row) => sum + Number(row['expected_revenue']), 0),
      4,
    );
    const byOwner = (
      await as(seller, 'crm.lead/formatted_read_group', {
        domain: [],
        groupby: ['user_id'],
        aggregates: ['__count'],
        context: ARCHIVED_TOO,
      })
    ).body;
    expect(byOwner.map((row) => (Array.isArray(row['user_id']) ? String(row['user_id'][0]) : ''))).toContain(seller.id);
    expect(byOwner.reduce((sum, row) => sum + Number(row['__count']), 0)).toBe(shown.ids.length);
    const admin = await visibleTo(person(erp, 'admin'), 'crm.lead');
    const hidden = admin.ids.find((id) => !shown.ids.includes(id)) ?? '';
    const named = await json2(erp, 'crm.lead/read', { ids: [Number(hidden)], fields: ['name'] });
    const name = String(named.body[0]?.['name']);
    const looked = await as<readonly (readonly [number, string])[]>(seller, 'crm.lead/name_search', {
      name,
      limit: 1_000,
    });
    expect(looked.body.map(([id]) => String(id))).not.toContain(hidden);
    const read = await as<Row>(seller, 'crm.lead/read', { ids: [Number(hidden)], fields: ['name'] });
    expect([read.status, read.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
    expect((await as<boolean>(seller, 'crm.lead/has_access', { ids: [Number(hidden)], operation: 'read' })).body).toBe(
      false,
    );
    expect((await as<boolean>(seller, 'crm.lead/has_access', { ids: [], operation: 'read' })).body).toBe(true);
    expect((await as<Row>(seller, 'crm.lead/check_access', { ids: [Number(hidden)], operation: 'read' })).status).toBe(
      403,
    );
  });

  it('are shown of x2many fields what they may see, and names of many2one whatever the rules say', async () => {
    const seller = generated(isSeller, await sharing({}));
    const mine = new Set((await visibleTo(seller, 'crm.lead')).ids);
    const partners = await as(seller, 'res.partner/search_read', {
      domain: [['opportunity_ids', '!=', false]],
      fields: ['opportunity_ids'],
    });
    const listed = partners.body.flatMap((row) => (row['opportunity_ids'] as readonly number[]).map(String));
    expect(listed.filter((id) => !mine.has(id))).toEqual([]);
    const supporter = generated((groups) => !groups.some((group) => group.startsWith('sales_team')), await sharing({}));
    const refused = await as<Row>(supporter, 'res.partner/search_read', { fields: ['opportunity_ids'], limit: 1 });
    expect([refused.status, refused.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
    const hiddenPartners = new Set((await visibleTo(person(erp, 'admin'), 'res.partner')).ids);
    for (const id of (await visibleTo(seller, 'res.partner')).ids) hiddenPartners.delete(id);
    const leads = (
      await as(seller, 'crm.lead/search_read', { domain: [], fields: ['partner_id'], context: ARCHIVED_TOO })
    ).body;
    const foreign = leads.find(
      (lead) => Array.isArray(lead['partner_id']) && hiddenPartners.has(String(lead['partner_id'][0])),
    );
    expect(foreign?.['partner_id']).toEqual([expect.any(Number), expect.any(String)]);
  });

  it('cannot narrow, sort or group by a field of a group that they are not in', async () => {
    const seller = generated(
      (groups) => isSeller(groups) && !groups.includes('account.group_account_invoice'),
      await sharing({}),
    );
    const field = 'x_fatturato_annuo';
    for (const [path, body] of [
      ['search', { domain: [[field, '>', 0]] }],
      ['search', { domain: [], order: `${field} desc` }],
      ['search', { domain: [['child_ids.x_fatturato_annuo', '>', 0]] }],
      ['formatted_read_group', { domain: [], aggregates: [`${field}:sum`] }],
      ['formatted_read_group', { domain: [], groupby: [field] }],
      ['read', { ids: [], fields: [field] }],
    ] as const) {
      const { status } = await as<Row>(seller, `res.partner/${path}`, body);
      expect([path, status >= 400]).toEqual([path, true]);
    }
  });

  it('work in the companies that the call names, and in none that are not theirs', async () => {
    const state = await sharing({});
    const companies = (state['companies'] as readonly { id: number }[]).map(({ id }) => id);
    const admin = person(erp, 'admin');
    const in1 = await as<number>(admin, 'sale.order/search_count', {
      domain: [],
      context: { allowed_company_ids: [companies[0]] },
    });
    const everywhere = await as<number>(admin, 'sale.order/search_count', { domain: [] });
    expect(in1.body).toBeGreaterThan(0);
    expect(in1.body).toBeLessThan(everywhere.body);
    const users = state['users'] as readonly {
      username: string;
      companies: readonly number[];
      groups: readonly string[];
      active: boolean;
    }[];
    const one = users.find((user) => user.active && user.companies.length === 1 && isSeller(user.groups));
    const seller = people.find(({ username }) => username === one?.username) as SandboxUser;
    const other = companies.find((id) => !one?.companies.includes(id));
    const refused = await as<Row>(seller, 'sale.order/search', {
      domain: [],
      context: { allowed_company_ids: [other] },
    });
    expect([refused.status, refused.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
  });
});

it('whoever was made later signs in by RPC with a password or a key, too', async () => {
  const { users } = await sharing({ newUser: { name: 'Nuova', login: 'nuova@example.com' } });
  expect((users as readonly Row[]).map(({ username }) => username)).toContain('nuova@example.com');
  const health = await erp.control<{ users: readonly SandboxUser[] }>('GET', 'health');
  const { id, username, password, apiKey } = health.users.find(
    (user) => user.username === 'nuova@example.com',
  ) as SandboxUser;
  const { database } = erp.health.details;
  for (const secret of [password, apiKey]) {
    expect((await jsonRpc(erp, 'common', 'authenticate', [database, username, secret, {}])).result).toBe(Number(id));
  }
  const own = [database, Number(id), apiKey, 'res.users', 'has_group', [[Number(id)], 'base.group_user']];
  expect((await jsonRpc(erp, 'object', 'execute_kw', own)).result).toBe(true);
});

describe('changes at run time', () => {
  it('of rules, rights, groups and field groups are in force with the next call, whoever makes them', async () => {
    const seller = generated(isSeller, await sharing({}));
    const before = await visibleTo(seller, 'crm.lead');
    const expectParity = async (model: string): Promise<Shown> => {
      const [truth, answer] = [await visibleTo(seller, model), await asked(seller, model)];
      expect(answer).toEqual(truth.readable ? { ids: truth.ids, fields: truth.fields } : null);
      return truth;
    };
    await sharing({ rule: { name: 'Nothing that is won', model: 'crm.lead', domain: "[('stage_id', '!=', 5)]" } });
    const fewer = await expectParity('crm.lead');
    expect(fewer.ids.length).toBeLessThan(before.ids.length);
    await sharing({ removeRule: { name: 'Nothing that is won', model: 'crm.lead' } });
    expect((await expectParity('crm.lead')).ids).toEqual(before.ids);

    await sharing({ user: seller.username, addGroups: ['sales_team.group_sale_salesman_all_leads'] });
    expect((await expectParity('crm.lead')).ids.length).toBeGreaterThan(before.ids.length);
    await sharing({ user: seller.username, removeGroups: ['sales_team.group_sale_salesman_all_leads'] });
    await sharing({
      field: { model: 'crm.lead', name: 'expected_revenue', groups: ['sales_team.group_sale_manager'] },
    });
    expect((await expectParity('crm.lead')).fields).not.toContain('expected_revenue');
    await sharing({ access: { model: 'sale.order', group: 'sales_team.group_sale_salesman' } });
    expect((await expectParity('sale.order')).readable).toBe(false);

    // The administrator does the same by the API.
    const rules = await json2(erp, 'ir.rule/search_read', {
      domain: [['name', '=', 'Personal Leads']],
      fields: ['global'],
    });
    expect(rules.body).toEqual([{ id: expect.any(Number) as unknown, global: false }]);
    const written = await json2<unknown>(erp, 'ir.rule/write', {
      ids: [rules.body[0]?.['id']],
      vals: { domain_force: "[('user_id', '=', False)]" },
    });
    expect(written.body).toBe(true);
    const strict = await expectParity('crm.lead');
    expect(strict.ids).not.toEqual(before.ids);
    expect((await as<Row>(seller, 'ir.rule/search', { domain: [] })).status).toBe(403);
    const domain = "['|', ('user_id', '=', user.id), ('user_id', '=', False)]";
    await sharing({
      rule: { name: 'Personal Leads', model: 'crm.lead', domain, groups: ['sales_team.group_sale_salesman'] },
    });
    expect((await expectParity('crm.lead')).ids).toEqual(before.ids);
  });

  it('of owner, company and employment take records away, and give them', async () => {
    const seller = generated(isSeller, await sharing({}));
    const [first = ''] = (await visibleTo(seller, 'crm.lead')).ids;
    const admin = person(erp, 'admin').id;
    await erp.mutate({ op: 'update', object: 'crm.lead', id: first, fields: { user_id: Number(admin) } });
    expect((await asked(seller, 'crm.lead'))?.ids).not.toContain(first);
    await erp.mutate({ op: 'update', object: 'crm.lead', id: first, fields: { user_id: Number(seller.id) } });
    expect((await asked(seller, 'crm.lead'))?.ids).toContain(first);
    await sharing({ user: seller.username, active: false });
    expect((await as<Row>(seller, 'crm.lead/search', { domain: [] })).status).toBe(401);
    expect((await visibleTo(seller, 'crm.lead')).readable).toBe(false);
  });
});

it('older releases check by RPC, with a password, and group in their way', async () => {
  const old = await startErp({ odooVersion: 17 });
  try {
    const seller = person(old, 'seller');
    const call = async (method: string, args: readonly unknown[], named: Row = {}) =>
      jsonRpc(old, 'object', 'execute_kw', [
        old.health.details['database'],
        Number(seller.id),
        seller.password,
        'crm.lead',
        method,
        args,
        named,
      ]);
    const { result: own } = await call('search_count', [[]]);
    const { result: grouped } = await call('read_group', [[], ['expected_revenue:sum'], ['user_id', 'stage_id']]);
    const rows = grouped as readonly Row[];
    expect(rows.reduce((sum, row) => sum + Number(row['user_id_count']), 0)).toBe(own);
    expect(new Set(rows.map((row) => (Array.isArray(row['user_id']) ? String(row['user_id'][0]) : '')))).toEqual(
      new Set([seller.id, '']),
    );
    const admin = person(old, 'admin');
    const foreign = await jsonRpc(old, 'object', 'execute_kw', [
      old.health.details['database'],
      Number(admin.id),
      admin.apiKey,
      'crm.lead',
      'search',
      [[['user_id', 'not in', [Number(seller.id), false]]]],
      { limit: 1 },
    ]);
    const refused = await call('check_access_rule', [foreign.result, 'read']);
    expect(refused.error?.data['name']).toBe('odoo.exceptions.AccessError');
    expect((await call('check_access_rights', ['unlink'], { raise_exception: false })).result).toBe(false);
  } finally {
    await old.stop();
  }
});
