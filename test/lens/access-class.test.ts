import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClasses, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens } from './fixture.ts';

describe('access classes in the lens', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
  });
  afterAll(() => test.close());

  it('are there from the first load on, and follow when nothing else of the record changes', async () => {
    const tenant = await addTestTenant(db, ['A']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    await tenant.put(stream, [
      { id: '1', doc: { Name: 'one' } },
      { id: '2', doc: { Name: 'two' } },
    ]);
    const reclass = (classes: Record<string, number | null>): Promise<string[]> =>
      db.tenantTx(tenant.id, (tx) => setClasses(tx, { tenant: tenant.id, stream }, new Map(Object.entries(classes))));
    expect(await reclass({ '1': 4, '2': null })).toEqual(['1']);
    test.layouts.set(tenant.id, layoutOf([table(stream, 'A', { Name: 'VARCHAR' })]));
    const read = async (): Promise<unknown> => {
      await test.lens.catchUp(tenant.id);
      return rows(test.lens, tenant.id, 'select _id, _acl, "Name", _at from crm."A" order by 1');
    };
    const [one, two] = (await read()) as [unknown[], unknown[]];
    expect([one.slice(0, 3), two.slice(0, 3)]).toEqual([
      ['1', 4, 'one'],
      ['2', null, 'two'],
    ]);
    expect(await reclass({ '1': 5, '2': 4, gone: 4 })).toEqual(['1', '2']);
    const after = [
      ['1', 5, 'one', one[3]],
      ['2', 4, 'two', two[3]],
    ];
    expect(await read()).toEqual(after);
    expect(await reclass({ '1': 5, '2': 4 })).toEqual([]);
    await test.lens.rebuild(tenant.id);
    expect(await read()).toEqual(after);
    expect(await reclass({ '1': null })).toEqual(['1']);
    await tenant.put(stream, [{ id: '2', doc: null }]);
    expect(await read()).toEqual([['1', null, 'one', one[3]]]);
  });
});
