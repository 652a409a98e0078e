import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, limits, type ErrorBody } from '../../src/kernel/index.ts';
import type { QueryRequest } from '../../src/query/index.ts';
import { smallData } from './small-data.ts';
import { allObjects, openWorld, type GrantSpec, type QueryWorld } from './world.ts';

let world: QueryWorld;
beforeAll(async () => {
  world = await openWorld(smallData);
});
afterAll(() => world.close());

const ask = (request: QueryRequest, grant: GrantSpec = allObjects) =>
  world.service.queryRecords(world.caller(grant), world.catalogue, request);

async function errorOf(work: Promise<unknown>): Promise<ErrorBody> {
  try {
    await work;
  } catch (error) {
    if (error instanceof GantryError) return error.toBody();
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a list of records', () => {
  it('gives the most telling fields, and where each row came from', async () => {
    const answer = await ask({ object: 'ticket', sort: [{ field: 'hours', dir: 'desc' }], limit: 2 });
    expect(answer.columns).toEqual(['subject', 'priority', 'hours', 'opened', 'account.name', 'ticket_id', '_ref']);
    expect(answer.rows[0]).toEqual([
      'Hidden',
      'urgent',
      40,
      '2026-01-01T00:00:00.000Z',
      'Geheim KG',
      '4',
      'support/tickets/4',
    ]);
    expect(answer.sources[0]).toEqual({
      ref: 'support/tickets/',
      system: 'zendesk',
      trust: 'engagement',
      link: 'https://support.example/{id}',
    });
    expect(answer.sources.map((source) => source.ref)).toEqual(['support/tickets/', 'crm/Account/']);
  });

  it('finds words in any text field, whatever their case', async () => {
    const find = async (text: string) =>
      (await ask({ object: 'account', text, fields: ['crm_id'] })).rows.map(([id]) => id);
    expect(await find('SÜDSTERN')).toEqual(['a2']);
    expect(await find('gmbh nordwind')).toEqual(['a1']);
    expect(await find('nordwind.example')).toEqual(['a1', 'a3']);
    expect(await find('gmbh südstern')).toEqual([]);
    // Not over a field that the caller has not.
    expect(await find('DE02')).toEqual([]);
  });

  it('takes a bare date against a moment as the whole day, and moments relative to now', async () => {
    const find = async (filter: QueryRequest['filter']) =>
      (await ask({ object: 'deal', fields: ['deal_id'], ...(filter === undefined ? {} : { filter }) })).rows.map(
        ([id]) => id,
      );
    expect(await find({ created: '2026-08-31' })).toEqual(['d2']);
    expect(await find({ created: { lte: '2026-08-31' } })).toEqual(['d2']);
    expect(await find({ created: { gt: '2026-08-31' } })).toEqual(['d1', 'o1']);
    expect(await find({ created: { gte: { ago: '60d' } } })).toEqual(['d1']);
    expect(await find({ close_date: { lt: { ahead: '1m' }, gte: { ago: '0d' } } })).toEqual(['d1']);
    expect(await find({ tags: { contains: 'risk' }, stage: ['open', 'won'] })).toEqual(['d1']);
    expect(await find({ stage: null })).toEqual(['d4']);
    expect(await find({})).toHaveLength(5);
  });

  it('joins a key that is not unique to one record only, the first that the caller may see', async () => {
    const fields = ['deal_id', 'site.crm_id', 'site.name'];
    expect((await ask({ object: 'deal', fields, filter: { deal_id: 'd1' } })).rows).toEqual([
      ['d1', 'a1', 'Nordwind GmbH', 'crm/Opportunity/d1'],
    ]);
    const onlyA3: GrantSpec = { deal: {}, account: { where: { crm_id: 'a3' } } };
    expect((await ask({ object: 'deal', fields, filter: { deal_id: 'd1' } }, onlyA3)).rows).toEqual([
      ['d1', 'a3', 'Geheim KG', 'crm/Opportunity/d1'],
    ]);
  });

  it('treats a related record that the caller may not see as absent', async () => {
    const grant: GrantSpec = {
      deal: {},
      account: { where: { active: true } },
      ticket: { where: { priority: 'urgent' } },
    };
    const answer = await ask(
      {
        object: 'deal',
        fields: ['account', 'account.name', { count: 'account.tickets', as: 'n' }],
        filter: { deal_id: ['d1', 'd3'] },
      },
      grant,
    );
    expect(answer.rows).toEqual([
      ['a1', 'Nordwind GmbH', 1, 'crm/Opportunity/d1'],
      ['a3', null, 0, 'crm/Opportunity/d3'],
    ]);
  });

  it('warns of what is loading, cut, retired, capped, or outside a picklist', async () => {
    const long = 'x'.repeat(limits.cellCharsMax + 1);
    const user = { _id: 'u9', user_id: 'u9', name: long, email: null };
    await world.put('crm.User', [user], { phase: 'backfill' });
    await world.lens.catchUp(world.tenant);
    const answer = await ask({ object: 'user', filter: { user_id: 'u9' }, fields: ['name'], limit: 500 });
    expect(answer.rows[0]?.[0]).toBe(`${'x'.repeat(limits.cellCharsMax)}…`);
    expect(answer.warnings).toEqual([
      expect.stringContaining('At most 200 rows'),
      expect.stringContaining('crm/User/ is stale: everything of it is read again'),
      expect.stringContaining('1 long value was cut'),
    ]);
    await world.put('crm.User', []);
    const retired = await ask({ object: 'deal', fields: ['old_stage'] });
    expect(retired.warnings).toEqual(['deal.old_stage is deprecated; use stage.']);
  });
});

