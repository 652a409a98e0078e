import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StreamId } from '../../src/kernel/index.ts';
import type { StreamFreshness } from '../../src/lens/index.ts';
import type { Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

describeEachStore('freshness of the lens', (open) => {
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
    test.layouts.set(
      tenant.id,
      layoutOf([table(first, 'A', { Name: 'VARCHAR' }), table(second, 'B', { Name: 'VARCHAR' })]),
    );
  });
  afterAll(() => test.close());

  const freshness = async (...streams: StreamId[]): Promise<readonly StreamFreshness[]> =>
    (await test.lens.read(tenant.id, { sql: 'select 1', params: [], timeoutMs: 60_000, streams })).freshness;

  it('tells for each stream asked how far it is', async () => {
    expect(await freshness(first)).toEqual([{ stream: first, asOf: null, backfilling: true }]);
    await tenant.put(first, [{ id: '1', doc: { Name: 'x' } }], { phase: 'backfill' });
    await test.lens.catchUp(tenant.id);
    expect(await freshness(first)).toEqual([{ stream: first, asOf: null, backfilling: true }]);
    const asOf = new Date('2025-05-01T10:00:00.000Z');
    await tenant.put(first, [{ id: '2', doc: { Name: 'y' } }], { asOf });
    await test.lens.catchUp(tenant.id);
    expect(await freshness(first, second)).toEqual([
      { stream: first, asOf, backfilling: false },
      { stream: second, asOf: null, backfilling: true },
    ]);
    const status = await test.lens.status(tenant.id);
    expect(status.streams.map((stream) => stream.rows)).toEqual([2, 0]);
    expect(status.appliedSeq).toBe(status.headSeq);
  });

  it('moves on with a sync that found nothing new', async () => {
    const asOf = new Date('2025-05-01T10:05:00.000Z');
    await tenant.put(first, [], { asOf });
    await test.lens.catchUp(tenant.id);
    expect(await freshness(first)).toEqual([{ stream: first, asOf, backfilling: false }]);
  });

  it('never claims more than the rows hold, and follows by itself', async () => {
    const start = new Date('2025-06-01T00:00:00.000Z').getTime();
    const rounds = 15;
    const state = { written: false };
    const writing = (async () => {
      for (let round = 1; round <= rounds; round += 1) {
        // The record's own text says as of when it is.
        const asOf = new Date(start + round * 1_000);
        await tenant.put(first, [{ id: 'clock', doc: { Name: asOf.toISOString() } }], { asOf });
      }
    })().finally(() => (state.written = true));
    let last = '';
    const end = new Date(start + rounds * 1_000).toISOString();
    while (!state.written || last !== end) {
      const sql = `select "Name" from crm."A" where _id = 'clock'`;
      const answer = await test.lens.read(tenant.id, { sql, params: [], timeoutMs: 60_000, streams: [first] });
      const claimed = answer.freshness[0]?.asOf?.getTime() ?? 0;
      last = textOf(answer.rows[0]?.[0]);
      if (claimed > start) expect(new Date(last).getTime()).toBeGreaterThanOrEqual(claimed);
    }
    await writing;
    expect(await rows(test.lens, tenant.id, 'select count(*) from crm."A"')).toEqual([[3]]);
  });
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
