import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GantryError, type Json } from '../../src/kernel/index.ts';
import type { Policies } from '../../src/manifest/index.ts';
import type { QueryRequest, QueryScope } from '../../src/query/index.ts';
import { smallData } from './small-data.ts';
import { openWorld, type GrantSpec, type QueryWorld } from './world.ts';

const quote = (id: string, amount: number | null, currency: string | null, day: string | null, account = 'a1') => ({
  _id: id,
  quote_id: id,
  amount,
  tax: amount === null ? null : amount / 10,
  currency,
  day,
  account,
});
const quotes = [
  quote('q1', 100, 'EUR', '2026-01-10'),
  quote('q2', 100, 'USD', '2026-01-10'),
  quote('q3', 300, 'USD', '2026-06-30', 'a2'),
  quote('q4', null, null, null, 'a2'),
  quote('q5', 50, 'GBP', '2026-07-01', 'a3'),
];

const at = { file: 'policies/rates.yaml', line: 1, column: 1 };
const policies: Policies = {
  savedQueries: new Map(),
  history: { keepDays: 90 },
  rates: {
    base: 'EUR',
    source: 'the treasury',
    rates: new Map([
      [
        'USD',
        [
          { from: '2026-01-01', rate: 1.25 },
          { from: '2026-06-30', rate: 2 },
          { from: '2027-01-01', rate: 99 },
        ],
      ],
      ['GBP', [{ from: '2026-07-01', rate: 0.5 }]],
      ['CHF', [{ from: '2026-07-01', rate: 0.95 }]],
    ]),
    at,
  },
};

let world: QueryWorld;
const all: GrantSpec = { quote: {}, account: {}, deal: {} };
beforeAll(async () => {
  world = await openWorld({ ...smallData, 'erp.Quote': quotes });
});
afterAll(() => world.close());

const scope = (): QueryScope => ({ ...world.catalogue, policies });
const ask = (request: Omit<QueryRequest, 'object'> & { object?: string }, grant = all, at_ = scope()) =>
  world.service.queryRecords(world.caller(grant), at_, { object: 'quote', ...request });
const sql = (text: string, grant = all) => world.service.querySql(world.caller(grant), scope(), { sql: text });
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => {
      if (error instanceof GantryError) return error.code;
      throw error;
    },
  );

