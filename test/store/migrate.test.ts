import { beforeAll, describe, expect, it } from 'vitest';
import { GantryError } from '../../src/kernel/index.ts';
import { migrate, openPostgres, readMigrations, type Db, type Migration } from '../../src/store/index.ts';
import { describeEachStore, freshDatabase } from '../support/stores.ts';

const code = (wanted: string) => (error: unknown) => error instanceof GantryError && error.code === wanted;
const step = (id: number, text: string): Migration => ({ id, name: `${String(id).padStart(4, '0')}_step`, text });

describeEachStore('migrations', (open) => {
  let db: Db;
  let own: Migration[];
  beforeAll(async () => {
    db = await open({ migrated: false });
    own = await readMigrations();
  });

  it('set up an empty database once', async () => {
    const names = own.map(({ name }) => name);
    expect(names[0]).toBe('0001_base');
    expect(await migrate(db)).toEqual({ applied: names, version: own.length });
    expect(await migrate(db)).toEqual({ applied: [], version: own.length });
  });

  it('run only what is missing, all or nothing', async () => {
    const next = own.length + 1;
    const good = step(next, 'create table extra_one (id int); insert into extra_one values (1);');
    const bad = step(next + 1, 'create table extra_two (id int); select no_such_function();');
    await expect(migrate(db, [...own, good, bad])).rejects.toThrow(/no_such_function/);
    expect(await db.query("select to_regclass('extra_one')::text as name")).toEqual([{ name: null }]);
    expect(await migrate(db, [...own, good])).toEqual({ applied: [good.name], version: next });
    expect(await db.query('select id from extra_one')).toEqual([{ id: 1 }]);
  });

  it('let an older program work beside what was only added, and refuse it where something was taken away', async () => {
    const added = own.length + 1;
    expect(await migrate(db)).toEqual({ applied: [], version: added });
    const all = [...own, step(added, 'create table extra_one (id int); insert into extra_one values (1);')];
    const removal = step(added + 1, `-- needs ${String(added).padStart(4, '0')}\ndrop table extra_one;`);
    expect(await migrate(db, [...all, removal])).toEqual({ applied: [removal.name], version: added + 1 });
    expect(await migrate(db, all)).toEqual({ applied: [], version: added + 1 });
    await expect(migrate(db)).rejects.toSatisfy(code('store_newer'));
  });

  it('refuse a migration that was changed after it ran', async () => {
    const [first, ...rest] = own;
    if (first === undefined) throw new Error('no migrations');
    await expect(migrate(db, [{ ...first, text: `${first.text}-- more` }, ...rest])).rejects.toSatisfy(
      code('store_migration_changed'),
    );
  });
});

describe('migrations (many processes, many databases)', () => {
  it('happen once when several start together', async () => {
    const fresh = await Promise.all([freshDatabase(), freshDatabase()]);
    const dbs = await Promise.all([0, 0, 0, 1, 1, 1].map((at) => openPostgres({ connectionString: fresh[at]!.url })));
    try {
      const reports = await Promise.all(dbs.map((db) => migrate(db)));
      for (const group of [reports.slice(0, 3), reports.slice(3)]) {
        expect(group.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
        expect(new Set(group.map(({ version }) => version)).size).toBe(1);
      }
    } finally {
      await Promise.all(dbs.map((db) => db.close()));
      await Promise.all(fresh.map(({ drop }) => drop()));
    }
  });

  it('work for an ordinary user that owns the database, who then sees no tenant without asking as one', async () => {
    const { url, drop } = await freshDatabase();
    const admin = await openPostgres({ connectionString: url });
    const user = `owner_${new URL(url).pathname.slice(-12)}`;
    const [{ name }] = (await admin.query<{ name: string }>('select current_database() as name')) as [{ name: string }];
    await admin.query(`create role ${user} login`);
    await admin.query(`alter database ${name} owner to ${user}`);
    const superuser = (await admin.query<{ me: string }>('select current_user as me'))[0]?.me;
    // The role may be there from another database: an operator then grants it, as the error text says.
    await admin.query(`do $$ begin create role gantry_app nologin; exception when duplicate_object then null; end $$`);
    await admin.query(`grant gantry_app to ${user}`);
    const own = new URL(url);
    own.username = user;
    const db = await openPostgres({ connectionString: own.href });
    try {
      expect((await migrate(db)).applied).not.toEqual([]);
      const tenant = 7 as Parameters<Db['tenantTx']>[0];
      await db.tenantTx(tenant, (tx) => tx.query('insert into change_head (tenant, seq) values ($1, 1)', [tenant]));
      expect(await db.tenantTx(tenant, (tx) => tx.query('select seq from change_head'))).toEqual([{ seq: 1 }]);
      expect(await db.query('select seq from change_head')).toEqual([]);
    } finally {
      await db.close();
      await admin.query(`alter database ${name} owner to ${superuser}`);
      await admin.query(`reassign owned by ${user} to ${superuser}`);
      await admin.query(`drop owned by ${user}`);
      await admin.query(`drop role ${user}`);
      await admin.close();
      await drop();
    }
  });

  it('say so when the user may not set up the database', async () => {
    const { url, drop } = await freshDatabase();
    const admin = await openPostgres({ connectionString: url });
    const user = `guest_${new URL(url).pathname.slice(-12)}`;
    await admin.query(`create role ${user} login`);
    const own = new URL(url);
    own.username = user;
    const db = await openPostgres({ connectionString: own.href });
    try {
      await expect(migrate(db)).rejects.toSatisfy(code('store_setup_denied'));
    } finally {
      await db.close();
      await admin.query(`drop role ${user}`);
      await admin.close();
      await drop();
    }
  });
});
