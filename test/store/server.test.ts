import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError } from '../../src/kernel/index.ts';
import { openDb, openPostgres, type Db } from '../../src/store/index.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { deferred } from './fixtures.ts';

const code = (wanted: string) => (error: unknown) => error instanceof GantryError && error.code === wanted;

describe('a PostgreSQL server', () => {
  let server: PostgresServer;
  let db: Db;
  beforeAll(async () => {
    server = await startPostgres();
    db = await openDb({ databaseUrl: server.url });
    await db.query('create table kept (n int)');
  });
  afterAll(async () => {
    await db.close();
    await server.stop();
  });

  it('tells its version', () => {
    expect(db.kind).toBe('postgres');
    expect(Number(db.serverVersion.split('.')[0])).toBeGreaterThanOrEqual(15);
  });

  it('that goes away is an error for the caller, and its return needs nothing', async () => {
    const heard: string[] = [];
    let missed = 0;
    const stop = await db.listen(
      'test',
      (payload) => heard.push(payload),
      () => (missed += 1),
    );
    const cut = db.tx(async (tx) => {
      await tx.query('insert into kept values (1)');
      await server.down();
      await tx.query('insert into kept values (2)');
    });
    await expect(cut).rejects.toSatisfy(code('store_unavailable'));
    await expect(db.query('select 1')).rejects.toSatisfy(code('store_unavailable'));
    await server.up();
    expect(await db.query('select n from kept')).toEqual([]);
    // The listener comes back by itself; until then hints are lost, which is said once it hears again.
    expect(missed).toBe(0);
    while (heard.length === 0) await db.query("select pg_notify('test', 'again'), pg_sleep(0.02)");
    await stop();
    expect(heard).toContain('again');
    expect(missed).toBe(1);
  });

  it('ends a statement that takes too long, and only that', async () => {
    const hasty = await openPostgres({ connectionString: server.url, statementTimeoutMs: 50 });
    await expect(hasty.query('select pg_sleep(30)')).rejects.toSatisfy(code('store_timeout'));
    expect(await hasty.query('select 1 as one')).toEqual([{ one: 1 }]);
    await hasty.close();
  });

  it('calls a deadlock a conflict', async () => {
    await db.query('insert into kept values (10), (20)');
    const both = deferred();
    let locked = 0;
    const crossing = (first: number, second: number): Promise<unknown> =>
      db.tx(async (tx) => {
        await tx.query('update kept set n = n where n = $1', [first]);
        locked += 1;
        if (locked === 2) both.resolve();
        await both.promise;
        await tx.query('update kept set n = n where n = $1', [second]);
      });
    const results = await Promise.allSettled([crossing(10, 20), crossing(20, 10)]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.reason).toSatisfy(code('store_conflict'));
  });

  it('that is not there is an error that names no password', async () => {
    const url = 'postgres://user:hunter2@127.0.0.1:9/none';
    const error = await openDb({ databaseUrl: url }).catch((caught: unknown) => caught);
    expect(error).toSatisfy(code('store_unavailable'));
    expect(JSON.stringify((error as GantryError).toBody()) + String(error)).not.toContain('hunter2');
  });
});

describe('the server for tests', () => {
  it.each(['embedded', 'installed'] as const)('starts from %s binaries where there are any', async (binaries) => {
    const server = await startPostgres({ binaries }).catch((error: unknown) => {
      expect(String(error)).toContain('No PostgreSQL to start');
      return undefined;
    });
    if (server === undefined) return;
    const db = await openPostgres({ connectionString: server.url });
    expect(await db.query("select current_setting('fsync') as fsync")).toEqual([{ fsync: 'off' }]);
    await db.close();
    await server.stop();
    await expect(openPostgres({ connectionString: server.url })).rejects.toSatisfy(code('store_unavailable'));
  });
});
