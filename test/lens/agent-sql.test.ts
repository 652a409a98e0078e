import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, limits, type Json, type StreamId } from '../../src/kernel/index.ts';
import type { LensAnswer, SessionRelation } from '../../src/lens/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

const ownDeals: SessionRelation = {
  name: 'deal',
  select: 'select "Name" as name, "Amount" as amount, _id as id from "crm"."Opportunity" where "Owner" = $1',
  params: ['ann'],
  as: 'table',
};
const opportunity: SessionRelation = {
  name: 'crm.Opportunity',
  select: `select "Name", _id, '"schema_name":"crm"' as odd from "crm"."Opportunity"`,
  params: [],
  as: 'view',
};
const deals: SessionRelation = {
  name: 'pipeline',
  select: 'with d as (select * from "model"."deal") select name from d',
  params: [],
  as: 'view',
};

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof GantryError ? error.code : error),
  );

describe("agents' SQL", () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  let tenant: TestTenant;
  let stream: StreamId;

  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
    ({ tenant, stream } = await withDeals());
  });
  afterAll(() => test.close());

  async function withDeals(): Promise<{ tenant: TestTenant; stream: StreamId }> {
    const made = await addTestTenant(db, ['Opportunity']);
    const [id] = made.streams;
    if (id === undefined) throw new Error('no stream');
    const columns = { Name: 'VARCHAR', Owner: 'VARCHAR', Amount: 'DECIMAL(18,2)' } as const;
    const view = { schema: 'model', name: 'deal', select: 'select "Name" as name from "crm"."Opportunity"' } as const;
    test.layouts.set(made.id, layoutOf([table(id, 'Opportunity', columns)], [view]));
    await made.put(id, [
      { id: '1', doc: { Name: 'Acme', Owner: 'ann', Amount: 10.5 } },
      { id: '2', doc: { Name: 'Bolt', Owner: 'bob', Amount: 7 } },
    ]);
    await test.lens.catchUp(made.id);
    return { tenant: made, stream: id };
  }

  interface Options {
    readonly session?: string;
    readonly relations?: readonly SessionRelation[];
    readonly rowsMax?: number;
    readonly timeoutMs?: number;
  }

  function ask(sql: string, options: Options = {}): Promise<LensAnswer> {
    const { session = 'ann', relations = [ownDeals, opportunity, deals], rowsMax = 100, timeoutMs = 30_000 } = options;
    const read = { sql, params: [], streams: [stream], session, relations, rowsMax, timeoutMs };
    return test.lens.readSql(tenant.id, read);
  }

  it.each<[string, readonly (readonly Json[])[]]>([
    ['select name, amount from deal', [['Acme', 10.5]]],
    ['select count(*) from "deal"', [[1]]],
    ['select "Name" from crm.Opportunity order by 1', [['Acme'], ['Bolt']]],
    [
      'select crm.Opportunity.Name, o.odd from "crm"."Opportunity" join crm.Opportunity o using (_id) order by 1 limit 1',
      [['Acme', '"schema_name":"crm"']],
    ],
    ['select d.name from deal d join crm.Opportunity o on o._id = d.id', [['Acme']]],
    ['select name from pipeline order by name desc', [['Bolt'], ['Acme']]],
    ['with deal as (select 1 as x) select x from deal', [[1]]],
  ])('answers %s', async (sql, expected) => {
    expect((await ask(sql)).rows).toEqual(expected);
  });

  it('knows no relation of the tenant, nor of another caller, beyond those given', async () => {
    const alone = { session: 'carl', relations: [{ ...deals, name: 'mine' }] };
    expect((await ask('select count(*) from mine', alone)).rows).toEqual([[2]]);
    for (const name of ['deal', 'crm.Opportunity', 'model.deal', '_gantry.meta', 'main.deal', 'pipeline']) {
      expect(await codeOf(ask(`select * from ${name}`, alone))).toBe('sql_failed');
    }
  });

  it('copies restricted rows again when they changed, and shows a view as it is now', async () => {
    const { tenant: other, stream: id } = await withDeals();
    const read = {
      params: [],
      streams: [id],
      session: 's',
      relations: [ownDeals, deals],
      rowsMax: 10,
      timeoutMs: 60_000,
    };
    const sql = 'select (select count(*) from deal), (select count(*) from pipeline)';
    expect((await test.lens.readSql(other.id, { ...read, sql })).rows).toEqual([[1, 2]]);
    await other.put(id, [
      { id: '2', doc: { Name: 'Bolt', Owner: 'ann' } },
      { id: '3', doc: { Name: 'Cold', Owner: 'bob' } },
    ]);
    await test.lens.catchUp(other.id);
    expect((await test.lens.readSql(other.id, { ...read, sql })).rows).toEqual([[2, 3]]);
    test.layouts.set(other.id, layoutOf([table(id, 'Opportunity', { Name: 'VARCHAR', Owner: 'VARCHAR' })], []));
    test.lens.layoutChanged(other.id);
    await test.lens.catchUp(other.id);
    const thinner = { ...ownDeals, select: 'select "Name" as name from "crm"."Opportunity" where "Owner" = $1' };
    const again = { ...read, sql: 'select count(*) from deal', relations: [thinner] };
    expect((await test.lens.readSql(other.id, again)).rows).toEqual([[2]]);
    expect(await codeOf(test.lens.readSql(other.id, { ...read, sql: 'select 1 from pipeline' }))).toBe('sql_failed');
  });

  it('takes another definition of a relation under the same name', async () => {
    const session = { session: 'changing' };
    const as = (select: string, kind: 'table' | 'view'): Options => ({
      ...session,
      relations: [{ name: 'deal', select, params: [], as: kind }],
    });
    expect((await ask('select * from deal', as('select 1 as x', 'table'))).rows).toEqual([[1]]);
    expect((await ask('select * from deal', as('select 2 as y', 'view'))).rows).toEqual([[2]]);
    expect((await ask('select * from deal', as('select 3 as z', 'table'))).rows).toEqual([[3]]);
  });

  it('serves more callers than it keeps ready', async () => {
    const callers = Array.from({ length: limits.lensSessionsMax * 2 + 1 }, (_, index) => `caller ${index}`);
    for (const round of [1, 2]) {
      const answers = await Promise.all(callers.map((session) => ask('select name from deal', { session })));
      expect(
        answers.map((answer) => answer.rows),
        `round ${round}`,
      ).toEqual(callers.map(() => [['Acme']]));
    }
  });

  it('tells every failure with the same words', async () => {
    const statements = [
      `select cast(name as integer) from deal`,
      `select regexp_replace('x', name || '(', '') from deal`,
      `select * from nowhere`,
      `selec`,
      `select error(name) from deal`,
    ];
    const messages = new Set<string>();
    for (const sql of statements) {
      const error = await ask(sql).catch((thrown: unknown) => thrown);
      if (!(error instanceof GantryError)) throw error;
      expect(error.code).toBe('sql_failed');
      expect(error.cause).toBeUndefined();
      messages.add(JSON.stringify(error.toBody()));
    }
    expect(messages.size).toBe(1);
    expect((await ask('select 1')).rows).toEqual([[1]]);
  });

  it('cuts at the row bound and says so', async () => {
    const all = await ask('select * from range(5)', { rowsMax: 5 });
    expect([all.rows.length, all.cut]).toEqual([5, false]);
    const some = await ask('select * from range(100000)', { rowsMax: 5 });
    expect([some.rows, some.cut]).toEqual([[[0], [1], [2], [3], [4]], true]);
  });

  it('refuses answers with too much text', async () => {
    const sql = `select repeat('x', ${limits.sqlResultCharsMax / 10}) from range(11)`;
    expect(await codeOf(ask(sql))).toBe('sql_result_too_large');
    expect(await codeOf(ask(`select repeat('x', 100000000) from range(3)`))).toBe('sql_result_too_large');
  });

  it('interrupts what does not end; the session goes on', async () => {
    const endless = 'with recursive t(x) as (select 1 union all select x + 1 from t) select sum(x) from t';
    const pid = test.hostPid();
    expect(await codeOf(ask(endless, { timeoutMs: 300 }))).toBe('sql_timeout');
    expect(test.hostPid()).toBe(pid);
    expect((await ask('select name from deal')).rows).toEqual([['Acme']]);
  });

  it('answers other tenants while one fills all the places it may have', async () => {
    const { tenant: other, stream: id } = await withDeals();
    const endless = 'with recursive t(x) as (select 1 union all select x + 1 from t) select sum(x) from t';
    const runaways = Array.from({ length: limits.sqlConcurrentMax + 2 }, (_, index) =>
      codeOf(ask(endless, { timeoutMs: 8_000, session: `runaway ${index}` })),
    );
    const read = { params: [], streams: [id], session: 's', relations: [ownDeals], rowsMax: 10, timeoutMs: 7_000 };
    expect((await test.lens.readSql(other.id, { ...read, sql: 'select name from deal' })).rows).toEqual([['Acme']]);
    expect(await rows(test.lens, other.id, 'select count(*) from crm."Opportunity"')).toEqual([[2]]);
    expect(new Set(await Promise.all(runaways))).toEqual(new Set(['sql_timeout']));
  });

  it('ends the process where an interrupt does not take effect, and repeats the reads of others', async () => {
    const { tenant: other } = await withDeals();
    const pid = test.hostPid();
    // Single calls over one vector: DuckDB looks for interrupts only between them.
    const stuck = `select max(levenshtein(repeat('ab', 20000 + x::int), repeat('ba', 20000 + x::int))) from range(2000) t(x)`;
    const outcome = codeOf(ask(stuck, { timeoutMs: 200 }));
    const meanwhile: Promise<unknown>[] = [];
    const state = { over: false };
    void outcome.then(() => (state.over = true));
    while (!state.over) {
      meanwhile.push(rows(test.lens, other.id, 'select count(*) from crm."Opportunity"'));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await outcome).toBe('sql_timeout');
    expect(new Set((await Promise.all(meanwhile)).map((found) => JSON.stringify(found)))).toEqual(new Set(['[[2]]']));
    expect(await rows(test.lens, other.id, 'select count(*) from crm."Opportunity"')).toEqual([[2]]);
    expect(test.hostPid()).not.toBe(pid);
    expect((await ask('select name from deal')).rows).toEqual([['Acme']]);
  });

  it('fails statements of agents that were under way when the process ended', async () => {
    const endless = 'with recursive t(x) as (select 1 union all select x + 1 from t) select sum(x) from t';
    const { tenant: other } = await withDeals();
    const pid = test.hostPid();
    const outcome = codeOf(ask(endless, { timeoutMs: 20_000 }));
    await rows(test.lens, other.id, 'select 1');
    process.kill(pid, 'SIGKILL');
    expect(await outcome).toBe('lens_restarted');
    expect((await ask('select name from deal')).rows).toEqual([['Acme']]);
  });

  it('ends statements that fill the memory', async () => {
    const bomb = `select count(*) from (select repeat(repeat('x', 10000) || x, 40000) as s from range(64) t(x)) where s like '%y'`;
    expect(['lens_restarted', 'sql_timeout', 'sql_failed']).toContain(await codeOf(ask(bomb)));
    expect((await ask('select name from deal')).rows).toEqual([['Acme']]);
  });

  it('fails a statement whose rows break off, and gives none of them', async () => {
    const late = `select case when x = 500000 then error('late') else x end from range(1000000) t(x)`;
    expect(await codeOf(ask(late, { rowsMax: 1_000_000 }))).toBe('sql_failed');
    await expect(rows(test.lens, tenant.id, late)).rejects.toThrow('late');
  });

  it('answers 200 statements at once, each with its own rows', async () => {
    const asked = Array.from({ length: 200 }, (_, index) => index);
    const answers = await Promise.all(
      asked.map((index) =>
        ask(`select name, ${index} from deal`, { session: `crowd ${index % 6}`, timeoutMs: 60_000 }),
      ),
    );
    expect(answers.map((answer) => answer.rows)).toEqual(asked.map((index) => [['Acme', index]]));
  });

  it('tells a structured query that it is too large', async () => {
    const large = [
      `select ${'abs('.repeat(1_100)}1${')'.repeat(1_100)}`,
      `select repeat('x', ${limits.responseBytesMax / 2 + 1}) from range(2)`,
      `select list(repeat('x', 1000) || x) from range(4000000) t(x)`,
    ];
    for (const sql of large) expect(await codeOf(rows(test.lens, tenant.id, sql))).toBe('lens_query_too_large');
    expect(await rows(test.lens, tenant.id, 'select 1')).toEqual([[1]]);
  });
});
