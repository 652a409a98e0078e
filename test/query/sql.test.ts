import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, type ErrorCode, type Json } from '../../src/kernel/index.ts';
import { smallData } from './small-data.ts';
import { allObjects, openWorld, type GrantSpec, type QueryWorld } from './world.ts';

let world: QueryWorld;
beforeAll(async () => {
  world = await openWorld(smallData);
});
afterAll(() => world.close());

const run = (sql: string, grant: GrantSpec = allObjects) =>
  world.service.querySql(world.caller(grant), world.catalogue, { sql });

async function codeOf(sql: string, grant?: GrantSpec): Promise<ErrorCode | 'accepted'> {
  try {
    await run(sql, grant);
    return 'accepted';
  } catch (error) {
    if (error instanceof GantryError) return error.code;
    throw error;
  }
}

describe('a name in two parts', () => {
  it('that was written in one pair of quotes is told how to be written', async () => {
    const native: GrantSpec = { ...allObjects, 'crm.Account': {} };
    const error: unknown = await run('select * from "crm.Account"', native).catch((thrown: unknown) => thrown);
    if (!(error instanceof GantryError)) throw new Error('the statement was taken');
    expect([error.code, error.details.suggestions]).toEqual(['sql_relation_unknown', ['crm.Account']]);
    expect(error.details.fix).toContain('"crm"."Account"');
    for (const sql of ['select count(*) from crm.Account', 'select count(*) from "crm"."Account"']) {
      expect(await codeOf(sql, native)).toBe('accepted');
    }
    // Nothing is told of what the agent was not granted.
    const hidden: unknown = await run('select * from "crm.Account"', { deal: {} }).catch((thrown: unknown) => thrown);
    if (!(hidden instanceof GantryError)) throw new Error('the statement was taken');
    expect(hidden.toBody()).not.toHaveProperty('suggestions');
    expect(hidden.toBody().fix).not.toContain('crm');
  });
});

