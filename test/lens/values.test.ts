import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, openLens, rows, type TestLens, type TestTenant } from './fixture.ts';

describe('values of the lens', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  let tenant: TestTenant;
  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
    tenant = await addTestTenant(db, []);
  });
  afterAll(() => test.close());

  it.each<[string, Json]>([
    ['9007199254740991::bigint', 9007199254740991],
    ['9007199254740993::bigint', '9007199254740993'],
    ['-9223372036854775807::bigint', '-9223372036854775807'],
    ['sum(x) from (values (1::bigint), (2)) t(x)', 3],
    ['10.50::decimal(18,2)', 10.5],
    ['-0.07::decimal(18,2)', -0.07],
    ['0.00::decimal(18,2)', 0],
    ['100.00::decimal(18,2)', 100],
    ['0.0000001::decimal(18,7)', 0.0000001],
    ['0.00000012345678901234::decimal(38,20)', 0.00000012345678901234],
    ['0.123456789012345678::decimal(38,18)', '0.123456789012345678'],
    ['12345678901234567890.12::decimal(38,2)', '12345678901234567890.12'],
    ['9007199254740993::decimal(18,0)', '9007199254740993'],
    ['0.1::double + 0.2::double', 0.30000000000000004],
    [`'nan'::double`, null],
    [`'-infinity'::double`, null],
    [`['nan'::double, 1]`, [null, 1]],
    [`date '2024-02-29'`, '2024-02-29'],
    [`date 'infinity'`, null],
    [`date_trunc('month', date '2024-02-29')`, '2024-02-01T00:00:00.000Z'],
    [`timestamp '2024-02-29 01:02:03.004'`, '2024-02-29T01:02:03.004Z'],
    [`timestamp '2024-02-29 01:02:03.004005'`, '2024-02-29T01:02:03.004005Z'],
    [`timestamp '1899-12-31 23:59:59.999999'`, '1899-12-31T23:59:59.999999Z'],
    [`timestamp 'infinity'`, null],
    [`'2024-02-29 01:02:03+02:00'::timestamptz`, '2024-02-28T23:02:03.000Z'],
    [`time '01:02:03'`, '01:02:03'],
    [`['a', null]`, ['a', null]],
    [`{'a': 1, 'b': [date '2024-01-01']}`, { a: 1, b: ['2024-01-01'] }],
    [`map {'k': 1.5::decimal(3,1)}`, [{ key: 'k', value: 1.5 }]],
    [`'{"a":[1,null]}'::json`, { a: [1, null] }],
    [`['{"a":1}'::json]`, [{ a: 1 }]],
    [`'7'`, '7'],
    ['null', null],
    ['true', true],
  ])('reads %s', async (expression, expected) => {
    expect(await rows(test.lens, tenant.id, `select ${expression}`)).toEqual([[expected]]);
  });

  it.each<[string, readonly Json[], readonly Json[]]>([
    ['typeof($1), $1', [5], ['BIGINT', 5]],
    ['typeof($1), $1', [0.5], ['DOUBLE', 0.5]],
    ['typeof($1), $1', ["it's"], ['VARCHAR', "it's"]],
    ['typeof($1), $1', [true], ['BOOLEAN', true]],
    ['$1', [null], [null]],
    ['typeof($1), $1', [[1, 2, null]], ['BIGINT[]', [1, 2, null]]],
    ['typeof($1), $1', [[1, 2.5]], ['DOUBLE[]', [1, 2.5]]],
    ['typeof($1), $1', [['a', null]], ['VARCHAR[]', ['a', null]]],
    ['typeof($1), $1', [[]], ['VARCHAR[]', []]],
    ['$2, $1', ['a', 'b'], ['b', 'a']],
  ])('binds %s to %j', async (expressions, params, expected) => {
    expect(await rows(test.lens, tenant.id, `select ${expressions}`, params)).toEqual([expected]);
  });

  it('names columns and types, JSON by its own name', async () => {
    const sql = `select 1::bigint as n, '{}'::json as j, ['a'] as l`;
    const answer = await test.lens.read(tenant.id, { sql, params: [], timeoutMs: 60_000, streams: [] });
    expect(answer.columns).toEqual([
      { name: 'n', duckType: 'BIGINT' },
      { name: 'j', duckType: 'JSON' },
      { name: 'l', duckType: 'VARCHAR[]' },
    ]);
  });
});
