import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../sandbox/world/index.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { ANCHOR, json2, person, startErp, type Role, type Row } from './client.ts';

let erp: TestSandbox;
beforeAll(async () => {
  erp = await startErp();
}, 300_000);
afterAll(() => erp.stop());

async function rows(path: string, body: Row = {}, user: Role = 'admin'): Promise<readonly Row[]> {
  const answer = await json2(erp, path, body, person(erp, user).apiKey);
  expect([answer.status, path]).toEqual([200, path]);
  return answer.body;
}

async function count(
  model: string,
  domain: readonly unknown[],
  user: Role = 'admin',
  context: Row = {},
): Promise<number> {
  const answer = await json2<number>(erp, `${model}/search_count`, { domain, context }, person(erp, user).apiKey);
  return answer.body;
}

/** A many2one as the API writes it. */
function link(row: Row | undefined, field: string): readonly [number, string] {
  const value = row?.[field];
  if (!Array.isArray(value) || value.length !== 2) throw new Error(`${field} is ${JSON.stringify(value)}`);
  return value as [number, string];
}

const countryOf = async (partner: unknown): Promise<unknown> => {
  const [found] = await rows('res.partner/read', { ids: [(partner as [number])[0]], fields: ['country_id'] });
  return link(found, 'country_id')[1];
};

describe('the questions of an Odoo user', () => {
  it('won deals of partners in Germany, France and Italy, three fields and a limit', async () => {
    const found = await rows('crm.lead/search_read', {
      domain: [
        ['stage_id.is_won', '=', true],
        ['partner_id.country_id.code', 'in', ['DE', 'FR', 'IT']],
      ],
      fields: ['name', 'partner_id', 'expected_revenue'],
      limit: 5,
    });
    expect(found).toHaveLength(5);
    for (const lead of found) {
      expect(Object.keys(lead).toSorted()).toEqual(['expected_revenue', 'id', 'name', 'partner_id']);
      expect(['Germany', 'France', 'Italy']).toContain(await countryOf(lead['partner_id']));
    }
  });

  it('recent German opportunities above 50,000', async () => {
    const found = await rows('crm.lead/search_read', {
      domain: [
        '&',
        ['partner_id.country_id.code', '=', 'DE'],
        '&',
        ['type', '=', 'opportunity'],
        ['expected_revenue', '>', 50_000],
      ],
      fields: ['expected_revenue', 'create_date', 'partner_id'],
      order: 'create_date desc',
    });
    expect(found.length).toBeGreaterThan(1);
    const dates = found.map((lead) => String(lead['create_date']));
    expect(dates).toEqual(dates.toSorted().toReversed());
    for (const lead of found) expect(lead['expected_revenue']).toBeGreaterThan(50_000);
    expect(await countryOf(found[0]?.['partner_id'])).toBe('Germany');
  });

  it('the last three interactions with customers in the Union', async () => {
    const domain = [
      ['model', '=', 'res.partner'],
      ['author_id.country_id.country_group_ids.name', '=', 'European Union'],
    ];
    const found = await rows('mail.message/search_read', {
      domain,
      fields: ['date', 'author_id'],
      order: 'date desc',
      limit: 3,
    });
    expect(found).toHaveLength(3);
    const all = await rows('mail.message/search_read', { domain, fields: ['date'] });
    const newest = all
      .map((message) => String(message['date']))
      .toSorted()
      .toReversed()
      .slice(0, 3);
    expect(found.map((message) => message['date'])).toEqual(newest);
  });
});