describe('hostile statements', () => {
  const refused: readonly (readonly [code: ErrorCode, sql: string])[] = [
    // Not one plain SELECT.
    ['sql_refused', ''],
    ['sql_refused', 'select 1; select 2'],
    ['sql_refused', "attach ':memory:' as x"],
    ['sql_refused', 'create table t as select 1'],
    ['sql_refused', 'insert into deal select * from deal'],
    ['sql_refused', 'update deal set amount = 1'],
    ['sql_refused', 'delete from deal'],
    ['sql_refused', 'drop table deal'],
    ['sql_refused', "copy deal to '/tmp/x.csv'"],
    ['sql_refused', "copy (select 1) to '/tmp/x.csv'"],
    ['sql_refused', 'install httpfs'],
    ['sql_refused', "load 'x'"],
    ['sql_refused', "set memory_limit = '1TB'"],
    ['sql_refused', 'set variable x = 1'],
    ['sql_refused', 'pragma database_list'],
    ['sql_refused', 'call duckdb_settings()'],
    ['sql_refused', 'explain select 1'],
    ['sql_refused', 'prepare p as select 1'],
    ['sql_refused', 'describe deal'],
    ['sql_refused', 'show tables'],
    ['sql_refused', 'summarize deal'],
    ['sql_refused', 'select * from (describe deal)'],
    ['sql_refused', 'select * from (summarize deal)'],
    ['sql_refused', 'pivot deal on stage using sum(amount)'],
    ['sql_refused', "select * from deal pivot (sum(amount) for stage in ('won'))"],
    ['sql_refused', 'unpivot deal on amount, fees into name n value v'],
    ['sql_syntax', 'selec 1'],
    ['sql_syntax', 'select from where'],
    ['sql_refused', 'select 1e1000'],
    // Other tables than the caller's.
    ['sql_relation_unknown', "select * from '/etc/passwd'"],
    ['sql_relation_unknown', "select * from 'file.csv'"],
    ['sql_relation_unknown', 'select * from "https://example.com/x.parquet"'],
    ['sql_relation_unknown', 'select * from information_schema.tables'],
    ['sql_relation_unknown', 'select * from pg_catalog.pg_class'],
    ['sql_relation_unknown', 'select * from sqlite_master'],
    ['sql_relation_unknown', 'select * from duckdb_tables'],
    ['sql_relation_unknown', 'select * from system.main.duckdb_columns'],
    ['sql_relation_unknown', 'select * from model.deal'],
    ['sql_relation_unknown', 'select * from main.deal'],
    ['sql_relation_unknown', 'select * from temp.deal'],
    ['sql_relation_unknown', 'select * from "crm.Opportunity"'],
    ['sql_relation_unknown', 'with c as (select * from c) select * from c'],
    ['sql_relation_unknown', 'with sqlite_master as (select * from sqlite_master) select * from sqlite_master'],
    ['sql_relation_unknown', 'select (select x from (with y as (select 1 as x) select x from y)) from y'],
    ['sql_refused', "select * from read_csv('/etc/passwd')"],
    ['sql_refused', "select * from read_text('*')"],
    ['sql_refused', "select * from glob('*')"],
    ['sql_refused', "select * from query('select 1')"],
    ['sql_refused', "select * from query_table('deal')"],
    ['sql_refused', 'select * from duckdb_databases()'],
    ['sql_refused', "select * from pragma_table_info('deal')"],
    ['sql_refused', 'select * from range(1000000000000)'],
    ['sql_refused', 'select * from generate_series(1, 10)'],
    ['sql_refused', "select * from json_execute_serialized_sql('{}')"],
    ['sql_refused', 'select * from checkpoint()'],
    ['sql_refused', 'select * from enable_profiling()'],
    ['sql_refused', 'select * from deal at (timestamp => now())'],
    ['sql_refused', 'select * from deal tablesample 10%'],
    ['sql_refused', 'with recursive c(n) as (select 1 union all select n + 1 from c) select * from c'],
    // Functions that read settings, have effects, wait, or build huge values.
    ['sql_function_refused', "select current_setting('threads')"],
    ['sql_function_refused', 'select current_query()'],
    ['sql_function_refused', "select getenv('HOME')"],
    ['sql_function_refused', "select nextval('s')"],
    ['sql_function_refused', 'select sleep_ms(1000)'],
    ['sql_function_refused', "select write_log('x')"],
    ['sql_function_refused', "select repeat('x', 1000000000)"],
    ['sql_function_refused', 'select stats(amount) from deal'],
    ['sql_function_refused', 'select enum_range(null)'],
    ['sql_function_refused', "select read_text('/etc/passwd')"],
    ['sql_function_refused', "select error('x')"],
    ['sql_function_refused', 'select range(1000000000)'],
    ['sql_function_refused', 'select list_transform(tags, t -> t) from deal'],
    ['sql_function_refused', 'select levenshtein(name, name) from deal'],
    ['sql_function_refused', 'select random()'],
    ['sql_function_refused', 'select version()'],
    ['sql_function_refused', "select sql_auto_complete('sel')"],
    ['sql_function_refused', 'select md5(name) from deal'],
    ['sql_function_refused', 'select txid_current()'],
    // Columns that are none.
    ['sql_column_unknown', 'select current_user'],
    ['sql_column_unknown', 'select session_user, user from deal'],
    ['sql_column_unknown', 'select current_catalog'],
    ['sql_column_unknown', 'select current_schema from deal'],
    ['sql_column_unknown', 'select localtimestamp'],
    ['sql_column_unknown', 'select rowid from deal'],
    ['sql_column_unknown', 'select 1 as rowid, rowid from deal'],
    ['sql_column_unknown', 'select 1 as rowid from deal order by rowid'],
    ['sql_column_unknown', 'select name as RowId from deal where deal."ROWID" = 0'],
    ['sql_column_unknown', 'select x.rowid from (select name as rowid from deal) x'],
    ['sql_column_unknown', 'select _stream from deal'],
    ['sql_column_unknown', 'select deal.rowid from deal'],
    ['sql_column_unknown', 'select d.iban from deal d join account a on a.crm_id = d.account'],
    ['sql_column_unknown', 'select a.iban from account a'],
    ['sql_column_unknown', "select * from account where iban like 'DE%'"],
    ['sql_column_unknown', 'select name from deal order by iban'],
    ['sql_column_unknown', 'select x.name from deal d'],
    ['sql_column_unknown', 'select * from deal d join account a using (iban)'],
    ['sql_column_unknown', 'select (select iban from account limit 1)'],
    ['sql_column_ambiguous', 'select name from deal d, account a'],
    // Forms that could fail on data, or that nobody checked.
    ['sql_refused', 'select amount::integer from deal'],
    ['sql_refused', 'select cast(name as date) from deal'],
    ['sql_refused', 'select name::json from deal'],
    ['sql_refused', 'select regexp_matches(name, name) from deal'],
    ['sql_refused', "select regexp_replace('a', name, 'x') from deal"],
    ['sql_refused', "select name like 'a' escape name from deal"],
    ['sql_refused', 'select strftime(created, name) from deal'],
    ['sql_refused', "select replace(name, 'a', name) from deal"],
    ['sql_refused', "select lpad('x', 1000000000, 'y')"],
    ['sql_refused', 'select #1 from deal'],
    ['sql_refused', "select columns('a.*') from deal"],
    ['sql_refused', 'select columns(c -> true) from deal'],
    ['sql_refused', 'select name collate nocase from deal'],
    ['sql_refused', 'select $1'],
    ['sql_refused', 'select ? from deal'],
    ['sql_refused', 'select coalesce(*) from deal'],
    ['sql_refused', 'select * from deal natural join account'],
    ['sql_refused', 'select * from deal positional join account'],
    ['sql_refused', 'select * from deal limit 10%'],
    ['sql_refused', 'select * from deal limit (select 1)'],
    ['sql_refused', 'select try(name) from deal'],
    ['sql_refused', "select name from deal where name = 'x\0'"],
    // Texts that are built from texts again and again, and patterns whose work explodes.
    ['sql_refused', `select replace(replace(name, 'e', '${'e'.repeat(100)}'), 'e', '${'e'.repeat(100)}') from deal`],
    [
      'sql_refused',
      `select regexp_replace(regexp_replace(name, '.', '${'x'.repeat(50)}', 'g'), '.', '12345', 'g') from deal`,
    ],
    ['sql_refused', `select ${'replace('.repeat(4)}name${", 'a', 'aaaaa')".repeat(4)} from deal`],
    [
      'sql_refused',
      'select d || d from (select c || c || c || c as d from (select b || b || b || b as c from (select a || a || a || a as b from (select name || name || name || name as a from account))))',
    ],
    [
      'sql_refused',
      'select name || name || name || name as a, a || a || a || a as b, b || b || b || b as c, c || c || c || c as d, d from account',
    ],
    [
      'sql_refused',
      "with c as (select '' as t union all select concat(name, name, name, name, name, name) from account) select concat(u, u, u, u, u, u) from (select concat(t, t, t, t, t, t) as u from c)",
    ],
    ['sql_refused', 'select array_to_string([name, name], name) from account'],
    [
      'sql_refused',
      `select concat_ws(s, ${Array.from({ length: 15 }, () => "''").join(', ')}) from (select concat(${Array.from({ length: 15 }, () => 'name').join(', ')}) as s from account)`,
    ],
    [
      'sql_refused',
      "select string_agg(x, '') from (select string_agg(y, '') as x from (select string_agg(name, '') as y from account))",
    ],
    [
      'sql_refused',
      'select x || x from (select concat(x, x, x, x, x, x, x, x) as x, 1 as x from (select concat(name, name, name, name, name, name, name, name, name, name, name, name, name) as x from deal))',
    ],
    ['sql_refused', `select * from deal where name like '${'%a'.repeat(9)}'`],
    ['sql_refused', `select * from deal where name not ilike '${'%a'.repeat(9)}'`],
    ['sql_refused', `select * from deal where name like '${'%a'.repeat(9)}' escape 'z'`],
    ['sql_refused', "select * from deal where name like stage || '%'"],
    ['query_currency_mixed', 'select amount + fees from deal'],
    ['query_currency_mixed', 'select sum(amount) - sum(fees) from deal'],
    ['query_currency_mixed', 'select * from deal where amount > fees'],
    ['query_currency_mixed', 'with c as (select amount as a, fees as f from deal) select a + f from c'],
    ['query_too_large', `select ${'('.repeat(70)}1${')'.repeat(70)} + ${'not '.repeat(70)}true`],
    ['query_too_large', `select ${Array.from({ length: 2100 }, () => '1').join(', ')}`],
    ['query_too_large', `select '${'x'.repeat(20_000)}'`],
    // Columns that double at each step, by either way to a table.
    ['query_too_large', `select count(*) from ${'(select *, * from '.repeat(12)}deal${')'.repeat(12)}`],
    [
      'query_too_large',
      `with s0 as (from deal), ${Array.from({ length: 12 }, (_, at) => `s${at + 1} as (select * from s${at} a, s${at} b)`).join(', ')} select count(*) from s12`,
    ],
  ];

  it.each(refused)('%s: %s', async (code, sql) => {
    expect(await codeOf(sql)).toBe(code);
  });

  it('says where, and what could have been meant', async () => {
    const error = await run('select name\nfrom deal\nwhere stge = 1').catch((thrown: unknown) => thrown);
    expect((error as GantryError).toBody()).toMatchObject({
      code: 'sql_column_unknown',
      where: 'sql:3:7',
      suggestions: expect.arrayContaining(['stage']) as string[],
    });
    const unknown = await run('select 1 from deals').catch((thrown: unknown) => thrown);
    expect((unknown as GantryError).toBody()).toMatchObject({ where: 'sql:1:15', suggestions: ['deal'] });
    const syntax = await run('select 1 +\n from').catch((thrown: unknown) => thrown);
    expect((syntax as GantryError).toBody()).toMatchObject({ code: 'sql_syntax', where: 'sql:2:2' });
  });

  it('an object that the grant leaves out is as unknown as one that never was', async () => {
    const grant: GrantSpec = { deal: { fields: ['name'] } };
    const hidden = await run('select * from account', grant).catch((thrown: unknown) => thrown);
    const absent = await run('select * from accounts', grant).catch((thrown: unknown) => thrown);
    const shape = (error: unknown) => JSON.stringify((error as GantryError).toBody()).replaceAll('accounts', 'account');
    expect(shape(hidden)).toBe(shape(absent));
    expect(await codeOf('select stage from deal', grant)).toBe('sql_column_unknown');
    expect((await run('select * from deal', grant)).columns).toEqual(['name', '_ref', '_at']);
  });
});