describe('amounts in each record’s own currency', () => {
  const refused: readonly Omit<QueryRequest, 'object'>[] = [
    { measures: [{ sum: 'amount' }] },
    { measures: [{ max: 'amount' }], group_by: ['day'] },
    { measures: [{ sum: 'amount', where: { day: { gt: '2026-02-01' } } }] },
    { filter: { amount: { gt: 10 } } },
    { filter: { or: [{ currency: 'EUR' }, { amount: { gt: 10 } }] } },
    { filter: { not: { currency: 'EUR', amount: { gt: 10 } } } },
    { filter: { amount: { gt: 10 }, currency: { in: ['EUR', 'USD'] } } },
    { sort: [{ field: 'amount' }] },
    { group_by: ['amount'] },
    { measures: [{ sum: 'amount', as: 'n' }], group_by: ['currency'], sort: [{ field: 'n' }] },
    { measures: [{ sum: 'amount', as: 'n' }], group_by: ['currency'], having: { n: { gt: 1 } } },
    { filter: { account: { ne: null }, amount: { gt: 1 } }, group_by: ['currency'] },
  ];
  it.each(refused.map((request) => [request] as const))('are not taken together: %j', async (request) => {
    expect(await codeOf(ask(request))).toBe('query_currency_mixed');
  });

  it('are not either over related records', async () => {
    const total = { object: 'account', fields: ['name', { sum: 'quotes.amount' }] };
    expect(await codeOf(ask(total))).toBe('query_currency_mixed');
    const filter = { field: { max: 'quotes.amount' }, op: 'gt', value: 1 };
    expect(await codeOf(ask({ object: 'account', filter }))).toBe('query_currency_mixed');
  });

  const fine: readonly (readonly [Omit<QueryRequest, 'object'>, Json])[] = [
    [
      { measures: [{ sum: 'amount' }], group_by: ['currency'], sort: [{ field: 'currency' }] },
      [
        ['EUR', 100],
        ['GBP', 50],
        ['USD', 400],
        [null, null],
      ],
    ],
    [{ measures: [{ sum: 'amount' }], filter: { currency: 'USD' } }, [[400]]],
    [{ measures: [{ sum: 'amount', where: { currency: 'USD' }, as: 'usd' }, { count: 'amount' }] }, [[400, 4]]],
    [
      { fields: ['quote_id'], filter: { or: [{ currency: 'EUR' }, { currency: 'USD', amount: { gt: 200 } }] } },
      [['q1'], ['q3']],
    ],
    [{ fields: ['quote_id'], filter: { amount: null } }, [['q4']]],
    [{ fields: ['quote_id'], filter: { amount: { lte: 0 } } }, []],
    [
      { fields: ['quote_id'], sort: [{ field: 'currency' }, { field: 'amount', dir: 'desc' }] },
      [['q1'], ['q5'], ['q3'], ['q2'], ['q4']],
    ],
    [
      {
        measures: [{ sum: 'amount', as: 'n' }],
        group_by: ['currency'],
        sort: [{ field: 'currency' }, { field: 'n' }],
        having: { currency: 'USD', n: { gt: 1 } },
      },
      [['USD', 400]],
    ],
  ];
  it.each(fine)('are where one currency holds: %j', async (request, expected) => {
    const { rows } = await ask(request);
    const isList = 'fields' in request;
    expect(isList ? rows.map((row) => row.slice(0, -1)) : rows).toEqual(expected);
  });

  it('are left to the tenant in the rules about its own records', async () => {
    const { rows } = await ask({ fields: ['quote_id'] }, { quote: { where: { amount: { gt: 99 } } } });
    expect(rows.map(([id]) => id)).toEqual(['q1', 'q2', 'q3']);
  });

  it('cannot be told apart by a caller who may not see the currency', async () => {
    const blind: GrantSpec = { quote: { fields: ['quote_id', 'amount'] } };
    expect(await codeOf(ask({ measures: [{ sum: 'amount' }] }, blind))).toBe('query_currency_mixed');
    expect(await codeOf(ask({ measures: [{ sum: 'amount', in: 'EUR' }] }, blind))).toBe('query_op_invalid');
    expect(await codeOf(sql('select sum(amount) from quote', blind))).toBe('query_currency_mixed');
  });
});

