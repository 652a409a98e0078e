import { DuckDBInstance } from '@duckdb/node-api';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamId } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

describe('a file that changes under its readers', () => {
  const open = openerOf('pglite');
  let db: Db;
  const opened: TestLens[] = [];

  beforeAll(async () => {
    db = await open();
  });
  afterAll(async () => {
    for (const each of opened.toReversed()) await each.close();
  });

  async function addThing(lens: TestLens): Promise<{ tenant: TestTenant; stream: StreamId }> {
    opened.push(lens);
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    lens.layouts.set(tenant.id, layoutOf([table(stream, 'Thing', { Count: 'BIGINT' })]));
    return { tenant, stream };
  }

  it('answers a repeated question from the rows there are, not from what was known of them when it was planned', async () => {
    const test = await openLens(db);
    const { tenant, stream } = await addThing(test);
    await tenant.put(stream, [{ id: 'low', doc: { Count: 1 } }]);
    await test.lens.catchUp(tenant.id);
    // Nothing can match, as the range of the column's values tells.
    const sql = 'select _id from crm."Thing" where "Count" > 100';
    expect(await rows(test.lens, tenant.id, sql)).toEqual([]);
    await tenant.put(stream, [{ id: 'high', doc: { Count: 500 } }]);
    await test.lens.catchUp(tenant.id);
    expect(await rows(test.lens, tenant.id, sql)).toEqual([['high']]);
  });

  it('builds a file of an older format anew, and says when to ask again where that takes longer than a question has', async () => {
    const first = await openLens(db);
    const { tenant, stream } = await addThing(first);
    const many = Array.from({ length: 3_000 }, (_, index) => ({ id: String(index), doc: { Count: index } }));
    await tenant.put(stream, many);
    await first.lens.catchUp(tenant.id);
    await first.lens.release(tenant.id);
    const [name] = (await readdir(first.dir)).filter((file) => file.endsWith('.duckdb'));
    const duck = await DuckDBInstance.create(join(first.dir, name ?? ''));
    const connection = await duck.connect();
    await connection.run('update _gantry.meta set format = 0');
    connection.closeSync();
    duck.closeSync();

    const second = await openLens(db, first.dir, first.layouts);
    opened.push(second);
    const sql = 'select count(*) from crm."Thing"';
    const hasty = second.lens.read(tenant.id, { sql, params: [], timeoutMs: 0, streams: [] });
    await expect(hasty).rejects.toMatchObject({ code: 'lens_building', details: { retryAt: expect.any(Date) } });
    expect(await rows(second.lens, tenant.id, sql)).toEqual([[3_000]]);
    expect(second.events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['lens_file_discarded', 'lens_built']),
    );
  });
});