describe('legitimate statements', () => {
  const accepted: readonly (readonly [sql: string, rows: readonly (readonly Json[])[]])[] = [
    ['select 1 as one', [[1]]],
    ['select count(*) from deal', [[5]]],
    ['from ticket select count(*) as n where priority = $$urgent$$', [[3]]],
    ["select name from account where name ilike 'süd%'", [['Südstern AG']]],
    ["select name from account where name like '%S%d%s%t%e%r%n%'", [['Südstern AG']]],
    [
      "select replace(replace(replace(name, ' ', '_'), '&', ' and '), 'ü', 'ue') from account where crm_id = 'a2'",
      [['Suedstern_AG']],
    ],
    [
      "select string_agg(concat_ws(': ', name, replace(segment, 'm', 'M')), '; ' order by name) from account where crm_id = 'a2'",
      [['Südstern AG: Mid']],
    ],
    ["select array_to_string([name, segment], ', ') from account where crm_id = 'a2'", [['Südstern AG, mid']]],
    [
      'select stage, count(*) as n from deal group by stage order by n desc, stage nulls last',
      [
        ['open', 2],
        ['won', 2],
        [null, 1],
      ],
    ],
    ['select stage, sum(amount) as t from deal group by all having t > 30000 order by t', [['open', 197778.02]]],
    ['select sum(amount) filter (where stage = $$won$$) as won from deal', [[25000]]],
    [
      'select d.name, a.name from deal d join account a on a.crm_id = d.account where d.stage = $$won$$ order by d.amount',
      [
        ['Order 1', 'Nordwind GmbH'],
        ['Upsell Südstern', 'Südstern AG'],
      ],
    ],
    [
      'select a.name from account a left join ticket t on t.account = a.crm_id and t.priority = $$urgent$$ group by a.name having count(t.ticket_id) = 0',
      [],
    ],
    [
      'select name from account a where not exists (select 1 from deal d where d.account = a.crm_id and d.stage = $$won$$)',
      [['Geheim KG']],
    ],
    ['select name from account where crm_id in (select account from ticket where hours > 10)', [['Geheim KG']]],
    ['with big as (select * from deal where amount > 50000) select count(*), max(amount) from big', [[2, 120000.25]]],
    ['with a as (select 1 as x), b as (select x + 1 as y from a) select y from b', [[2]]],
    ['select x.n from (select count(*) as n from ticket) as x', [[5]]],
    [
      'select name, row_number() over (order by amount desc nulls last) as place from deal qualify place <= 2',
      [
        ['Renewal Nordwind', 1],
        ['Geheimsache', 2],
      ],
    ],
    [
      'select sum(amount) over (partition by account order by close_date rows between unbounded preceding and current row) as t from deal where account = $$a1$$ order by t',
      [[5000], [125000.25]],
    ],
    [
      'select lag(name, 1) over (order by deal_id) from deal where account = $$a1$$ order by deal_id',
      [[null], ['Renewal Nordwind']],
    ],
    [
      'select case when amount > 50000 then $$big$$ else $$small$$ end as size, count(*) from deal group by 1 order by 1',
      [
        ['big', 2],
        ['small', 3],
      ],
    ],
    [
      "select name from deal where close_date between date '2026-09-01' and date '2026-09-30' order by name",
      [['Order 1'], ['Upsell Südstern']],
    ],
    ["select count(*) from deal where close_date >= date '2026-12-31' - interval 30 days", [[1]]],
    ['select count(*) from deal where close_date > current_date - 36500', [[3]]],
    [
      "select date_trunc('month', close_date)::date as m, count(*) from deal where close_date is not null group by m order by m",
      [
        ['2026-09-01', 2],
        ['2026-12-01', 1],
      ],
    ],
    ['select extract(year from since) as y from account where since is not null order by y', [[2019], [2024]]],
    ["select coalesce(name, '(none)') from deal where deal_id = 'd4'", [['(none)']]],
    ["select try_cast(name as integer) from deal where deal_id = 'd1'", [[null]]],
    ['select created::date from deal where deal_id = $$d1$$', [['2026-10-01']]],
    ['select amount::varchar from deal where deal_id = $$d1$$', [['120000.25']]],
    ['select amount / nullif(fees, 0) > 1000 from deal where deal_id = $$d1$$', [[true]]],
    ["select name from deal where list_contains(tags, 'risk') and name is not null", [['Renewal Nordwind']]],
    [
      'select t.tag, count(*) from (select unnest(tags) as tag from deal) t group by all order by 1',
      [
        ['renewal', 1],
        ['risk', 2],
        ['upsell', 1],
      ],
    ],
    ["select string_agg(name, ', ' order by name) from account where active", [['Nordwind GmbH, Südstern AG']]],
    ["select regexp_extract(name, '^[A-Z][a-zü]+') from account where crm_id = 'a2'", [['Südstern']]],
    ['select distinct stage from deal where stage is not null order by stage', [['open'], ['won']]],
    [
      'select distinct on (account) account, name from ticket t join account a on a.crm_id = t.account order by account limit 1',
      [['a1', 'Nordwind GmbH']],
    ],
    [
      'select name from account union all select name from deal order by name nulls last limit 2 offset 1',
      [['Geheimsache'], ['Nordwind GmbH']],
    ],
    ['select account from deal except select account from ticket', []],
    [
      'select * exclude (notes, _ref, _at) replace (upper(name) as name) from account where crm_id = $$a2$$',
      [['a2', 'SÜDSTERN AG', 'mid', 80, 500000, true, '2024-12-31', 'sued.example', 'u2']],
    ],
    ['select crm.Opportunity.name from crm.Opportunity where "Opportunity"."stage" = $$won$$', [['Upsell Südstern']]],
    [
      'select o.name from "crm"."Opportunity" o, lateral (select count(*) as n from ticket t where t.account = o.account) c where c.n = 2',
      [['Renewal Nordwind']],
    ],
    ['select v.a + v.b from (values (1, 2), (3, 4)) v(a, b) order by 1', [[3], [7]]],
    [
      'select account, count(*) from deal join ticket using (account) group by account order by account',
      [
        ['a1', 4],
        ['a2', 1],
        ['a3', 1],
      ],
    ],
    ['select median(amount), quantile_cont(amount, 0.5) > 0 from deal', [[48888.88, true]]],
    ['select name from deal d semi join ticket t on t.account = d.account and t.hours = 40', [['Geheimsache']]],
    ['select d._ref from deal d where d.deal_id = $$o1$$', [['erp/Order/d1']]],
    [
      'select account, stage, count(*) from deal where account = $$a1$$ group by grouping sets ((account, stage), ()) order by 3 desc, 2',
      [
        [null, null, 2],
        ['a1', 'open', 1],
        ['a1', 'won', 1],
      ],
    ],
  ];

  it.each(accepted)('%s', async (sql, rows) => {
    expect((await run(sql)).rows).toEqual(rows);
  });

  it('carries freshness and sources of what it touched, and says when it was cut', async () => {
    const answer = await world.service.querySql(world.caller(allObjects), world.catalogue, {
      sql: 'select d.name from deal d, ticket t',
      limit: 3,
    });
    expect(answer.rows).toHaveLength(3);
    expect(answer.warnings).toEqual([expect.stringContaining('first 3 rows')]);
    expect(answer.sources.map((source) => source.ref)).toEqual(['crm/Opportunity/', 'erp/Order/', 'support/tickets/']);
    expect(answer.freshness).toEqual({ as_of: '2026-11-20T12:00:00Z', age_s: 0 });
  });
});

