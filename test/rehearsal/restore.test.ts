import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProcess } from '../e2e/server-process.ts';
import { openBackupPlace, withClient, type BackupPlace } from '../support/backup.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { openRehearsalStage, type RehearsalStage } from './stage.ts';

const run = promisify(execFile);

/** docs/operating.md, "Backup and restore", as it is written there. */
describe('a database that is restored to a moment', () => {
  let stage: RehearsalStage;
  let place: BackupPlace;
  let postgres: PostgresServer;
  let database: string;
  /** The data directory, with lens files, of the process before and after. */
  let dataDir: string;
  let server: ServerProcess;
  let key: string;
  let moment: string;
  /** Accounts that change: `kept` before the moment, the others after it. */
  let kept: string;
  let first: string;
  let second: string;
  let lost: string;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [stage, place] = await Promise.all([openRehearsalStage(), openBackupPlace()]);
    cleanUp.push(
      () => place.remove(),
      () => stage.close(),
    );
    postgres = await place.start('installed').catch(() => place.start());
    cleanUp.push(() => postgres.stop());
    database = await databaseOn(postgres);
    dataDir = await stage.directory();
    key = await stage.setUp(database);
    server = await stage.serve(database, dataDir);
    await stage.operator.connect('crm', stage.crm);
    await stage.operator.connect('support', stage.support);
    await stage.operator.loaded(['crm', 'support']);
    const rows = await stage.ask(key, { object: 'crm.Account', fields: ['Id'], limit: 3 });
    [kept, first, second] = rows.map(([id]) => String(id)) as [string, string, string];
  });
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const values = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await stage.ask(key, {
        object: 'crm.Account',
        fields: ['Id', 'Website'],
        filter: { field: 'Id', op: 'in', value: [kept, first, second, lost].filter((id) => id !== undefined) },
      })) as [string, unknown][],
    );
  const rename = async (id: string, value: string): Promise<void> => {
    await stage.crm.mutate({ op: 'update', object: 'Account', id, fields: { Website: value } });
  };
  /** Name of the newest lens file; a file that was built anew has another one. */
  const lensFile = async (): Promise<string | undefined> =>
    (await readdir(join(dataDir, 'lens')))
      .filter((name) => name.endsWith('.duckdb'))
      .toSorted()
      .at(-1);
  const stored = (sql: string): Promise<unknown> =>
    withClient(database, async (client) => Object.values((await client.query(sql)).rows[0] as object)[0] as unknown);
  const head = (): Promise<unknown> => stored('select seq::int from change_head');

  it('is backed up while it serves, with what comes after in the log', async () => {
    const way = existsSync(join(postgres.bin, 'pg_basebackup')) ? 'pg_basebackup' : 'hand';
    await place.backup(postgres, way);
    await rename(kept, 'before the moment');
    await stage.operator.sync('crm', ['Account']);
    await expect.poll(values, { timeout: 120_000 }).toMatchObject({ [kept]: 'before the moment' });
    moment = await place.settle(postgres);
  });

  it('loses what came after the moment: a record, a change and a rotated token', async () => {
    const before = await head();
    lost = (await stage.crm.mutate({ op: 'create', object: 'Account', fields: { Name: 'Soon gone', Website: 'lost' } }))
      .id;
    await stage.operator.sync('crm', ['Account']);
    await expect.poll(values, { timeout: 120_000 }).toMatchObject({ [lost]: 'lost' });
    expect(await head()).toBe(Number(before) + 1);
    const token = "select generation from credential c join connection n on n.id = c.connection where slug = 'support'";
    expect(await stored(token)).toBe(1);
    await stage.support.control('POST', 'revoke', { accessOnly: true });
    await stage.operator.sync('support', ['tickets']);
    await expect.poll(() => stored(token), { timeout: 120_000 }).toBe(2);
    await server.kill();
    await postgres.stop();
  });

  it('answers from nothing that was lost, also where other changes have the numbers of the lost ones', async () => {
    postgres = await place.restore(moment, 'installed').catch(() => place.restore(moment));
    cleanUp.push(() => postgres.stop());
    database = databaseIn(postgres);
    const before = Number(await head());
    await stage.crm.mutate({ op: 'delete', object: 'Account', id: lost });
    await rename(second, 'after the restore 2');
    await rename(first, 'after the restore 1');
    // A process without lens files syncs first: when the old files are opened, the truth is beyond them.
    const worker = await stage.serve(database, await stage.directory());
    await stage.operator.sync('crm', ['Account']);
    await stage.operator.sync('support', ['tickets']);
    await expect.poll(head, { timeout: 120_000 }).toBe(before + 2);
    expect(await worker.stop()).toBe(0);
    const file = await lensFile();
    server = await stage.serve(database, dataDir, '--role', 'api');
    const expected = {
      [kept]: 'before the moment',
      [first]: 'after the restore 1',
      [second]: 'after the restore 2',
    };
    expect(await values()).toEqual(expected);
    const [[count]] = (await stage.ask(key, {
      object: 'crm.Account',
      measures: [{ count: '*', as: 'n' }],
    })) as [[unknown]];
    expect(count).toBe(stage.crm.health.counts['Account']);
    expect(await lensFile()).not.toBe(file);
  });

  it('asks the customer to sign in again where the provider ended the token that it has', async () => {
    expect(await stored("select state from connection where slug = 'support'")).toBe('reauth_required');
    expect(await stored("select state from connection where slug = 'crm'")).toBe('working');
    await stage.operator.connect('support', stage.support);
    expect(await stored("select state from connection where slug = 'support'")).toBe('working');
  });

  it('goes on as a copy in another database, by a dump, with the same lens files', async (context) => {
    const dump = join(postgres.bin, 'pg_dump');
    if (!existsSync(dump)) context.skip('no pg_dump beside this server');
    const expected = await values();
    expect(await server.stop()).toBe(0);
    const file = await lensFile();
    const other = await startPostgres({ binaries: 'installed' });
    cleanUp.push(() => other.stop());
    const copy = await databaseOn(other);
    await withClient(copy, (client) => client.query('create role gantry_app nologin'));
    const archive = join(await stage.directory(), 'gantry.dump');
    await run(dump, ['--format=custom', `--file=${archive}`, database]);
    await run(join(other.bin, 'pg_restore'), ['--exit-on-error', `--dbname=${copy}`, archive]);
    server = await stage.serve(copy, dataDir, '--role', 'api');
    expect(await values()).toEqual(expected);
    expect(await lensFile()).toBe(file);
  });
});

const databaseIn = ({ url }: PostgresServer): string => {
  const own = new URL(url);
  own.pathname = '/gantry';
  return own.href;
};

async function databaseOn(server: PostgresServer): Promise<string> {
  await withClient(server.url, (client) => client.query('create database gantry'));
  return databaseIn(server);
}