describe('groups', () => {
  it('bucket dates, measure with conditions, and keep only what having admits', async () => {
    const answer = await ask({
      object: 'deal',
      group_by: [{ quarter: 'close_date' }],
      measures: [
        { sum: 'amount', as: 'total' },
        { count: '*', as: 'n' },
        { count: '*', where: { stage: 'won' }, as: 'won' },
        { avg: 'probability' },
      ],
      having: { total: { gt: 0 } },
      sort: [{ field: 'total', dir: 'desc' }],
    });
    expect(answer.columns).toEqual(['close_date_quarter', 'total', 'n', 'won', 'avg_probability']);
    expect(answer.rows).toEqual([
      ['2026-10-01', 120_000.25, 1, 0, 0.7],
      [null, 77_777.77, 2, 0, null],
      ['2026-07-01', 25_000, 2, 2, 1],
    ]);
    expect(answer.sources).not.toEqual([]);
  });

  it('without groups give one row, and count what is there', async () => {
    expect((await ask({ object: 'deal', measures: [{ count: 'amount' }, { max: 'close_date' }] })).rows).toEqual([
      [4, '2026-12-15'],
    ]);
    expect((await ask({ object: 'deal', measures: [{ sum: { count: 'account.tickets' }, as: 't' }] })).rows).toEqual([
      [6],
    ]);
    expect((await ask({ object: 'deal', measures: [{ count: '*' }], filter: { deal_id: 'none' } })).rows).toEqual([
      [0],
    ]);
  });
});

