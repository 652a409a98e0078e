import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHousekeeping } from '../../src/app/housekeeping.ts';
import { systemClock, type Clock, type TenantId } from '../../src/kernel/index.ts';
import { migrate, openPglite, readChanges, readVersions, type Db } from '../../src/store/index.ts';
import { deferred, ingest, makeStream, version, type TestStream } from '../store/fixtures.ts';

const DAY_MS = 86_400_000;
let db: Db;
beforeAll(async () => {
  db = await openPglite({ memory: true });
  await migrate(db);
});
afterAll(() => db.close());

/** One version a day, `days` days back to today, by the database's time. */
async function aged(at: TestStream, days: number): Promise<void> {
  const now = await db.tenantTx(at.tenant, async (tx) => tx.now);
  for (let ago = days; ago >= 0; ago -= 1) {
    await ingest(db, at, [version('a', { ago })], { seenAt: new Date(now.getTime() - ago * DAY_MS) });
  }
}
const agesOf = async ({ tenant, stream }: TestStream): Promise<unknown[]> => {
  const request = { tenant, stream, id: 'a', since: new Date(0), limit: 100 };
  const { earlier } = await db.tenantTx(tenant, (tx) => readVersions(tx, request));
  return earlier.map(({ doc }) => doc['ago']);
};
const firstChange = async (tenant: TenantId): Promise<number> =>
  (await db.tenantTx(tenant, (tx) => readChanges(tx, { tenant, afterSeq: 0, limit: 1 }))).floor + 1;

it('removes earlier versions by the project’s time and changes by ours, for every tenant, round after round', async () => {
  const [one, two] = [await makeStream(db, 'one'), await makeStream(db, 'two')];
  await aged(one, 20);
  await aged(two, 3);
  const rounds = [deferred(), deferred()];
  const proceed = deferred();
  let sleeps = 0;
  // Each pause tells that a round is over; the first one ends when the test says so.
  const clock: Clock = {
    ...systemClock,
    sleep: async (_ms, signal) => {
      const round = sleeps;
      sleeps += 1;
      rounds[round]?.resolve();
      if (round === 0) return proceed.promise;
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    },
  };
  let keepDays = 5;
  const failures: unknown[] = [];
  const house = startHousekeeping({ db, clock, keepDays: async () => keepDays, emit: (event) => failures.push(event) });
  await rounds[0]?.promise;
  // What ended exactly five days before the data was made is older than that by now.
  expect(await agesOf(one)).toEqual([1, 2, 3, 4, 5]);
  expect(await agesOf(two)).toEqual([1, 2, 3]);
  expect(await firstChange(one.tenant)).toBe(8);
  expect(await firstChange(two.tenant)).toBe(1);
  keepDays = 0;
  proceed.resolve();
  await rounds[1]?.promise;
  expect([await agesOf(one), await agesOf(two)]).toEqual([[], []]);
  await house.stop();
  expect(failures).toEqual([]);
});
