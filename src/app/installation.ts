import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/index.ts';
import { inspectDatabase, readMigrations, type DatabaseFacts, type Db } from '../store/index.ts';
import type { Config } from './config.ts';

/** What an installation stands on, for `gantry doctor`. */
export interface InstallationFacts extends DatabaseFacts {
  /** How far the database's clock is ahead of ours; negative: behind. Off by no more than `skewErrorMs`. */
  readonly skewMs: number;
  readonly skewErrorMs: number;
  /** Migrations that a newer program brought. */
  readonly unknownMigrations: readonly string[];
  readonly diskFreeBytes: number;
  /** Lens files in the data directory; `oldest` is when the least recent one was last written. */
  readonly lens: { readonly files: number; readonly bytes: number; readonly oldest: Date | null };
}

export async function inspectInstallation(parts: {
  readonly config: Pick<Config, 'dataDir'>;
  readonly db: Db;
  readonly clock: Clock;
}): Promise<InstallationFacts> {
  const { config, db, clock } = parts;
  const asked = clock.now().getTime();
  const facts = await inspectDatabase(db);
  const answered = clock.now().getTime();
  const own = new Set((await readMigrations()).map(({ name }) => name));
  const disk = await statfs(config.dataDir);
  return {
    ...facts,
    // The transaction began somewhere in between.
    skewMs: facts.now.getTime() - (asked + answered) / 2,
    skewErrorMs: (answered - asked) / 2,
    unknownMigrations: facts.migrations.filter((name) => !own.has(name)),
    diskFreeBytes: disk.bavail * disk.bsize,
    lens: await lensFiles(join(config.dataDir, 'lens')),
  };
}

async function lensFiles(dir: string): Promise<InstallationFacts['lens']> {
  const names = await readdir(dir).catch(() => []);
  const files = await Promise.all(
    // One may go away meanwhile: another process works on them.
    names.filter((name) => name.endsWith('.duckdb')).map((name) => stat(join(dir, name)).catch(() => null)),
  );
  const present = files.filter((file) => file !== null);
  return {
    files: present.length,
    bytes: present.reduce((sum, { size }) => sum + size, 0),
    oldest: present.length === 0 ? null : new Date(Math.min(...present.map(({ mtimeMs }) => mtimeMs))),
  };
}