describe('rows that the caller may not see', () => {
  const limited: GrantSpec = {
    deal: { where: { 'account.active': true } },
    account: { where: { active: true } },
    ticket: { where: { not: { subject: 'Hidden' } } },
    user: {},
  };

  it('are in no answer, by whatever way they are asked for', async () => {
    const statements = [
      'select * from deal',
      'select * from account',
      'select * from ticket',
      'select a.*, t.*, d.* from account a full join ticket t on t.account = a.crm_id full join deal d on d.account = a.crm_id',
      'select string_agg(name, $$,$$) from account',
      'select array_agg(notes), min(name), max(name), count(*) from account',
      'select name, first_value(name) over (order by name) from account',
      "select * from account where notes like 'SECRET%' or true",
    ];
    for (const sql of statements) {
      const answer = await run(sql, limited);
      expect(JSON.stringify(answer), sql).not.toMatch(/Geheim|SECRET|Hidden|"a3"/);
    }
    expect((await run('select count(*) from account', limited)).rows).toEqual([[2]]);
    expect((await run('select count(*), sum(amount) from deal', limited)).rows).toEqual([[3, 145000.25]]);
  });

  // Expressions that fail, or do not, depending on values: hidden records must not decide.
  const probes = [
    'select 1 / (employees - 80) from account where crm_id = $$a1$$',
    'select try_cast(notes as integer) from account',
    'select sqrt(hours - 40) from ticket where hours < 40 and hours > 39',
    'select ln(hours) from ticket where hours = 40',
    'select log(coalesce(employees, -1)) from account where crm_id <> $$a1$$',
    'select exp(hours * 1000) from ticket',
    'select pow(hours, 5000) from ticket',
    'select sum(hours * 1e300 * 1e300) from ticket',
    'select 9223372036854775807 + employees from account where employees is null',
    'select 9223372036854775807 + coalesce(employees, 1) from account where name > $$A$$ and crm_id > $$a2$$',
    'select (select name from account where crm_id > $$a2$$)',
    'select (select name from account where active is not true)',
    'select * from account where regexp_matches(notes, $$SECRET.*$$)',
    "select split_part(notes, '-', 2) from account order by 1",
    'select quantile_cont(amount, 0.99) from deal',
    'select date_trunc($$month$$, close_date) + to_months(try_cast(amount as integer)) from deal where amount > 77777 and amount < 77778',
    'with h as materialized (select * from account) select 1 // employees from h where notes is not null',
    'select count(*) from ticket where exists (select 1 from account a where a.crm_id = ticket.account and 1 // (length(a.notes) - 11) > 5)',
    'select stddev(hours * 1e200) from ticket',
    'select corr(hours, hours * 1e200) from ticket',
    'select name from account order by 1 / (case when notes = $$SECRET-NOTE$$ then 0 else 1 end)',
    "select strftime(opened, '%Y') from ticket where year(opened) < 2026",
  ];

  it.each(probes)('decide nothing: %s', async (sql) => {
    // The same question before and after the hidden records change: the outcome must be the same.
    const before = await outcome(sql);
    await replaceHidden({ notes: 'other', employees: 7, hours: -1, amount: 1 });
    const after = await outcome(sql);
    await replaceHidden(null);
    expect(after).toEqual(before);
    expect(JSON.stringify(before)).not.toMatch(/SECRET|Geheim|Hidden/);
  });

  async function outcome(sql: string): Promise<Json> {
    try {
      return (await run(sql, limited)).rows;
    } catch (error) {
      if (!(error instanceof GantryError)) throw error;
      const { code, message, where, data } = error.toBody();
      return JSON.parse(JSON.stringify({ code, message, where, data })) as Json;
    }
  }

  async function replaceHidden(
    values: { notes: string; employees: number; hours: number; amount: number } | null,
  ): Promise<void> {
    const [account, ticket, deal] = [
      smallData['crm.Account']?.[2],
      smallData['support.tickets']?.[3],
      smallData['crm.Opportunity']?.[2],
    ];
    if (account === undefined || ticket === undefined || deal === undefined)
      throw new Error('the hidden records are missing');
    await world.put('crm.Account', [
      values === null ? account : { ...account, notes: values.notes, employees: values.employees },
    ]);
    await world.put('support.tickets', [values === null ? ticket : { ...ticket, hours: values.hours }]);
    await world.put('crm.Opportunity', [values === null ? deal : { ...deal, amount: values.amount }]);
    await world.lens.catchUp(world.tenant);
  }

  it('the rule may use fields and relations that the caller has not', async () => {
    const grant: GrantSpec = { deal: { fields: ['name'], where: { 'account.segment': 'mid' } } };
    expect((await run('select name from deal', grant)).rows).toEqual([['Upsell Südstern']]);
    const answer = await run('select name from deal', grant);
    expect(answer.sources.map((source) => source.ref)).toEqual(['crm/Opportunity/', 'erp/Order/']);
  });

  it('a rule that names what this tenant does not have shows nothing and says so', async () => {
    expect(await codeOf('select * from deal', { deal: { where: { no_such_field: 1 } } })).toBe('access_rule_invalid');
  });

  it('changed rights and changed data reach cached relations', async () => {
    const grant: GrantSpec = { account: { where: { active: true } } };
    expect((await run('select count(*) from account', grant)).rows).toEqual([[2]]);
    const hidden = smallData['crm.Account']?.[2];
    if (hidden === undefined) throw new Error('the hidden account is missing');
    await world.put('crm.Account', [{ ...hidden, active: true }]);
    await world.lens.catchUp(world.tenant);
    expect((await run('select count(*) from account', grant)).rows).toEqual([[3]]);
    await world.put('crm.Account', [hidden]);
    await world.lens.catchUp(world.tenant);
    expect((await run('select count(*) from account', { account: { where: { segment: 'mid' } } })).rows).toEqual([[1]]);
  });
});
