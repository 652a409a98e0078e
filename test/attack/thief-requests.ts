import type { Args } from './stage.ts';

export type Request = readonly [tool: string, args: Args];

/** Ids and names of what the thief must not see, to ask for them by name. */
export interface Hidden {
  readonly account: string;
  readonly deal: string;
  readonly ticket: string;
  readonly meeting: string;
  /** The calendar's record of the same meeting. */
  readonly calendarEvent: string;
  /** Beginnings of texts that only hidden records have. */
  readonly words: readonly string[];
}

/** Whatever somebody would try who wants to learn of these records: each asks in a way of its own. */
export function thiefRequests(hidden: Hidden): Request[] {
  const { account, deal, ticket, meeting, calendarEvent, words } = hidden;
  const lists = ['account', 'deal', 'ticket', 'meeting', 'crm.Account'];
  return [
    ...lists.flatMap((object): Request[] => [
      ['query_records', { object, limit: 200 }],
      ['query_records', { object, measures: [{ count: '*' }] }],
      ['query_records', { object, changed_since: { ago: '900d' }, limit: 200 }],
      ['query_records', { object, changed_since: { ago: '1h' } }],
      ['describe', { names: [object], detail: 'full' }],
      ...words.map((text): Request => ['query_records', { object, text, measures: [{ count: '*' }] }]),
    ]),
    // Through relations, both ways, in each clause.
    ['query_records', { object: 'ticket', fields: ['ticket_id', 'account.name', 'account.city'], limit: 200 }],
    ['query_records', { object: 'ticket', group_by: ['account.name'], measures: [{ count: '*' }], limit: 200 }],
    ['query_records', { object: 'ticket', sort: [{ field: 'account.name', dir: 'desc' }], limit: 200 }],
    ['query_records', { object: 'ticket', filter: { 'account.name': null }, measures: [{ count: '*' }] }],
    ['query_records', { object: 'ticket', filter: { not: { 'account.city': 'x' } }, measures: [{ count: '*' }] }],
    [
      'query_records',
      { object: 'meeting', measures: [{ min: 'held_at' }, { max: 'held_at' }, { count: 'account.city' }] },
    ],
    [
      'query_records',
      {
        object: 'account',
        fields: [
          'crm_id',
          { count: 'tickets', as: 'tickets' },
          { count: 'deals', as: 'deals' },
          { count: 'meetings', as: 'meetings' },
          { max: 'meetings.held_at', as: 'last' },
          { min: 'tickets.opened_at', as: 'first' },
          { max: 'deals.name', as: 'name' },
        ],
        limit: 200,
      },
    ],
    [
      'query_records',
      {
        object: 'deal',
        group_by: ['account'],
        measures: [{ count: '*', as: 'n' }],
        having: { n: { gte: 1 } },
        limit: 200,
      },
    ],
    ['query_records', { object: 'account', filter: { field: { count: 'deals' }, op: 'gt', value: 0 }, limit: 200 }],
    [
      'query_records',
      {
        object: 'account',
        filter: { field: { max: 'deals.name' }, op: 'gt', value: 'M' },
        fields: ['crm_id'],
        limit: 200,
      },
    ],
    // By name.
    ...[
      ['account', account],
      ['deal', deal],
      ['ticket', ticket],
      ['meeting', meeting],
      ['meeting', calendarEvent],
      ['crm.Account', account],
    ].flatMap(([object, id = '']): Request[] => [
      ['get_record', { object, id }],
      ['get_record', { object, id, history: 50 }],
      ['get_record', { object, id: id.split('/').at(-1) ?? '', history: 1 }],
      [
        'query_sql',
        { sql: `select * from ${object === 'crm.Account' ? 'crm."Account"' : object} where _ref = '${id}'` },
      ],
    ]),
    ['query_records', { object: 'account', filter: { crm_id: account.split('/').at(-1) } }],
    ['query_records', { object: 'deal', filter: { 'account.crm_id': account.split('/').at(-1) } }],
    // SQL: sums, orders, sub-selects, outer joins, windows.
    ['query_sql', { sql: 'select count(*), min(name), max(name), min(_ref), max(_ref), max(_at) from account' }],
    ['query_sql', { sql: 'select stage, count(*), min(name), max(_ref) from deal group by all order by all' }],
    [
      'query_sql',
      { sql: 'select t.ticket_id, a.name from ticket t left join account a on a.crm_id = t.account order by 1' },
    ],
    [
      'query_sql',
      { sql: 'select a.name, t.subject from account a full join ticket t on a.crm_id = t.account order by all' },
    ],
    [
      'query_sql',
      { sql: 'select a.name from account a where exists (select 1 from deal d where d.account = a.crm_id) order by 1' },
    ],
    [
      'query_sql',
      { sql: 'select name, row_number() over (order by name), lag(name) over (order by name) from account order by 1' },
    ],
    [
      'query_sql',
      {
        sql: 'select approx_count_distinct(subject), mode(subject), string_agg(subject, chr(10) order by subject) from ticket',
      },
    ],
    [
      'query_sql',
      {
        sql: 'select kind, max(held_at), quantile_disc(held_at, 0.5) from meeting group by rollup (kind) order by all',
      },
    ],
    [
      'query_sql',
      { sql: "select count(*) filter (where name like 'Geheim%'), sum(if(name > 'M', 1, 0)) from account" },
    ],
    [
      'query_sql',
      { sql: `select 1 / (count(*) - 1) from account where crm_id = '${account.split('/').at(-1) ?? ''}'` },
    ],
    [
      'query_sql',
      { sql: 'select n."Name", a.name from crm."Account" n left join account a on a.crm_id = n."Id" order by all' },
    ],
    // What is told beside the rows.
    ['search_catalog', { query: 'status phone margin', limit: 50 }],
    ...words.map((query): Request => ['search_catalog', { query }]),
    ['list_connections', {}],
    ['query_records', { object: 'account', fields: ['statsu'] }],
    ['query_records', { object: 'account', filter: { phnoe: '1' } }],
    ['query_records', { object: 'deal', filter: { 'account.status': 'churned' } }],
    ['query_records', { object: 'deal', measures: [{ max: 'currency' }] }],
    ['query_sql', { sql: 'select phone from account' }],
    ['query_sql', { sql: 'select statu from account' }],
    ['query_sql', { sql: 'select * from contact' }],
  ];
}
