import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamId } from '../../src/kernel/index.ts';
import type { LensView } from '../../src/mapping/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

const dealView = (select: string): LensView => ({ schema: 'model', name: 'deal', select });

describe('the layout of a lens file', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  let tenant: TestTenant;
  let first: StreamId;
  let second: StreamId;

  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
    tenant = await addTestTenant(db, ['A', 'B']);
    [first, second] = tenant.streams as [StreamId, StreamId];
    await tenant.put(first, [{ id: '1', doc: { Name: 'a1', Size: 5 } }]);
    await tenant.put(second, [{ id: '2', doc: { Name: 'b2' } }]);
  });
  afterAll(() => test.close());

  const set = (...args: Parameters<typeof layoutOf>): void => {
    test.layouts.set(tenant.id, layoutOf(...args));
    test.lens.layoutChanged(tenant.id);
  };

  it('gets new views before the next read', async () => {
    const tables = [table(first, 'A', { Name: 'VARCHAR' })];
    set(tables, [dealView('select "Name" as name from crm."A"')]);
    expect(await rows(test.lens, tenant.id, 'select name from model.deal')).toEqual([['a1']]);
    set(tables, [dealView('select upper("Name") as title from crm."A"')]);
    expect(await rows(test.lens, tenant.id, 'select title from model.deal')).toEqual([['A1']]);
    set(tables);
    await expect(rows(test.lens, tenant.id, 'select title from model.deal')).rejects.toThrow(/does not exist/);
  });

  it('gets tables and columns filled from the records that are there', async () => {
    set([table(first, 'A', { Name: 'VARCHAR', Size: 'BIGINT' }), table(second, 'B', { Name: 'VARCHAR' })]);
    expect(await rows(test.lens, tenant.id, 'select "Name", "Size" from crm."A"')).toEqual([['a1', 5]]);
    expect(await rows(test.lens, tenant.id, 'select _stream, _id, "Name" from crm."B"')).toEqual([[second, '2', 'b2']]);
    set([table(second, 'A', { Name: 'VARCHAR' })]);
    expect(await rows(test.lens, tenant.id, 'select "Name" from crm."A"')).toEqual([['b2']]);
    await expect(rows(test.lens, tenant.id, 'select 1 from crm."B"')).rejects.toThrow(/does not exist/);
  });

  it('reads changes of a stream that has no table yet once it has one', async () => {
    set([]);
    await tenant.put(first, [{ id: '3', doc: { Name: 'a3' } }]);
    await test.lens.catchUp(tenant.id);
    set([table(first, 'A', { Name: 'VARCHAR' })]);
    expect(await rows(test.lens, tenant.id, 'select "Name" from crm."A" order by 1')).toEqual([['a1'], ['a3']]);
  });

  it('leaves out a view that DuckDB does not accept, and says so', async () => {
    const broken = { schema: 'model', name: 'broken', select: 'select nothing from crm."A"' } as const;
    set([table(first, 'A', { Name: 'VARCHAR' })], [broken, dealView('select count(*) as n from crm."A"')]);
    expect(await rows(test.lens, tenant.id, 'select n from model.deal')).toEqual([[2]]);
    const refused = test.events.filter((event) => event.kind === 'lens_view_refused');
    expect(refused.map((event) => event.view)).toEqual(['broken']);
  });

  it('does not keep readers waiting while a file is built', async () => {
    const other = await addTestTenant(db, ['A']);
    const [stream] = other.streams as [StreamId];
    const size = 15_000;
    const records = Array.from({ length: size }, (_, index) => ({ id: String(index), doc: { Name: `n${index}` } }));
    await other.put(stream, records);
    test.layouts.set(other.id, layoutOf([table(stream, 'A', { Name: 'VARCHAR' })]));
    test.lens.layoutChanged(other.id);
    await test.lens.catchUp(other.id);
    await rows(test.lens, other.id, 'select 1');
    const state = { done: false };
    const rebuilding = test.lens.rebuild(other.id).then(() => (state.done = true));
    let during = 0;
    while (!state.done) {
      expect(await rows(test.lens, other.id, 'select count(*) from crm."A"')).toEqual([[size]]);
      if (!state.done) during += 1;
    }
    await rebuilding;
    expect(during).toBeGreaterThan(0);
    expect(await rows(test.lens, other.id, 'select count(*) from crm."A"')).toEqual([[size]]);
  });

  it('holds what changed while it was built', async () => {
    const other = await addTestTenant(db, ['A']);
    const [stream] = other.streams as [StreamId];
    const put = (value: number): Promise<void> =>
      other.put(
        stream,
        Array.from({ length: 900 }, (_, id) => ({ id: String(id), doc: { Size: value } })),
      );
    for (let round = 0; round < 6; round += 1) {
      await other.put(
        stream,
        Array.from({ length: 1_000 }, (_, id) => ({ id: `x${round}-${id}`, doc: { Size: -1 } })),
      );
    }
    await put(0);
    test.layouts.set(other.id, layoutOf([table(stream, 'A', { Size: 'BIGINT' })]));
    test.lens.layoutChanged(other.id);
    const building = test.lens.rebuild(other.id);
    for (let value = 1; value <= 5; value += 1) await put(value);
    await building;
    // Whatever moment the build ended at, the file must be of one moment.
    const sql = 'select count(distinct "Size") from crm."A" where "Size" >= 0';
    expect(await rows(test.lens, other.id, sql)).toEqual([[1]]);
    await test.lens.catchUp(other.id);
    const total = 'select count(*), min("Size"), max("Size") from crm."A" where "Size" >= 0';
    expect(await rows(test.lens, other.id, total)).toEqual([[900, 5, 5]]);
  });

  it('ends a build while others go on writing', async () => {
    const other = await addTestTenant(db, ['A']);
    const [stream] = other.streams as [StreamId];
    const state = { built: false };
    const building = test.lens.rebuild(other.id).finally(() => (state.built = true));
    let written = 0;
    while (!state.built) {
      written += 1;
      await other.put(stream, [{ id: 'one', doc: { Size: written } }]);
    }
    await building;
    test.layouts.set(other.id, layoutOf([table(stream, 'A', { Size: 'BIGINT' })]));
    test.lens.layoutChanged(other.id);
    expect(await rows(test.lens, other.id, 'select "Size" from crm."A"')).toEqual([[written]]);
  });
});