describe('values', () => {
  it('are false where there is none, pairs for many2one, ids for the rest, seconds for times', async () => {
    const [partner] = await rows('res.partner/search_read', {
      domain: [
        ['parent_id', '!=', false],
        ['is_company', '=', false],
        ['email', 'like', '@'],
      ],
      limit: 1,
      offset: 40,
    });
    const [parentId, parentName] = link(partner, 'parent_id');
    expect(partner).toMatchObject({
      ref: false,
      is_company: false,
      company_type: 'person',
      category_id: [],
      customer_rank: 0,
      image_128: false,
    });
    expect(partner?.['display_name']).toBe(`${parentName}, ${String(partner?.['name'])}`);
    expect(partner?.['write_date']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const [parent] = await rows('res.partner/read', { ids: [parentId], fields: ['child_ids'] });
    expect(parent?.['child_ids']).toContain(partner?.['id']);
    const [plain] = await rows('res.partner/read', { ids: [partner?.['id']], fields: ['parent_id'], load: false });
    expect(plain?.['parent_id']).toBe(parentId);
  });

  it('of the free-text state are spelled in many ways', async () => {
    const states = new Set((await rows('x_renewal/search_read', { fields: ['x_state'] })).map((row) => row['x_state']));
    for (const spelling of ['In Verhandlung ', 'NEGOTIATION', 'gewonnen', 'verloren'])
      expect(states).toContain(spelling);
  });

  it('of renewals are those that the other systems of the company speak of', async () => {
    const world = createWorld({ seed: 1, scale: 2_000, anchor: new Date(ANCHOR), company: 'globex' });
    const deals = Array.from({ length: world.counts.opportunities }, (_empty, index) => world.opportunity(index));
    const renewals = deals.filter((deal) => deal.kind === 'Verlängerung');
    const found = await rows('x_renewal/search_read', { fields: ['x_amount', 'x_state', 'x_partner_id'], order: 'id' });
    expect(found.map((row) => row['x_amount'])).toEqual(renewals.map((deal) => deal.amountEur));
    const closed = /^\s*(?:gewonnen|won|vinto|verloren|lost|perso)\s*$/i;
    const open = found.filter((row) => !closed.test(String(row['x_state']))).map((row) => link(row, 'x_partner_id')[0]);
    const wanted = renewals.filter((deal) => deal.stage !== 'Gewonnen' && deal.stage !== 'Verloren');
    const names = await rows('res.partner/read', { ids: open, fields: ['website'], context: { active_test: false } });
    expect(names.map((row) => row['website'])).toEqual(
      wanted.map((deal) => `https://www.${world.account(deal.account).domain}`),
    );
  });

  it('are in several currencies', async () => {
    const currencies = (await rows('x_renewal/search_read', { fields: ['x_currency_id'] })).map(
      (row) => (row['x_currency_id'] as [number, string])[1],
    );
    expect(new Set(currencies)).toEqual(new Set(['EUR', 'USD', 'CHF']));
  });
});

describe('domains', () => {
  it('join by prefix operators', async () => {
    const all = await count('res.partner', []);
    const companies = await count('res.partner', [['is_company', '=', true]]);
    const german = await count('res.partner', [['country_id.code', '=', 'DE']]);
    const both = await count('res.partner', [
      ['is_company', '=', true],
      ['country_id.code', '=', 'DE'],
    ]);
    expect(await count('res.partner', ['|', ['is_company', '=', true], ['country_id.code', '=', 'DE']])).toBe(
      companies + german - both,
    );
    expect(await count('res.partner', ['!', ['is_company', '=', true]])).toBe(all - companies);
    expect(await count('res.partner', [[1, '=', 1]])).toBe(all);
    expect(await count('res.partner', [[0, '=', 1]])).toBe(0);
  });

  it('compare by every operator', async () => {
    const all = await count('res.partner', []);
    const held = async (operator: string, value: unknown, field = 'email'): Promise<number> =>
      count('res.partner', [[field, operator, value]]);
    expect((await held('=', false)) + (await held('!=', false))).toBe(all);
    expect((await held('ilike', 'INFO@')) + (await held('not ilike', 'INFO@'))).toBe(all);
    expect(await held('like', 'INFO@')).toBe(0);
    expect(await held('=like', 'info@%.example')).toBe(await held('ilike', 'info@'));
    expect(await held('=?', false)).toBe(all);
    expect((await held('in', [57, 75], 'country_id')) + (await held('not in', [57, 75], 'country_id'))).toBe(all);
    expect((await held('<=', 100, 'x_dipendenti')) + (await held('>', 100, 'x_dipendenti'))).toBe(all);
    expect(await held('in', [1], 'category_id')).toBeGreaterThan(0);
    expect(await held('any', [['code', '=', 'IT']], 'country_id')).toBe(await held('=', 'IT', 'country_id.code'));
  });

  it('know what belongs to a company by child_of', async () => {
    const [child] = await rows('res.partner/search_read', {
      domain: [
        ['parent_id', '!=', false],
        ['is_company', '=', false],
        ['email', '!=', false],
      ],
      fields: ['parent_id'],
      limit: 1,
      offset: 90,
    });
    const [company] = link(child, 'parent_id');
    const family = await rows('res.partner/search_read', {
      domain: [['id', 'child_of', company]],
      fields: ['parent_id'],
    });
    expect(family.map((one) => one['id'])).toEqual(expect.arrayContaining([company, child?.['id']]));
    expect(await count('res.partner', [['id', 'parent_of', [child?.['id']]]])).toBeGreaterThanOrEqual(2);
  });

  it('leave archived records out unless asked', async () => {
    const live = await count('crm.lead', []);
    const lost = await count('crm.lead', [['active', '=', false]]);
    expect(lost).toBeGreaterThan(0);
    expect(await count('crm.lead', [], 'admin', { active_test: false })).toBe(live + lost);
    expect(await count('crm.lead', [['active', 'in', [true, false]]])).toBe(live + lost);
  });
});

describe('fields_get', () => {
  it('describes types, relations, choices and what Studio added', async () => {
    const { body } = await json2<Row>(erp, 'res.partner/fields_get', {});
    expect(body).toMatchObject({
      id: { type: 'integer', readonly: true, store: true },
      country_id: { type: 'many2one', relation: 'res.country', required: false },
      child_ids: { type: 'one2many', relation: 'res.partner', relation_field: 'parent_id' },
      company_type: { store: false },
      x_segment: {
        manual: true,
        type: 'selection',
        selection: expect.arrayContaining([['mid', 'Mid market']]) as unknown,
      },
      x_fatturato_annuo: { type: 'monetary', currency_field: 'x_currency_id' },
      credit_limit: { company_dependent: true },
    });
    const { body: few } = await json2(erp, 'crm.lead/fields_get', {
      allfields: ['name'],
      attributes: ['required', 'string'],
    });
    expect(few).toEqual({ name: { required: true, string: 'Opportunity' } });
  });

  it('hides fields of groups and shows others as read-only to those who may not write', async () => {
    const { body } = await json2<Row>(erp, 'res.partner/fields_get', {}, person(erp, 'supporter').apiKey);
    expect(Object.keys(body)).not.toContain('credit_limit');
    const country = await json2(
      erp,
      'res.country/fields_get',
      { allfields: ['name'], attributes: ['readonly'] },
      person(erp, 'supporter').apiKey,
    );
    expect(country.body).toEqual({ name: { readonly: true } });
    const read = await json2<Row>(
      erp,
      'res.partner/search_read',
      { fields: ['credit_limit'], limit: 1 },
      person(erp, 'supporter').apiKey,
    );
    expect([read.status, read.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
  });
});

describe('rights', () => {
  it('let sellers see their own leads and nobody’s, managers all', async () => {
    const [all, own] = [await count('crm.lead', [], 'manager'), await count('crm.lead', [], 'seller')];
    expect(own).toBeGreaterThan(0);
    expect(own).toBeLessThan(all);
    const uid = Number(person(erp, 'seller').id);
    expect(await count('crm.lead', ['|', ['user_id', '=', uid], ['user_id', '=', false]])).toBe(own);
    const [foreign] = await rows('crm.lead/search_read', {
      domain: [['user_id', 'not in', [uid, false]]],
      fields: ['user_id'],
      limit: 1,
    });
    const read = await json2<Row>(
      erp,
      'crm.lead/read',
      { ids: [foreign?.['id']], fields: ['name'] },
      person(erp, 'seller').apiKey,
    );
    expect([read.status, read.body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
    const through = await count('x_renewal', [['x_partner_id.opportunity_ids.id', '=', foreign?.['id']]], 'seller');
    expect(through).toBe(0);
  });

  it('keep supporters out of sales and accounts out of the bank', async () => {
    for (const [model, user] of [
      ['crm.lead', 'supporter'],
      ['res.partner.bank', 'seller'],
      ['ir.model.constraint', 'seller'],
      ['base.automation', 'manager'],
    ] as const) {
      const { status, body } = await json2<Row>(erp, `${model}/search_read`, { limit: 1 }, person(erp, user).apiKey);
      expect([status, body['name']]).toEqual([403, 'odoo.exceptions.AccessError']);
      expect(String(body['message'])).toContain(`(${model}) records.`);
    }
  });

  it('show portal users their own company alone', async () => {
    const found = await rows('res.partner/search_read', { fields: ['commercial_partner_id'] }, 'portal');
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((one) => String(one['commercial_partner_id']))).size).toBe(1);
    const hidden = await json2<Row>(erp, 'x_renewal/search', { domain: [] }, person(erp, 'portal').apiKey);
    expect(hidden.status).toBe(403);
  });
});

describe('what goes wrong', () => {
  const none = { domain: [] };
  const unauthorized = 'werkzeug.exceptions.Unauthorized';
  const unprocessable = 'werkzeug.exceptions.UnprocessableEntity';

  it.each<readonly [path: string, body: Row, key: string | undefined, status: number, name: string, message: RegExp]>([
    ['res.partner/search', none, 'wrong', 401, unauthorized, /^Invalid apikey$/],
    ['res.partner/search', none, '', 401, unauthorized, /^User not authenticated, use the "Authorization" header$/],
    ['no.model/search', none, undefined, 404, 'werkzeug.exceptions.NotFound', /^the model 'no.model' does not exist$/],
    [
      'res.partner/nothing',
      {},
      undefined,
      404,
      'werkzeug.exceptions.NotFound',
      /'res.partner.nothing' does not exist$/,
    ],
    ['res.partner/_private', {}, undefined, 403, 'odoo.exceptions.AccessError', /^Private methods/],
    ['res.partner/search', {}, undefined, 422, unprocessable, /^missing a required argument: 'domain'$/],
    ['res.partner/search', { ...none, colour: 1 }, undefined, 422, unprocessable, /^got an unexpected .* 'colour'$/],
    ['res.partner/search', { ...none, ids: [1] }, undefined, 422, unprocessable, /^cannot call .* with ids$/],
    ['res.partner/search', { domain: [['colour', '=', 1]] }, undefined, 500, 'builtins.ValueError', /^Invalid field/],
    ['res.partner/search', { domain: ['&'] }, undefined, 500, 'builtins.ValueError', /syntactically/],
    ['res.partner/search', { ...none, order: 'name up' }, undefined, 422, 'odoo.exceptions.UserError', /"order"/],
    ['res.partner/read', { ids: [99_999_999] }, undefined, 404, 'odoo.exceptions.MissingError', /does not exist/],
    ['crm.lead/create', { vals_list: [{}] }, undefined, 422, 'odoo.exceptions.ValidationError', /\(name\)/],
  ])('%s with %j answers as the real one does', async (path, body, key, ...expected) => {
    const [status, name, message] = expected;
    const answer = await json2<Row>(erp, path, body, key);
    expect(Object.keys(answer.body)).toEqual(['name', 'message', 'arguments', 'context', 'debug']);
    expect([answer.status, answer.body['name']]).toEqual([status, name]);
    expect(answer.body['message']).toMatch(message);
  });

  it('is told in HTML where no database or no JSON is reached', async () => {
    const other = await json2<unknown>(erp, 'res.partner/search', none, undefined, { 'x-odoo-database': 'other' });
    expect([other.status, typeof other.body]).toEqual([404, 'string']);
    const text = await json2<unknown>(erp, 'res.partner/search', none, undefined, { 'content-type': 'text/plain' });
    expect([text.status, typeof text.body]).toEqual([415, 'string']);
  });

  it('names the right path where somebody gets lost', async () => {
    const answer = await fetch(`${erp.url}/json/2/res.partner`);
    const body: unknown = await answer.json();
    expect([answer.status, body]).toMatchObject([404, { message: 'Did you mean POST /json/2/<model>/<method>?' }]);
  });
});
