import { beforeAll, expect, it } from 'vitest';
import { createClassCollector } from '../../src/app/access/collect-classes.ts';
import { limits } from '../../src/kernel/index.ts';
import { internClasses, lockAccess, setClasses, setOwnClasses, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { deferred } from '../store/fixtures.ts';
import { accessStage, type AccessStage } from '../sync/access-stage.ts';

describeEachStore('access classes that nothing has any more', (open) => {
  let db: Db;
  let stage: AccessStage;
  const signal = new AbortController().signal;
  const classes = async (): Promise<number[]> =>
    (await db.query<{ id: number }>('select id from access_class where tenant = $1 order by id', [stage.tenant])).map(
      ({ id }) => id,
    );
  const used = async (): Promise<number[]> =>
    (
      await db.query<{ id: number }>(
        `select acl as id from record where tenant = $1 and acl is not null union
         select acl_own from record where tenant = $1 and acl_own is not null union
         select acl from record_history where tenant = $1 and acl is not null order by id`,
        [stage.tenant],
      )
    ).map(({ id }) => id);
  const addClasses = (from: number, count: number): Promise<number[]> =>
    db.tenantTx(stage.tenant, async (tx) => {
      await lockAccess(tx, stage);
      return internClasses(
        tx,
        stage,
        Array.from({ length: count }, (_, index) => [`user:left-${String(from + index)}`]),
      );
    });

  beforeAll(async () => {
    db = await open();
    stage = await accessStage(db, 'collected');
    stage.world.accounts.set('a1', { owner: 'u1' }).set('a2', { owner: 'u2' });
    stage.world.contacts.set('c1', { account: 'a1' });
    for (const object of ['Account', 'Contact']) await stage.ingest(object);
    await stage.turn();
    // A class that only an earlier version has: whoever was shown that may hear of its end.
    stage.world.accounts.set('a2', { owner: 'u3' });
    await stage.ingest('Account', ['a2']);
  });

  it('go once there are many, and nothing else does; no number comes again', async () => {
    const kept = await used();
    expect(kept).toHaveLength(3);
    const collect = createClassCollector(db);
    await addClasses(0, limits.accessUnusedClassesMin - kept.length - 1);
    const few = await classes();
    await collect({ tenant: stage.tenant, signal });
    expect(await classes()).toEqual(few);
    const last = (await addClasses(1_000, limits.accessUnusedClassesMin)).at(-1) ?? 0;
    await collect({ tenant: stage.tenant, signal });
    expect(await classes()).toEqual(kept);
    expect(await stage.shown('p-u1', 'Contact')).toEqual(['c1']);
    expect(await stage.shown('p-u3', 'Account')).toEqual(['a2']);
    expect((await addClasses(0, 1))[0]).toBeGreaterThan(last);
  });

  it('stay where somebody is about to give one of them to a record', async () => {
    const given = await addClasses(5_000, limits.accessUnusedClassesMin + 5);
    const [about = 0] = given;
    const [locked, looked] = [deferred(), deferred()];
    // It has found the class unused by now, and waits for the lock; or does not, and takes the class away.
    const isWaiting = async (): Promise<boolean> =>
      (await db.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))
        .length > 0 || !(await classes()).includes(about);
    const giving = db.tenantTx(stage.tenant, async (tx) => {
      await lockAccess(tx, stage);
      locked.resolve();
      // One connection for all: there nobody looks meanwhile.
      if (db.kind !== 'pglite') await looked.promise;
      const at = { tenant: stage.tenant, stream: stage.streams['Account']! };
      await setOwnClasses(tx, at, new Map([['a1', about]]));
      await setClasses(tx, at, new Map([['a1', about]]));
    });
    await locked.promise;
    let looks = 0;
    const watched: Db = {
      ...db,
      tenantRead: (tenant, work) => {
        looks += 1;
        return db.tenantRead(tenant, work);
      },
    };
    const collecting = createClassCollector(watched)({ tenant: stage.tenant, signal });
    if (db.kind !== 'pglite') await expect.poll(isWaiting, { timeout: 120_000, interval: 20 }).toBe(true);
    looked.resolve();
    await Promise.all([giving, collecting]);
    expect(looks).toBe(3);
    const left = await classes();
    expect(left).toContain(about);
    expect(left).toEqual(await used());
  });
});