describe('conversion', () => {
  it('takes the rates of the day of the question, and says so', async () => {
    const answer = await ask({
      measures: [
        { sum: 'amount', in: 'EUR', as: 'total' },
        { max: 'tax', in: 'USD', as: 'tax' },
      ],
    });
    // 100 + 100/2 + 300/2 + 50/0.5; the largest tax is 30 USD.
    expect(answer.rows).toEqual([[400, 30]]);
    expect(answer.conversions).toEqual([
      { column: 'total', to: 'EUR', rates_from: 'the treasury', on: '2026-11-20', oldest_rate: '2026-06-30' },
      { column: 'tax', to: 'USD', rates_from: 'the treasury', on: '2026-11-20', oldest_rate: '2026-06-30' },
    ]);
  });

  it('takes those of each record’s own day where that is asked for', async () => {
    const { rows, conversions } = await ask({ measures: [{ sum: 'amount', in: 'EUR', on: 'day', as: 'total' }] });
    // 100 + 100/1.25 + 300/2 + 50/0.5
    expect(rows).toEqual([[430]]);
    expect(conversions).toEqual([{ column: 'total', to: 'EUR', rates_from: 'the treasury', on: 'day' }]);
  });

  it('of one amount is one join however often it is asked for, and the rates travel once', async () => {
    const read = vi.spyOn(world.lens, 'read');
    const fields = (on: object) =>
      Array.from({ length: 30 }, (_, index) => ({
        convert: 'amount',
        in: index % 2 === 0 ? 'EUR' : 'USD',
        as: `c${index}`,
        ...on,
      }));
    const answer = await ask({ fields: fields({ on: 'day' }), filter: { quote_id: 'q2' } });
    expect(answer.rows[0]?.slice(0, 30)).toEqual(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 80 : 100)),
    );
    const asked = read.mock.calls.map(([, request]) => request).find(({ sql: text }) => text.includes('asof'));
    read.mockRestore();
    // Once for the rows, once to tell which amounts have no rate.
    expect(asked?.sql.match(/asof left join/g)).toHaveLength(2 * 2);
    expect(asked?.params).toHaveLength(2 * 3);
  });

  it('makes fields that can be sorted by, from page to page, under a row filter', async () => {
    const eur = { convert: 'amount', in: 'EUR' };
    const request = { fields: ['quote_id', eur], sort: [{ field: 'amount_eur', dir: 'desc' as const }], limit: 3 };
    const grant: GrantSpec = { quote: { where: { account: { in: ['a1', 'a2'] } } } };
    const first = await ask(request, grant);
    const second = await ask({ ...request, cursor: first.next_cursor ?? '' }, grant);
    expect([...first.rows, ...second.rows].map(([id, amount]) => [id, amount])).toEqual([
      ['q3', 150],
      ['q1', 100],
      ['q2', 50],
      ['q4', null],
    ]);
  });

  it('works over related records, and for amounts of one declared currency', async () => {
    const total = { sum: 'quotes.amount', in: 'EUR', as: 'total' };
    const { rows } = await ask({
      object: 'account',
      fields: ['crm_id', total],
      filter: { field: { sum: 'quotes.amount', in: 'EUR' }, op: 'gt', value: 100 },
    });
    expect(rows.map((row) => row.slice(0, 2))).toEqual([
      ['a1', 150],
      ['a2', 150],
    ]);
    expect((await ask({ object: 'deal', measures: [{ sum: 'fees', in: 'EUR' }] })).rows).toEqual([[6.5]]);
  });

  it('refuses rather than leave amounts out that have no rate', async () => {
    const early = await ask({ measures: [{ sum: 'amount', in: 'EUR', on: 'day' }], filter: { account: 'a1' } });
    expect(early.rows).toEqual([[180]]);
    await world.put('erp.Quote', [
      quote('q6', 7, 'XTS', '2026-08-01', 'a2'),
      quote('q7', 7, 'GBP', '2026-02-01', 'a2'),
    ]);
    await world.lens.catchUp(world.tenant);
    const measures = [{ sum: 'amount', in: 'EUR', on: 'day' }];
    const missing = ask({ measures });
    await expect(missing).rejects.toMatchObject({
      code: 'query_currency_rate_missing',
      message: expect.stringMatching(/for GBP, XTS\./) as string,
    });
    expect(await codeOf(ask({ fields: [{ convert: 'amount', in: 'EUR' }], limit: 1 }))).toBe(
      'query_currency_rate_missing',
    );
    expect(await codeOf(ask({ object: 'account', fields: [{ sum: 'quotes.amount', in: 'EUR' }], limit: 1 }))).toBe(
      'query_currency_rate_missing',
    );
    expect(await codeOf(ask({ measures, filter: { account: 'a1' } }))).toBe('answered');
    // What the caller may not see has no say.
    expect(await codeOf(ask({ measures }, { quote: { where: { account: { ne: 'a2' } } } }))).toBe('answered');
    await world.remove('erp.Quote', ['q6', 'q7']);
    await world.lens.catchUp(world.tenant);
  });

  it('tells mistakes', async () => {
    expect(await codeOf(ask({ measures: [{ sum: 'amount', in: 'EUR' }] }, all, world.catalogue))).toBe(
      'query_currency_rate_missing',
    );
    expect(await codeOf(ask({ measures: [{ sum: 'amount', in: 'EURO' }] }))).toBe('query_value_not_allowed');
    expect(await codeOf(ask({ measures: [{ sum: 'amount', on: 'day' }] }))).toBe('query_shape_invalid');
    expect(await codeOf(ask({ measures: [{ sum: 'amount', in: 'EUR', on: 'currency' }] }))).toBe('query_op_invalid');
    expect(await codeOf(ask({ object: 'deal', measures: [{ sum: 'probability', in: 'EUR' }] }))).toBe(
      'query_op_invalid',
    );
    expect(await codeOf(ask({ measures: [{ count: '*', in: 'EUR' }] }))).toBe('query_shape_invalid');
  });
});

