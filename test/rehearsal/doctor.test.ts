import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { gantry, serve } from '../e2e/server-process.ts';
import { openBackupPlace, withClient } from '../support/backup.ts';
import { freshDatabase } from '../support/stores.ts';

describe('gantry doctor', () => {
  const cleanUp: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  async function ask(databaseUrl: string, dataDir: string): Promise<string> {
    const key = randomBytes(32).toString('base64');
    const env = { DATABASE_URL: databaseUrl, GANTRY_DATA_DIR: dataDir, GANTRY_MASTER_KEY: key };
    const { code, out, err } = await gantry(env, 'doctor');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return out;
  }

  async function directory(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-doctor-'));
    cleanUp.push(() => rm(dir, { recursive: true, force: true }));
    return dir;
  }

  it('warns of a server without archive, of a silent process, of a newer schema; counts lens files', async () => {
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    const dir = await directory();
    await ask(database.url, dir);
    await withClient(database.url, async (client) => {
      await client.query(
        "insert into lens_node (id, url, role, until) values ('x', 'http://127.0.0.1:9', 'lens', now() - interval '90 s')",
      );
      await client.query("insert into gantry_migration values (9000, '9000_later', '', now(), 0)");
    });
    await mkdir(join(dir, 'lens'));
    await writeFile(join(dir, 'lens', '1.1.duckdb'), Buffer.alloc(3_000_000));
    const out = await ask(database.url, dir);
    expect(out).toMatch(/archive_mode is off/);
    expect(out).toMatch(/fsync or full_page_writes is off/);
    expect(out).toMatch(/schema 9000_later; a newer program brought 9000_later: /);
    expect(out).toMatch(/lens process at http:\/\/127\.0\.0\.1:9, silent for 9\d s/);
    expect(out).toMatch(/^Lenses {4}1 files here, 3 MB, the oldest of 20/m);
    expect(out).toMatch(/^Clock {5}agrees with the database$/m);
    expect(out).toMatch(/^Disk {6}\d+ MB free$/m);
  });

  it('beside a running server on the embedded database says who has it, and asks it what is wrong', async () => {
    const env = {
      GANTRY_DATA_DIR: await directory(),
      GANTRY_PORT: String(await freePort()),
      GANTRY_OPERATOR_KEY: randomBytes(24).toString('base64url'),
      GANTRY_LOG_LEVEL: 'silent',
    };
    const server = await serve(env);
    cleanUp.push(() => server.stop());
    const { code, out, err } = await gantry(env, 'doctor');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`is in use by process ${String(server.child.pid)} on `);
    expect(out).toContain('gantry status --tenant SLUG');
    expect(out).toMatch(/^Alerts {4}Nothing is wrong\.$/m);
    const unasked = await gantry({ ...env, GANTRY_OPERATOR_KEY: '' }, 'doctor');
    expect(unasked).toMatchObject({ code: 1, out: expect.stringContaining('GANTRY_OPERATOR_KEY') as string });
  });

  it('says that a log is archived', async () => {
    const place = await openBackupPlace();
    cleanUp.push(() => place.remove());
    const server = await place.start();
    cleanUp.push(() => server.stop());
    expect(await ask(server.url, await directory())).toMatch(/its log is archived$/m);
  });
});
