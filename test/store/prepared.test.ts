import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite, type Db } from '../../src/store/index.ts';
import { runScript } from '../../src/store/create-db.ts';
import { preparedStatements, type PreparedStatements } from '../../src/store/pglite-prepared.ts';
import { valueParsers } from '../../src/store/sql-values.ts';

let pglite: PGlite;
let statements: PreparedStatements;
beforeAll(async () => {
  pglite = await PGlite.create({ parsers: { ...valueParsers } });
  statements = await preparedStatements(pglite);
});
afterAll(() => pglite.close());

describe('statements that are parsed once', () => {
  const all = `select $1::int as i, $2::bigint as l, $3::text as t, $4::boolean as b, $5::jsonb as j, $6::bytea as y,
    $7::int[] as "is", $8::text[] as ts, $9::timestamptz as at, $10::numeric as n, null::text as "none"`;
  const given = [
    [
      1,
      2,
      'a',
      true,
      '{"a":[1]}',
      new Uint8Array([0, 255]),
      [1, 2],
      ['x', 'y "z", \\'],
      '2026-01-02T03:04:05Z',
      '1.50',
    ],
    [null, 2 ** 53, '', false, 'null', new Uint8Array(), [], [], null, '0'],
    [-1, null, 'ü\n', null, null, null, null, null, '2026-06-01T00:00:00+02:00', null],
  ] as const;

  it('answer as PGlite does when it parses them each time', async () => {
    for (const params of given) {
      const { rows } = await pglite.query(all, [...params]);
      expect(await statements.run(all, params)).toEqual(rows);
    }
    expect(await statements.run('create table one (n int)', [])).toEqual([]);
    expect(await statements.run('insert into one values ($1), ($2)', [1, 2])).toEqual([]);
    expect(await statements.run('update one set n = n + 1 returning n', [])).toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('fail with what PostgreSQL says, and work the next time', async () => {
    await expect(statements.run('select 1 / $1::int as q', [0])).rejects.toMatchObject({ code: '22012' });
    expect(await statements.run('select 1 / $1::int as q', [1])).toEqual([{ q: 1 }]);
    await expect(statements.run('select nothing from nowhere', [])).rejects.toMatchObject({ code: '42P01' });
    await pglite.exec('begin');
    await expect(statements.run('select 1 / $1::int as q', [0])).rejects.toMatchObject({ code: '22012' });
    await expect(statements.run('select 1 / $1::int as q', [1])).rejects.toMatchObject({ code: '25P02' });
    await pglite.exec('rollback');
    expect(await statements.run('select 1 / $1::int as q', [1])).toEqual([{ q: 1 }]);
  });

  it('follow a table that changed without a word, outside a transaction', async () => {
    await pglite.exec('create table grown (a int); insert into grown values (1)');
    expect(await statements.run('select * from grown', [])).toEqual([{ a: 1 }]);
    await pglite.exec('alter table grown add b text');
    expect(await statements.run('select * from grown', [])).toEqual([{ a: 1, b: null }]);
    await pglite.exec('alter table grown drop a');
    await pglite.exec('begin');
    await expect(statements.run('select * from grown', [])).rejects.toMatchObject({ code: '0A000' });
    await pglite.exec('rollback');
    await pglite.exec('begin');
    expect(await statements.run('select * from grown', [])).toEqual([{ b: null }]);
    await pglite.exec('commit');
  });

  it('are not kept without end', async () => {
    for (let at = 0; at < 520; at += 1) await statements.run(`select ${String(at)} as n`, []);
    const [kept] = await statements.run('select count(*) as n from pg_prepared_statements', []);
    expect(kept).toEqual({ n: 500 });
    expect(await statements.run('select 0 as n', [])).toEqual([{ n: 0 }]);
  });
});

describe('the embedded database', () => {
  let db: Db;
  beforeAll(async () => {
    db = await openPglite({ memory: true, bare: true });
  });
  afterAll(() => db.close());

  it('shows what a script made of a table to the statements after it, in the same transaction', async () => {
    await db.tx((tx) => runScript(tx, 'create table kept (a int); insert into kept values (1)'), 'test.make');
    const before = await db.query('select * from kept');
    const after = await db.tx(async (tx) => {
      await runScript(tx, 'alter table kept add b int not null default 2');
      return tx.query('select * from kept');
    }, 'test.change');
    expect([before, after]).toEqual([[{ a: 1 }], [{ a: 1, b: 2 }]]);
  });

  it('has parsed what it runs again and again once', async () => {
    for (let at = 0; at < 3; at += 1) await db.query('select $1::int as n', [at]);
    const kept = await db.query<{ statement: string }>('select statement from pg_prepared_statements');
    expect(kept.filter(({ statement }) => statement === 'select $1::int as n')).toHaveLength(1);
  });

  it('keeps the plan of what it runs again and again, and makes it anew when tables may have grown', async () => {
    await db.tx((tx) => runScript(tx, 'create table piled (n int primary key, t text)'), 'test.pile');
    const add = 'insert into piled select n, left($3::text, 3) from generate_series($1::int, $2::int) n';
    const find = 'select t from piled where n = $1';
    const found = (n: number): Promise<unknown[]> => db.tx((tx) => tx.query(find, [n]), 'test.find');
    const planOf = async (): Promise<{ generic: number; plan: string }> => {
      const [kept] = await db.query<{ name: string; generic: number }>(
        'select name, generic_plans as generic from pg_prepared_statements where statement = $1',
        [find],
      );
      const rows = await db.query<{ 'QUERY PLAN': string }>(`explain execute ${kept?.name ?? ''}(1)`);
      return { generic: kept?.generic ?? 0, plan: rows.map((row) => row['QUERY PLAN']).join(' ') };
    };
    await db.tx((tx) => tx.query(add, [1, 2, 'few']), 'test.pile');
    // Of a table that is known to have a row or two, all of it is read.
    await db.query('analyze piled');
    for (let at = 0; at < 12; at += 1) expect(await found(2)).toEqual([{ t: 'few' }]);
    const small = await planOf();
    expect(small.generic).toBeGreaterThan(0);
    expect(small.plan).toContain('Seq Scan');
    // More values than tables may grow by before plans are made anew.
    for (let at = 0; at < 4; at += 1) {
      const from = 3 + at * 3_000;
      await db.tx((tx) => tx.query(add, [from, from + 2_999, 'x'.repeat(300_000)]), 'test.pile');
    }
    expect(await found(2)).toEqual([{ t: 'few' }]);
    expect((await planOf()).plan).toContain('Index');
  });
});
