import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits, systemClock, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import { createLens } from '../../src/lens/index.ts';
import type { LensLayout } from '../../src/mapping/index.ts';
import { pruneChanges, type Db } from '../../src/store/index.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from '../lens/fixture.ts';
import { openerOf } from '../support/stores.ts';

const all = 'select _id, "Count" from crm."Thing" order by _id';

describe('a lens file and the changes that it knows', () => {
  const open = openerOf('pglite');
  let db: Db;
  const opened: TestLens[] = [];

  beforeAll(async () => {
    db = await open();
  });
  afterAll(async () => {
    for (const each of opened.toReversed()) await each.close();
  });

  async function start(at?: TestLens): Promise<TestLens> {
    const lens = await openLens(db, at?.dir, at?.layouts);
    opened.push(lens);
    return lens;
  }

  async function addThing(
    lens: TestLens,
    on = db,
  ): Promise<{ tenant: TestTenant; stream: StreamId; layout: LensLayout }> {
    const tenant = await addTestTenant(on, ['Thing']);
    const [stream] = tenant.streams as [StreamId];
    const layout = layoutOf([table(stream, 'Thing', { Count: 'BIGINT' })]);
    lens.layouts.set(tenant.id, layout);
    return { tenant, stream, layout };
  }

  const put = ({ tenant, stream }: { tenant: TestTenant; stream: StreamId }, docs: Record<string, number | null>) =>
    tenant.put(
      stream,
      Object.entries(docs).map(([id, count]) => ({ id, doc: count === null ? null : { Count: count } })),
    );

  /** Everything that may go, in small steps. Returns how many went. */
  async function prune(tenant: TenantId): Promise<number> {
    for (let total = 0; ;) {
      const removed = await db.tenantTx(tenant, (tx) =>
        pruneChanges(tx, { tenant, before: new Date(tx.now.getTime() + 60_000), limit: 2 }),
      );
      total += removed;
      if (removed < 2) return total;
    }
  }

  it('is built anew where changes that it misses were pruned, deletions included', async () => {
    const first = await start();
    const thing = await addThing(first);
    await put(thing, { a: 1, b: 1 });
    await first.lens.catchUp(thing.tenant.id);
    await first.lens.close();
    await put(thing, { a: null, b: 2, c: 2 });
    await put(thing, { d: 3 });
    expect(await prune(thing.tenant.id)).toBe(5);
    const second = await start(first);
    expect(await rows(second.lens, thing.tenant.id, all)).toEqual([
      ['b', 2],
      ['c', 2],
      ['d', 3],
    ]);
    expect(built(second)).toBe(1);
    expect(discarded(second)).toBe(1);
  });

  it('goes on from its file where it has everything, however old that is', async () => {
    const first = await start();
    const thing = await addThing(first);
    await put(thing, { a: 1, b: 1 });
    await first.lens.catchUp(thing.tenant.id);
    expect(await prune(thing.tenant.id)).toBe(1);
    await first.lens.catchUp(thing.tenant.id);
    await put(thing, { b: 2 });
    await first.lens.catchUp(thing.tenant.id);
    expect(built(first)).toBe(1);
    await first.lens.close();
    const second = await start(first);
    expect(await rows(second.lens, thing.tenant.id, all)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(built(second)).toBe(0);
  });

  it('shows nothing of another past to the first reader, although all numbers fit', async () => {
    const first = await start();
    const thing = await addThing(first);
    await put(thing, { a: 1, b: 1 });
    await first.lens.catchUp(thing.tenant.id);
    await first.lens.close();
    // The same tenant and stream numbers, as many changes: what a restored database that went on looks like.
    const other = await open();
    let twin = await addThing(first, other);
    while (twin.tenant.id < thing.tenant.id) twin = await addThing(first, other);
    expect(twin.tenant.id).toBe(thing.tenant.id);
    await put(twin, { b: 7, c: 7 });
    await put(twin, { d: 8 });
    // Its layout takes longer to come than a read waits for a file that is there.
    const lens = createLens({
      dir: first.dir,
      db: other,
      layout: async () => {
        await systemClock.sleep(2 * limits.lensSettleMs);
        return thing.layout;
      },
      clock: systemClock,
    });
    try {
      expect(await rows(lens, thing.tenant.id, all)).toEqual([
        ['b', 7],
        ['c', 7],
        ['d', 8],
      ]);
    } finally {
      await lens.close();
    }
  });
});

const built = ({ events }: TestLens): number => events.filter(({ kind }) => kind === 'lens_built').length;
const discarded = ({ events }: TestLens): number => events.filter(({ kind }) => kind === 'lens_file_discarded').length;