describe('cursors', () => {
  const request: QueryRequest = { object: 'deal', fields: ['deal_id'], sort: [{ field: 'amount' }], limit: 2 };

  it('go on where the page ended, even when page size changes or rows vanish from earlier pages', async () => {
    const first = await ask(request);
    expect(first.rows.map(([id]) => id)).toEqual(['o1', 'd2']);
    const second = await ask({ ...request, limit: 10, cursor: first.next_cursor ?? '' });
    expect(second.rows.map(([id]) => id)).toEqual(['d3', 'd1', 'd4']);
    expect(second).not.toHaveProperty('next_cursor');
  });

  it('belong to one question and one view', async () => {
    const { next_cursor: cursor = '' } = await ask(request);
    const codes = await Promise.all([
      errorOf(ask({ ...request, filter: { stage: 'won' }, cursor })),
      errorOf(ask({ ...request, sort: [{ field: 'amount', dir: 'desc' }], cursor })),
      errorOf(ask({ ...request, cursor }, { deal: {} })),
      errorOf(ask({ ...request, cursor: 'nonsense' })),
      errorOf(ask({ ...request, cursor: cursor.replace(/~.*$/, '~%~%E0%A4%A') })),
    ]);
    expect(codes.map((body) => body.code)).toEqual(Array.from({ length: 5 }, () => 'cursor_invalid'));
  });

  it('that were tampered with show nothing that the request would not', async () => {
    const { next_cursor: cursor = '' } = await ask(request);
    const forge = (keys: readonly string[]) =>
      [...cursor.split('~').slice(0, 2), ...keys.map((key) => `.${encodeURIComponent(key)}`)].join('~');
    expect((await ask({ ...request, cursor: forge(["1' or true --", '1', 'd1']) })).rows.map(([id]) => id)).toEqual([
      'd4',
    ]);
    expect((await errorOf(ask({ ...request, cursor: forge(['1']) }))).code).toBe('cursor_invalid');
  });
});

describe('a cursor with another time', () => {
  it('moves the caller’s own question at most, never the rule', async () => {
    const grant: GrantSpec = { ticket: { where: { opened: { gte: { ago: '30d' } } } } };
    const request: QueryRequest = { object: 'ticket', fields: ['ticket_id'], sort: [{ field: 'ticket_id' }], limit: 1 };
    const { next_cursor: cursor = '', rows } = await ask(request, grant);
    expect(rows).toEqual([['1', 'support/tickets/1']]);
    const [binding, , ...keys] = cursor.split('~');
    const forged = [binding, Date.parse('2025-01-02').toString(36), ...keys].join('~');
    const answer = await ask({ ...request, limit: 50, cursor: forged }, grant);
    expect(answer.rows.map(([id]) => id)).toEqual(['2']);
  });
});

