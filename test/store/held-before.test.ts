import { beforeAll, expect, it } from 'vitest';
import { migrate, readMigrations, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

/** A database as it was before streams could be held and connections could be probed. */
describeEachStore('connections that needed a sign-in before version 8 of the schema', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open({ migrated: false });
    const all = await readMigrations();
    await migrate(
      db,
      all.filter(({ id }) => id <= 7),
    );
    await db.query(`insert into tenant (slug, created_at) values ('old', '2026-01-01')`);
    for (const [id, state] of ['reauth_required', 'working', 'paused'].entries()) {
      await db.query(
        `insert into connection (tenant, id, slug, integration, provider, state, created_at, updated_at)
         values (1, $1, $2, 'crm', 'salesforce', $2, '2026-01-01', '2026-01-01')`,
        [id + 1, state],
      );
      await db.query(
        `insert into stream (tenant, id, connection, object, every_s, due_at)
         values (1, $1, $1, 'Account', 60, '2026-01-01')`,
        [id + 1],
      );
    }
    await migrate(db);
  });

  it('hold their streams, and are looked at now and then', async () => {
    expect(await db.query('select connection, held from stream where tenant = 1 order by connection')).toEqual([
      { connection: 1, held: true },
      { connection: 2, held: false },
      { connection: 3, held: true },
    ]);
    expect(await db.query('select tenant, connection, kind from connection_chore')).toEqual([
      { tenant: 1, connection: 1, kind: 'probe' },
    ]);
  });

  it('and their tables are watched as before', async () => {
    const forced = await db.query(
      `select relname, relrowsecurity, relforcerowsecurity from pg_class where relname in ('stream', 'connection')
       order by relname`,
    );
    expect(forced).toEqual([
      { relname: 'connection', relrowsecurity: true, relforcerowsecurity: true },
      { relname: 'stream', relrowsecurity: true, relforcerowsecurity: true },
    ]);
  });
});
