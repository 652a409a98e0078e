import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, describe, inject } from 'vitest';
import { migrate, openPglite, openPostgres, type Db } from '../../src/store/index.ts';

export type StoreKind = Db['kind'];

/** A fresh database; closed and deleted when the suite ends. `migrated` is true unless said otherwise. */
export type OpenStore = (options?: { readonly migrated?: boolean }) => Promise<Db>;

/** Runs a suite on each adapter. Opening PGlite takes about two seconds: do it once, in `beforeAll`. */
export function describeEachStore(name: string, suite: (open: OpenStore, kind: StoreKind) => void): void {
  describe(`${name} (PGlite)`, () => suite(openerOf('pglite'), 'pglite'));
  describe(`${name} (PostgreSQL)`, () => suite(openerOf('postgres'), 'postgres'));
}

/** For suites that need one adapter only. To be called inside `describe`. */
export function openerOf(kind: StoreKind): OpenStore {
  const closers: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });
  return async ({ migrated = true } = {}) => {
    const db =
      kind === 'pglite'
        ? await openPglite({ memory: true, ...(migrated ? {} : { bare: true }) })
        : await openFresh(closers);
    closers.push(() => db.close());
    if (migrated) await migrate(db);
    return db;
  };
}

async function openFresh(closers: (() => Promise<void>)[]): Promise<Db> {
  const { url, drop } = await freshDatabase();
  closers.push(drop);
  return openPostgres({ connectionString: url });
}

/** An empty database on this run's PostgreSQL server, for programs that take a DATABASE_URL. */
export async function freshDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const server = inject('databaseUrl');
  if (server === '') throw new Error(inject('databaseMissing'));
  const name = `gantry_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
