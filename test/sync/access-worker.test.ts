import { beforeAll, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import { askAccessTurn, type Db } from '../../src/store/index.ts';
import { startAccessWorker } from '../../src/sync/index.ts';
import { intervalsFor } from '../../src/sync/access/intervals.ts';
import { describeEachStore } from '../support/stores.ts';
import { accessStage } from './access-stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

it('reads twice within any bound, with time left for the turn itself, and never less often than usual', () => {
  expect(intervalsFor(limits.accessMaxAgeMs)).toEqual({
    refreshMs: limits.accessRefreshMs,
    factsMs: limits.accessFactsMs,
    listMs: limits.accessListMs,
    doubtedListMs: limits.accessDoubtedListMs,
  });
  expect(intervalsFor(24 * 3_600_000)).toEqual(intervalsFor(limits.accessMaxAgeMs));
  for (const minutes of [1, 2, 5, 14]) {
    const maxAgeMs = minutes * 60_000;
    const { refreshMs, factsMs, listMs, doubtedListMs } = intervalsFor(maxAgeMs);
    // Facts and the list of all shares are due with each second turn, not only with the third.
    for (const ms of [factsMs, listMs]) expect([ms > refreshMs, ms < 2 * refreshMs]).toEqual([true, true]);
    expect(doubtedListMs).toBeLessThan(refreshMs);
    expect(2 * refreshMs).toBeLessThanOrEqual(0.8 * maxAgeMs);
  }
});

describeEachStore('the turn of a connection whose lease ends while its own process goes on', (open, kind) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });

  it('is claimed again by that process, and the one that lost it keeps nothing', async () => {
    let givenBack = 0;
    const watched: Db = {
      ...db,
      tx: async (work, place) => {
        const result = await db.tx(work, place);
        if (place === 'access.give_back') givenBack += 1;
        return result;
      },
    };
    const stage = await accessStage(db, `worker-${kind}`);
    const { tenant, connection, world } = stage;
    world.accounts.set('a1', { owner: 'u1' });
    await stage.ingest('Account');
    world.isPublic = true;
    // The first turn stands still with settings that are about to change; the second with everything before it known.
    const [first, second] = [gate(), gate()];
    let calls = 0;
    stage.meanwhile = async () => {
      const call = (calls += 1);
      if (call === 1) await first.opened;
      if (call === 3) await second.opened;
    };
    const facts = async (): Promise<unknown> => {
      const [row] = await db.tenantRead(tenant, (tx) =>
        tx.query<{ facts: unknown }>('select facts from access_connection where tenant = $1', [tenant]),
      );
      return row?.facts ?? null;
    };
    const worker = startAccessWorker({ ...stage.deps, db: watched }, `one-${kind}`);
    try {
      await expect.poll(() => calls, WAIT).toBe(1);
      world.isPublic = false;
      await db.tenantTx(tenant, async (tx) => {
        await tx.query(`update access_turn set lease_until = $2::timestamptz - interval '1 second' where tenant = $1`, [
          tenant,
          tx.now,
        ]);
        await askAccessTurn(tx, { tenant, connection });
      });
      worker.wake();
      await expect.poll(() => calls, WAIT).toBe(3);
      expect(await facts()).toMatchObject({ data: { isPublic: false } });
      first.open();
      await expect.poll(() => givenBack, WAIT).toBe(1);
      expect(await facts()).toMatchObject({ data: { isPublic: false } });
      expect(stage.events).toEqual([]);
      second.open();
      await expect.poll(() => givenBack, WAIT).toBe(2);
      expect(stage.events.map((event) => event.kind)).toEqual(['access_read']);
    } finally {
      first.open();
      second.open();
      await worker.stop();
    }
    expect(await stage.shown('p-u1', 'Account')).toEqual(['a1']);
    expect(await stage.shown('p-u3', 'Account')).toEqual([]);
  });

  it('comes, and has everything read again, in time for a bound that is smaller than usual', async () => {
    const stage = await accessStage(db, `bound-${kind}`);
    const { tenant } = stage;
    const worker = startAccessWorker(stage.deps, `two-${kind}`);
    const turns = (): number => stage.events.filter((event) => event.kind === 'access_read').length;
    const dueMs = async (): Promise<number> => {
      const [row] = await db.query<{ ms: number }>(
        'select (extract(epoch from due_at - now()) * 1000)::float8 as ms from access_turn where tenant = $1 and lease_by is null',
        [tenant],
      );
      return row?.ms ?? Infinity;
    };
    /** As if nothing had been read for so long; the turn is due. */
    const pass = (ms: number): Promise<unknown[]> =>
      db.query(
        `with a as (update access_connection set facts_at = facts_at - $2::int * interval '1 millisecond',
            standings_at = standings_at - $2::int * interval '1 millisecond' where tenant = $1)
         update access_turn set due_at = now() where tenant = $1`,
        [tenant, ms],
      );
    const times = async (): Promise<(number | undefined)[]> => {
      const [row] = await db.query<{ facts: Date; standings: Date }>(
        'select facts_at as facts, standings_at as standings from access_connection where tenant = $1',
        [tenant],
      );
      return [row?.facts.getTime(), row?.standings.getTime()];
    };
    try {
      await expect.poll(turns, WAIT).toBe(1);
      await expect.poll(async () => (await dueMs()) > 60_000, WAIT).toBe(true);
      stage.maxAgeMs = 60_000;
      // More than a turn ago, less than two.
      await pass(30_000);
      const [facts, standings] = await times();
      worker.wake();
      await expect.poll(turns, WAIT).toBe(2);
      await expect.poll(async () => (await dueMs()) < 30_000, WAIT).toBe(true);
      const [factsAfter, standingsAfter] = await times();
      expect([factsAfter === facts, (standingsAfter ?? 0) > (standings ?? Infinity)]).toEqual([true, true]);
      await pass(20_000);
      worker.wake();
      await expect.poll(turns, WAIT).toBe(3);
      expect((await times())[0]).toBeGreaterThan(facts ?? Infinity);
    } finally {
      await worker.stop();
    }
  });
});
