import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCrashOrders } from '../../src/app/index.ts';
import { GantryError } from '../../src/kernel/index.ts';
import { gantry, type Env } from '../e2e/server-process.ts';
import { freshDatabase } from '../support/stores.ts';

const bin = new URL('../../bin/gantry.js', import.meta.url).pathname;
const rehearsal = { GANTRY_REHEARSAL: '1' };

const refusal = (env: Record<string, string>): unknown => {
  try {
    return readCrashOrders(env);
  } catch (error) {
    return error instanceof GantryError ? error.toBody() : error;
  }
};

describe('orders to crash', () => {
  it('are read from the environment of a rehearsal', () => {
    expect(readCrashOrders({})).toBeNull();
    expect(readCrashOrders(rehearsal)).toEqual([]);
    const both = { GANTRY_CRASH_AT: 'sync.keep_page.before_commit:2', GANTRY_CRASH_STOP: '*:10' };
    expect(readCrashOrders({ ...rehearsal, ...both })).toEqual([
      { way: 'kill', point: 'sync.keep_page.before_commit', hit: 2 },
      { way: 'stop', point: '*', hit: 10 },
    ]);
  });

  it('may be several, of which one that is wrong spoils all', () => {
    const several = 'sync.keep_page.before_commit:2,connector.call.after_send:1';
    expect(readCrashOrders({ ...rehearsal, GANTRY_CRASH_AT: several })).toEqual([
      { way: 'kill', point: 'sync.keep_page.before_commit', hit: 2 },
      { way: 'kill', point: 'connector.call.after_send', hit: 1 },
    ]);
    expect(refusal({ ...rehearsal, GANTRY_CRASH_AT: `${several},a.b:1` })).toMatchObject({ code: 'config_invalid' });
  });

  it.each(['GANTRY_CRASH_AT', 'GANTRY_CRASH_STOP'])('are refused outside of one: %s', (name) => {
    const body = { code: 'config_invalid', where: name, message: expect.stringContaining('rehearsals only') };
    expect(refusal({ [name]: 'a.b.before_commit:1' })).toMatchObject(body);
    expect(refusal({ [name]: 'a.b.before_commit:1', GANTRY_REHEARSAL: 'true' })).toMatchObject(body);
  });

  it.each(['a.b:1', 'a.b.before_commit', 'a.b.before_commit:0', 'a.b.during_commit:1', 'ab.before_commit:1'])(
    'are refused where they name no point and passage: %s',
    (text) => {
      expect(refusal({ ...rehearsal, GANTRY_CRASH_AT: text })).toMatchObject({
        code: 'config_invalid',
        where: 'GANTRY_CRASH_AT',
      });
    },
  );
});

/** S1 in the small: the process is gone at exactly that point, as by a power cut. */
describe('a process that was ordered to crash', () => {
  let dir: string;
  let env: Env;
  let dropDatabase: () => Promise<void>;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gantry-crash-'));
    const { url, drop } = await freshDatabase();
    dropDatabase = drop;
    env = { GANTRY_DATA_DIR: dir, DATABASE_URL: url, GANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };
  });
  afterAll(async () => {
    await dropDatabase();
    await rm(dir, { recursive: true, force: true });
  });

  const run = (words: string[], more: Env): Promise<{ signal: string | null; err: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [bin, ...words], {
        env: { PATH: process.env['PATH'] ?? '', ...env, ...more },
      });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      child.once('close', (_code, signal) => resolve({ signal, err }));
    });

  it('ends before the commit with nothing kept, and after it with everything kept', async () => {
    const before = await run(['tenant', 'create', 'acme'], {
      ...rehearsal,
      GANTRY_CRASH_AT: 'app.add_tenant.before_commit:1',
    });
    expect(before.signal).toBe('SIGKILL');
    expect(before.err).toContain('"orders":["kill app.add_tenant.before_commit:1"]');
    expect(before.err).toContain('"kind":"crash_point_reached","point":"app.add_tenant.before_commit"');
    expect((await gantry(env, 'tenant', 'list')).out).not.toContain('acme');
    const after = await run(['tenant', 'create', 'acme'], {
      ...rehearsal,
      GANTRY_CRASH_AT: 'app.add_tenant.after_commit:1',
    });
    expect(after.signal).toBe('SIGKILL');
    expect((await gantry(env, 'tenant', 'list')).out).toContain('acme');
  });

  it('ends at the first of several that it comes by', async () => {
    const orders = 'connector.call.before_send:1,app.add_tenant.after_commit:1,app.add_tenant.before_commit:1';
    const { signal, err } = await run(['tenant', 'create', 'initech'], { ...rehearsal, GANTRY_CRASH_AT: orders });
    expect(signal).toBe('SIGKILL');
    expect(err).toContain('"kind":"crash_point_reached","point":"app.add_tenant.before_commit"');
  });

  it('lives on where it does not come by', async () => {
    const { signal, err } = await run(['tenant', 'list'], {
      ...rehearsal,
      GANTRY_CRASH_AT: 'app.add_tenant.before_commit:1',
    });
    expect(signal).toBeNull();
    expect(err).toContain('rehearsal_armed');
    expect(err).not.toContain('crash_point_reached');
  });
});