describe('mistakes are told in the words of the request', () => {
  const cases: readonly (readonly [request: QueryRequest, body: object])[] = [
    [{ object: 'deals' }, { code: 'query_object_unknown', where: 'object', suggestions: ['deal'] }],
    [
      { object: 'deal', filter: { stag: 'won' } },
      { code: 'query_field_unknown', where: 'filter: stag' },
    ],
    [
      { object: 'deal', filter: { 'account.nam': 'x' } },
      { code: 'query_field_unknown', suggestions: ['name'] },
    ],
    [{ object: 'deal', filter: { 'name.x': 'x' } }, { code: 'query_field_unknown' }],
    [{ object: 'account', filter: { 'tickets.subject': 'x' } }, { code: 'query_shape_invalid' }],
    [
      { object: 'account', fields: ['tickets'] },
      { code: 'query_shape_invalid', where: 'fields[0]: tickets' },
    ],
    [
      { object: 'account', fields: [{ count: 'tickts' }] },
      { code: 'query_field_unknown', suggestions: ['tickets'] },
    ],
    [
      { object: 'account', fields: [{ sum: 'tickets.subject' }] },
      { code: 'query_op_invalid', allowed: ['count', 'min', 'max'] },
    ],
    [
      { object: 'account', fields: [{ cnt: 'tickets' }] },
      { code: 'query_shape_invalid', suggestions: ['count'] },
    ],
    [
      { object: 'account', fields: [{ count: 'tickets', as: 'a b' }] },
      { code: 'query_shape_invalid', where: 'fields[0].as' },
    ],
    [{ object: 'account', fields: ['iban'] }, { code: 'query_field_unknown' }],
    [{ object: 'account', sort: [{ field: 'iban' }] }, { code: 'query_field_unknown' }],
    [
      { object: 'deal', filter: { stage: 'wonn' } },
      { code: 'query_value_not_allowed', suggestions: ['won'], allowed: ['open', 'negotiation', 'won', 'lost'] },
    ],
    [{ object: 'deal', filter: { stage: ['won', 'closed'] } }, { code: 'query_value_not_allowed' }],
    [
      { object: 'deal', filter: { tags: { contains: 'riks' } } },
      { code: 'query_value_not_allowed', suggestions: ['risk'] },
    ],
    [
      { object: 'deal', filter: { amount: '1000' } },
      { code: 'query_value_invalid', where: 'filter: amount' },
    ],
    [{ object: 'deal', filter: { close_date: '31.12.2026' } }, { code: 'query_value_invalid' }],
    [{ object: 'deal', filter: { close_date: '2026-02-30' } }, { code: 'query_value_invalid' }],
    [
      { object: 'deal', filter: { amount: { contains: '1' } } },
      { code: 'query_op_invalid', where: 'filter: amount' },
    ],
    [
      { object: 'deal', filter: { tags: 'risk' } },
      { code: 'query_op_invalid', allowed: ['contains', 'in', 'is_null'] },
    ],
    [
      { object: 'deal', sort: [{ field: 'tags' }] },
      { code: 'query_op_invalid', where: 'sort[0].field' },
    ],
    [{ object: 'deal', group_by: ['tags'] }, { code: 'query_op_invalid' }],
    [
      { object: 'deal', group_by: [{ fortnight: 'close_date' }] },
      { code: 'query_shape_invalid', where: 'group_by[0]' },
    ],
    [
      { object: 'deal', group_by: [{ month: 'name' }] },
      { code: 'query_op_invalid', where: 'group_by[0].month' },
    ],
    [
      { object: 'deal', measures: [{ total: 'amount' }] },
      { code: 'query_shape_invalid', where: 'measures[0].total' },
    ],
    [{ object: 'deal', measures: [{ sum: 'name' }] }, { code: 'query_op_invalid' }],
    [
      { object: 'deal', measures: [{ count: '*' }, { count: '*' }] },
      { code: 'query_shape_invalid', where: 'measures' },
    ],
    [
      { object: 'deal', measures: [{ count: '*' }], fields: ['name'] },
      { code: 'query_shape_invalid', where: 'fields' },
    ],
    [
      { object: 'deal', measures: [{ count: '*', as: 'n' }], having: { m: 1 } },
      { code: 'query_field_unknown', allowed: ['n'] },
    ],
    [
      { object: 'deal', measures: [{ count: '*', as: 'n' }], sort: [{ field: 'amount' }] },
      { code: 'query_field_unknown', allowed: ['n'] },
    ],
    [
      { object: 'deal', text: 'a b c d e f g h i' },
      { code: 'query_too_large', where: 'text' },
    ],
    [
      { object: 'deal', fields: Array.from({ length: 61 }, () => 'name') },
      { code: 'query_too_large', where: 'fields' },
    ],
  ];
  it.each(cases)('%j', async (request, body) => {
    expect(await errorOf(ask(request))).toMatchObject(body);
  });

  it('suggestions and lists name visible things only', async () => {
    const grant: GrantSpec = { account: { fields: ['name'] } };
    for (const request of [{ object: 'accoun' }, { object: 'account', filter: { employes: 1 } }] as const) {
      const body = JSON.stringify(await errorOf(ask(request, grant)));
      expect(body).not.toMatch(/"employees|deal|ticket/);
    }
    // A relation needs the field on the other side that makes it.
    const noVia: GrantSpec = { account: {}, ticket: { fields: ['subject'] } };
    expect((await errorOf(ask({ object: 'account', fields: [{ count: 'tickets' }] }, noVia))).code).toBe(
      'query_field_unknown',
    );
  });

  it('a value outside a provider picklist is a warning, since old records may hold it', async () => {
    const answer = await ask({ object: 'crm.Opportunity', filter: { stage: 'retired' }, fields: ['deal_id'] });
    expect(answer.rows).toEqual([]);
    expect(answer.warnings).toEqual(['"retired" is not among the present values of crm.Opportunity.stage.']);
  });
});

describe('one record', () => {
  const get = (id: string, more: { object?: string; fields?: string[] } = {}, grant: GrantSpec = allObjects) =>
    world.service.getRecord(world.caller(grant), world.catalogue, { object: 'deal', id, ...more });

  it('by reference, native id or key; without empty fields unless they were asked for', async () => {
    const answer = await get('erp/Order/d1');
    expect(answer.rows).toHaveLength(1);
    expect(answer.rows[0]?.at(-1)).toBe('erp/Order/d1');
    expect(answer.columns).not.toContain('site');
    expect(answer.warnings).toEqual([expect.stringContaining('fields without a value')]);
    expect((await get('o1')).rows[0]?.at(-1)).toBe('erp/Order/d1');
    expect((await get('o1', { fields: ['site', 'account.name'] })).rows).toEqual([
      [null, 'Nordwind GmbH', 'erp/Order/d1'],
    ]);
  });

  it('several answers to one id are told apart; hidden and absent ones are not', async () => {
    expect(await errorOf(get('d1'))).toMatchObject({
      code: 'query_record_ambiguous',
      suggestions: ['crm/Opportunity/d1', 'erp/Order/d1'],
    });
    const grant: GrantSpec = { deal: { where: { 'account.active': true } } };
    const hidden = await errorOf(get('crm/Opportunity/d3', {}, grant));
    expect(hidden).toEqual(await errorOf(get('crm/Opportunity/d999', {}, grant)));
    expect(hidden.code).toBe('not_found');
    expect((await errorOf(get('crm/Account/a1'))).code).toBe('not_found');
  });
});

describe('the catalogue', () => {
  it('describes what the caller may see, and how to use it', async () => {
    const { objects } = await world.service.describe(
      world.caller({ deal: {}, account: { fields: ['name'], where: { active: true } } }),
      world.catalogue,
      { names: ['deal', 'account'] },
    );
    const [deal, account] = objects;
    expect(deal?.fields.find((field) => field.name === 'stage')).toEqual({
      name: 'stage',
      type: 'enum',
      values: ['open', 'negotiation', 'won', 'lost'],
    });
    expect(deal?.fields.find((field) => field.name === 'amount')).toEqual({
      name: 'amount',
      type: 'decimal',
      title: 'Contract value',
      currency: 'EUR',
    });
    expect(deal?.fields.find((field) => field.name === 'account')).toMatchObject({ to: 'account' });
    expect(deal?.fields.find((field) => field.name === 'name')).toMatchObject({ untrusted: true });
    expect(account).toMatchObject({ rows_limited: true, fields: [{ name: 'name' }] });
    expect(account).not.toHaveProperty('fields_not_shown');
    // Its deals can be counted: the field that makes the relation is the caller's to see.
    expect(account).toHaveProperty('many', [{ name: 'deals', object: 'deal', via: 'account' }]);
    const one = await world.service.describe(world.caller(allObjects), world.catalogue, {
      names: ['deal.stage', 'crm.Account.name'],
    });
    expect(one.objects.map((object) => [object.name, object.fields.length])).toEqual([
      ['deal', 1],
      ['crm.Account', 1],
    ]);
    expect(
      (await errorOf(world.service.describe(world.caller({ deal: {} }), world.catalogue, { names: ['account'] }))).code,
    ).toBe('query_object_unknown');
  });

  it('is searched by words over names, titles and explanations', async () => {
    const search = (query: string, more = {}) =>
      world.service.searchCatalog(world.caller(allObjects), world.catalogue, { query, ...more });
    expect((await search('contract value')).matches[0]).toMatchObject({ name: 'deal.amount', kind: 'field' });
    expect((await search('deals', { kind: 'object' })).matches[0]).toMatchObject({ name: 'deal', kind: 'object' });
    expect((await search('negotiation')).matches[0]).toMatchObject({ name: 'deal.stage' });
    expect((await search('iban')).matches).toEqual([]);
    const few = await search('name', { limit: 1 });
    expect(few.matches).toHaveLength(1);
    expect(few.more).toBeGreaterThan(3);
  });
});