describe('SQL', () => {
  const mixed = [
    'select sum(amount) from quote',
    'select max(amount), currency from quote group by all having count(*) > max(amount)',
    'select sum(amount) from quote group by rollup(currency)',
    'select * from quote where amount > 5',
    'select * from quote where amount in (5, 6)',
    'select * from quote order by amount',
    'select currency, sum(amount) as n from quote group by currency order by n',
    'select currency from quote group by currency having sum(amount) > 5',
    'select currency, sum(amount) as n from quote group by currency order by 2',
    "select sum(amount) from quote where currency = 'EUR' or currency = 'USD'",
    "select sum(b.amount) from quote a join quote b on a.quote_id = b.quote_id where a.currency = 'EUR'",
    'with t as (select currency, sum(amount) as n from quote group by 1) select sum(n) from t',
    "with t as (select * from quote) select sum(b.amount) from t a, t b where a.currency = 'EUR'",
    'select sum(amount) over () from quote',
    'select a.amount + b.amount from quote a join quote b using (account)',
    // Across the sides of a set operation.
    'select sum(n) from (select amount as n from deal union all select fees from deal)',
    'select sum(n) from (select amount as n, 1 as x from deal union all by name select 2 as x, fees as n from deal)',
    "select sum(x) from (select name, amount as x from deal union all select quote_id, amount from quote where currency = 'USD')",
    'select sum(n) from (select amount as n from quote where currency = $$EUR$$ union all select amount from quote)',
    'select max(b) from (select name as a, amount as a, 1 as b from deal union all select 1, 2, fees from deal union all select 1, 2, amount from deal)',
  ];
  it.each(mixed)('refuses %s', async (text) => {
    expect(await codeOf(sql(text))).toBe('query_currency_mixed');
  });

  const fine: readonly (readonly [string, Json])[] = [
    [
      'select currency, sum(amount) as n from quote group by currency order by currency',
      [
        ['EUR', 100],
        ['GBP', 50],
        ['USD', 400],
        [null, null],
      ],
    ],
    ['select currency as c, sum(amount) as n from quote group by c order by c limit 1', [['EUR', 100]]],
    ['select currency, sum(amount) as n from quote group by all order by 1 limit 1', [['EUR', 100]]],
    ["select sum(amount) from quote where currency = 'USD'", [[400]]],
    ["select quote_id from quote where 'USD' = currency and amount > 200", [['q3']]],
    ["select sum(amount) filter (where currency = 'USD') from quote", [[400]]],
    ["select sum(case when currency = 'USD' then amount end) from quote", [[400]]],
    [
      "select sum(n) from (select amount as n from quote where currency = 'EUR' union all select amount from deal where stage = 'won')",
      [[25_100]],
    ],
    ['select quote_id, rank() over (partition by currency order by amount) from quote where day is null', [['q4', 1]]],
    ['select quote_id from quote where amount > tax order by currency, amount desc', [['q1'], ['q5'], ['q3'], ['q2']]],
    ['select quote_id from quote where amount < 0', []],
    ['select currency, sum(amount) as n from quote group by 1 order by 1, n limit 1', [['EUR', 100]]],
    ['select amount + tax as gross from quote where quote_id = $$q1$$', [[110]]],
    ["with t as (select * from quote) select sum(a.amount) from t a where a.currency = 'EUR'", [[100]]],
    ['select count(amount), list(amount order by quote_id)[1] from quote', [[4, 100]]],
  ];
  it.each(fine)('answers %s', async (text, expected) => {
    expect((await sql(text)).rows).toEqual(expected);
  });
});
