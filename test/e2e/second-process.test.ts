import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { gantry, serve, type Env, type ServerProcess } from './server-process.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** The embedded database belongs to one process: what each command says while a server has it. */
describe('a second process on an embedded database', { timeout: 300_000 }, () => {
  let dataDir: string;
  let env: Env;
  let server: ServerProcess;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gantry-second-'));
    env = {
      GANTRY_DATA_DIR: dataDir,
      GANTRY_PORT: String(await freePort()),
      GANTRY_OPERATOR_KEY: randomBytes(24).toString('base64url'),
      GANTRY_LOG_LEVEL: 'silent',
    };
    server = await serve(env);
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const place = (): string => join(dataDir, 'db');
  const lockOf = async () =>
    JSON.parse(await readFile(join(place(), 'gantry.lock'), 'utf8')) as {
      readonly pid: number;
      readonly since: string;
    };

  it('says who has it, since when, and what to do', async () => {
    const commands = [
      ['serve'],
      ['dev', example],
      ['apply', example, '--message', 'second'],
      ['tenant', 'create', 'acme'],
      ['tenant', 'list'],
      ['mcp'],
    ];
    const answers = await Promise.all(
      commands.map((words) => gantry({ ...env, GANTRY_PORT: '0', GANTRY_API_KEY: 'none' }, ...words)),
    );
    const { pid, since } = await lockOf();
    expect(pid).toBe(server.child.pid);
    for (const { code, err } of answers) {
      expect(code).toBe(1);
      expect(err).toContain(`${place()} is in use by process ${String(pid)} on `);
      expect(err).toContain(`since ${since}.`);
      expect(err).toContain('Stop the process that the message names, or set DATABASE_URL');
      expect(err).toContain('[store_locked]');
    }
  });

  it('has doctor name who has it, and what can be asked instead', async () => {
    const { pid, since } = await lockOf();
    const { out } = await gantry(env, 'doctor');
    expect(out).toContain(`${place()} is in use by process ${String(pid)} on `);
    expect(out).toContain(`since ${since}.`);
    expect(out).toContain('gantry status --tenant SLUG');
  });

  it('lets commands through that ask the server or need no database', async () => {
    expect(await gantry(env, 'validate', example)).toMatchObject({ code: 0 });
    // Unknown to the server, which is what the answer is about.
    expect((await gantry(env, 'status', '--tenant', 'acme')).err).toContain('[not_found]');
    expect((await gantry(env, 'key', 'list', '--tenant', 'acme')).err).toContain('[not_found]');
  });

  it('gets in when the server was killed, and the next server as well', async () => {
    await server.kill();
    expect(await gantry(env, 'tenant', 'create', 'acme')).toMatchObject({ code: 0 });
    server = await serve(env);
    expect((await lockOf()).pid).toBe(server.child.pid);
    expect((await gantry(env, 'tenant', 'list')).err).toContain('[store_locked]');
  });
});
