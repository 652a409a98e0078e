import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, openLens, rows, table, type TestLens, type TestTenant } from './fixture.ts';

describe('a tenant of the lens', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  let mine: TestTenant;
  let theirFile: string;

  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
    mine = await withThing('mine');
    const theirs = await withThing('theirs');
    const name = (await readdir(test.dir)).find((file) => file.startsWith(`${theirs.id}.`) && file.endsWith('.duckdb'));
    theirFile = join(test.dir, name ?? '');
  });
  afterAll(() => test.close());

  async function withThing(name: string): Promise<TestTenant> {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    test.layouts.set(tenant.id, layoutOf([table(stream, 'Thing', { Name: 'VARCHAR' })]));
    await tenant.put(stream, [{ id: '1', doc: { Name: name } }]);
    await test.lens.catchUp(tenant.id);
    return tenant;
  }

  it('holds its own records only', async () => {
    expect(await rows(test.lens, mine.id, 'select "Name" from crm."Thing"')).toEqual([['mine']]);
    const databases = await rows(test.lens, mine.id, 'select path from duckdb_databases() where path is not null');
    expect(databases).toHaveLength(1);
    expect(databases[0]?.[0]).not.toBe(theirFile);
    expect(databases[0]?.[0]).toContain(test.dir);
  });

  // Each without the words that say why, as DuckDB gives several.
  it.each([
    ['reads a file', `select * from read_csv('/etc/hostname')`, /disabled|Permission/],
    ['reads a file by name', `select * from '/etc/hostname.csv'`, /disabled|Permission|does not exist/],
    ['reads a text', `select * from read_text('/etc/hostname')`, /disabled|Permission/],
    ['lists files', `select * from glob('/etc/*')`, /disabled|Permission/],
    ['opens the file of another tenant', `attach 'THEIRS' as other`, /disabled|Permission/],
    ['reads the file of another tenant', `select * from read_blob('THEIRS')`, /disabled|Permission/],
    ['opens a new file', `attach 'OUTSIDE.duckdb' as other`, /disabled|Permission/],
    ['writes a file', `copy (select 1) to 'OUTSIDE.csv'`, /disabled|Permission/],
    ['exports', `export database 'OUTSIDE'`, /disabled|Permission/],
    ['installs an extension', `install httpfs`, /disabled|Permission/],
    ['loads an extension', `load 'OUTSIDE.duckdb_extension'`, /disabled|Permission|not loaded/],
    [
      'reads over the network',
      `select * from read_parquet('https://127.0.0.1/x.parquet')`,
      /disabled|Permission|httpfs/,
    ],
    ['allows itself more', `set enable_external_access = true`, /locked|Cannot/],
    ['lifts the memory limit', `set memory_limit = '100GB'`, /locked/],
    ['unlocks', `set lock_configuration = false`, /locked/],
    ['moves the spill files', `set temp_directory = 'OUTSIDE'`, /locked|disabled/],
  ])('is refused when a statement %s', async (_, sql, reason) => {
    await expect(
      rows(test.lens, mine.id, sql.replace('THEIRS', theirFile).replace('OUTSIDE', join(test.dir, 'outside'))),
    ).rejects.toThrow(reason);
  });

  it.runIf(process.platform === 'linux')('is served by a process that knows none of our environment', async () => {
    const environment = (await readFile(`/proc/${test.hostPid()}/environ`, 'utf8')).split('\0').filter(Boolean);
    const names = environment.map((entry) => entry.replace(/=.*/s, ''));
    expect(new Set(names.filter((name) => !name.startsWith('NODE_CHANNEL_')))).toEqual(
      new Set(['TZ', 'UV_THREADPOOL_SIZE']),
    );
  });
});
