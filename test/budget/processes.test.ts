import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenant } from '../../src/app/index.ts';
import { migrate, openPostgres, type Db } from '../../src/store/index.ts';
import { programOf } from '../support/program.ts';
import { json, scriptServer, type ScriptServer } from '../support/script-server.ts';
import { freshDatabase } from '../support/stores.ts';
import { minute } from './fixture.ts';

const run = promisify(execFile);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let server: ScriptServer;
beforeAll(async () => {
  database = await freshDatabase();
  db = await openPostgres({ connectionString: database.url });
  await migrate(db);
  await createTenant(db, 'acme');
  server = await scriptServer(json({ fine: true }));
});
afterAll(async () => {
  await server.stop();
  await db.close();
  await database.drop();
});

const program = await programOf('./caller-process.ts', import.meta.url);

async function caller(purpose: string): Promise<number> {
  const { stdout } = await run(process.execPath, [...program, database.url, server.url, purpose]);
  return (JSON.parse(stdout) as { made: number }).made;
}

describe('several processes on one account (row S12, invariant I8)', () => {
  it('stay together within its limit, and background work leaves the reserve', async () => {
    const made = await Promise.all([1, 2, 3].map(() => caller('background')));
    const background = server.requests.length;
    expect(made.reduce((all, each) => all + each, 0)).toBe(background);
    // 40 calls less a fifth; what the last one gave back when the others had stopped is missing.
    expect(background).toBeLessThanOrEqual(32);
    expect(background).toBeGreaterThan(10);

    await Promise.all([1, 2].map(() => caller('interactive')));
    expect(server.requests.length).toBeLessThanOrEqual(minute.calls);
    expect(server.requests.length).toBeGreaterThan(32);
  }, 300_000);
});
