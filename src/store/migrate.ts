import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { GantryError } from '../kernel/index.ts';
import { runScript } from './create-db.ts';
import type { Db, Tx } from './db.ts';
import { sqlState } from './sql-errors.ts';

/**
 * A numbered step forward. There is no way back: a mistake is put right by the next one. Old and new programs run side
 * by side while an upgrade rolls, so a step only adds; what nobody uses any more is taken away by a later one, which
 * says in its first line since which step nobody does: `-- needs 0007`.
 */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

export interface MigrationReport {
  /** Names of those that this call ran. */
  readonly applied: readonly string[];
  /** Number of the newest migration in the database now. */
  readonly version: number;
}

export const migrateSql = {
  // Any number, the same for all processes of Gantry.
  lock: 'select pg_advisory_xact_lock(7114211)',
  noTimeout: "select set_config('statement_timeout', '0', true)",
  table: `create table if not exists gantry_migration (
    id int primary key, name text not null, checksum text not null, applied_at timestamptz not null)`,
  needs: 'alter table gantry_migration add column if not exists needs int not null default 0',
  applied: 'select id, name, checksum, needs from gantry_migration order by id',
  record: 'insert into gantry_migration (id, name, checksum, applied_at, needs) values ($1, $2, $3, $4, $5)',
} as const;

/**
 * Brings the database up to this program. Safe to call from any number of
 * processes at once: one does the work, all in one transaction. A database that
 * a newer program has brought further is left as it is. Raises
 * `store_migration_changed`, `store_newer`, `store_setup_denied`.
 */
export async function migrate(db: Db, migrations?: readonly Migration[]): Promise<MigrationReport> {
  const all = migrations ?? (await readMigrations());
  try {
    return await db.tx((tx) => applyAll(tx, all), 'store.migrate');
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new GantryError('store_setup_denied', {
      message: 'The database user may not create the tables or the role gantry_app.',
      cause: error,
    });
  }
}

/** The program's own migrations, in order. */
export async function readMigrations(): Promise<Migration[]> {
  const folder = new URL('./migrations/', import.meta.url);
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      id: Number(file.slice(0, 4)),
      name: file.replace(/\.sql$/, ''),
      text: (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n'),
    })),
  );
}

interface AppliedRow {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
  /** Only programs that know this step may work with the database. */
  readonly needs: number;
}

async function applyAll(tx: Tx, all: readonly Migration[]): Promise<MigrationReport> {
  await tx.query(migrateSql.lock);
  await tx.query(migrateSql.noTimeout);
  await tx.query(migrateSql.table);
  await tx.query(migrateSql.needs);
  const before = await tx.query<AppliedRow>(migrateSql.applied);
  check(before, all);
  const last = before.at(-1)?.id ?? 0;
  const missing = all.filter((migration) => migration.id > last);
  for (const migration of missing) {
    await runScript(tx, migration.text);
    const { id, name } = migration;
    await tx.query(migrateSql.record, [id, name, checksum(migration), tx.now, neededBy(migration)]);
  }
  return { applied: missing.map(({ name }) => name), version: missing.at(-1)?.id ?? last };
}

function check(applied: readonly AppliedRow[], all: readonly Migration[]): void {
  const known = all.at(-1)?.id ?? 0;
  for (const row of applied) {
    const own = all.find((migration) => migration.id === row.id);
    if (own === undefined) {
      if (row.id > known && row.needs <= known) continue;
      throw new GantryError('store_newer', {
        message: `The database has migration ${row.name}, which this program does not know and cannot work beside.`,
        where: row.name,
      });
    }
    if (checksum(own) !== row.checksum) {
      throw new GantryError('store_migration_changed', {
        message: `Migration ${own.name} was changed after it was applied to this database.`,
        where: own.name,
      });
    }
  }
}

/** 0: programs of any age can go on beside it. */
function neededBy({ text }: Migration): number {
  return Number(/^-- needs (\d{4})\n/.exec(text)?.[1] ?? 0);
}

function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.text).digest('hex');
}
