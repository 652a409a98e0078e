import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startPostgres, type Binaries, type PostgresServer } from './postgres.ts';

const run = promisify(execFile);

/** `hand`: copies the files between pg_backup_start and pg_backup_stop, which needs no program. */
export type BackupWay = 'pg_basebackup' | 'hand';

/** A place outside the server where its write-ahead log and base backups go. */
export interface BackupPlace {
  /** A server whose write-ahead log is kept here. */
  start(binaries?: Binaries): Promise<PostgresServer>;
  /** Takes a base backup of the running server. */
  backup(server: PostgresServer, way: BackupWay): Promise<void>;
  /** Resolves with the server's time once everything committed before the call is kept here. */
  settle(server: PostgresServer): Promise<string>;
  /** A new server, from the base backup and the log up to that time. */
  restore(until: string, binaries?: Binaries): Promise<PostgresServer>;
  remove(): Promise<void>;
}

export async function openBackupPlace(): Promise<BackupPlace> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-backup-'));
  const log = join(dir, 'wal');
  const base = join(dir, 'base');
  await mkdir(log);
  // The server's user writes here.
  await chmod(dir, 0o755);
  await chmod(log, 0o777);
  return {
    start: (binaries) =>
      startPostgres({
        ...(binaries === undefined ? {} : { binaries }),
        settings: ['archive_mode = on', `archive_command = 'test ! -f ${log}/%f && cp %p ${log}/%f'`],
      }),
    backup: (server, way) =>
      way === 'hand' ? copyByHand(server, base) : basebackup(join(server.bin, 'pg_basebackup'), server, base),
    settle: (server) => settle(server, log),
    restore: async (until, binaries) => {
      await writeFile(join(base, 'recovery.signal'), '');
      return startPostgres({
        ...(binaries === undefined ? {} : { binaries }),
        backup: base,
        settings: [
          `restore_command = 'cp ${log}/%f %p'`,
          `recovery_target_time = '${until}'`,
          "recovery_target_action = 'promote'",
        ],
      });
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

async function basebackup(program: string, server: PostgresServer, to: string): Promise<void> {
  await run(program, ['-d', server.url, '-D', to, '--checkpoint=fast', '--wal-method=stream', '--no-sync']);
}

async function copyByHand(server: PostgresServer, to: string): Promise<void> {
  await withClient(server.url, async (client) => {
    await client.query("select pg_backup_start('base', true)");
    await run('cp', ['-a', server.data, to]).catch((error: unknown) => {
      // A file that went away under the copy is none of the backup's: the log tells of it.
      if (!/No such file/.test(String(error))) throw error;
    });
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(true)');
    await writeFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
  });
  await rm(join(to, 'postmaster.pid'), { force: true });
  await rm(join(to, 'pg_wal'), { recursive: true });
  await mkdir(join(to, 'pg_wal'), { mode: 0o700 });
}

async function settle(server: PostgresServer, log: string): Promise<string> {
  return withClient(server.url, async (client) => {
    const { rows } = await client.query<{ at: string }>('select clock_timestamp()::text as at');
    // A commit after that time, by which recovery knows that it has come to it.
    await client.query('select pg_current_xact_id()');
    const switched = await client.query<{ file: string }>('select pg_walfile_name(pg_switch_wal()) as file');
    const file = join(log, switched.rows[0]?.file ?? '');
    for (let look = 0; !existsSync(file); look += 1) {
      if (look === 600) throw new Error(`the server did not archive ${file}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    return rows[0]?.at ?? '';
  });
}

export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
