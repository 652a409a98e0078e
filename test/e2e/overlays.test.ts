import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { freshDatabase } from '../support/stores.ts';
import { gantry, serve, type Env, type ServerProcess } from './server-process.ts';

/** Everything as a user types it: the commands as processes, beside a server on the same database. */
describe('revisions and overlays from the command line', () => {
  const operatorKey = randomBytes(24).toString('base64url');
  const cleanUp: (() => Promise<void>)[] = [];
  let folder: string;
  let env: Env;
  let url: string;
  let server: ServerProcess | null = null;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-overlays-'));
    cleanUp.push(() => rm(folder, { recursive: true }));
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    await cp('examples/renewals', join(folder, 'project'), { recursive: true });
    const port = await freePort();
    url = `http://127.0.0.1:${String(port)}`;
    env = {
      DATABASE_URL: database.url,
      GANTRY_DATA_DIR: join(folder, 'data'),
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: operatorKey,
      GANTRY_PORT: String(port),
      GANTRY_LOG_LEVEL: 'silent',
    };
  });
  afterAll(async () => {
    await server?.stop();
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const project = () => join(folder, 'project');
  const overlayFile = async (text: string): Promise<string> => {
    const file = join(folder, 'acme.yaml');
    await writeFile(file, text);
    return file;
  };
  const askAs = async (bearer: string, method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('refuses to break, says how to declare it, and goes back', async () => {
    await gantry(env, 'apply', project(), '--message', 'first', '--author', 'ida');
    await gantry(env, 'tenant', 'create', 'acme');
    const file = join(project(), 'gantry.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('rows_max: 200', 'rows_max: 100'));
    expect(await gantry(env, 'plan', project())).toMatchObject({
      code: 0,
      out: expect.stringContaining('breaks "agent renewals-copilot" (gantry.yaml:'),
    });
    expect(await gantry(env, 'apply', project())).toMatchObject({
      code: 1,
      err: expect.stringMatching(/--allow-breaking "agent renewals-copilot"[^]*\[manifest_change_breaks\]/),
    });
    const allowed = ['--allow-breaking', 'agent renewals-copilot'];
    expect(await gantry(env, 'apply', project(), ...allowed)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Revision 2 is in force.'),
    });
    expect(await gantry(env, 'rollback', '1')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Revision 3 is in force.'),
    });
    const { out } = await gantry(env, 'revisions');
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 6)),
    ).toEqual(['*    3', '     2', '     1']);
    expect(out).toMatch(/ida {2}first$/m);
  });

  it('stores an overlay that a running server heeds, and tells its mistakes with their places', async () => {
    const { out: key } = await gantry(env, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot');
    server = await serve(env);
    const ask = () => askAs(key.trim(), 'POST', '/v1/tools/list_connections', {});
    for (let call = 0; call < 3; call += 1) expect((await ask()).status).toBe(200);
    const wrong = await overlayFile(
      'tenant: acme\nlimits:\n  renewals-copilo: { rows_max: 1 }\nmodels: { dael: { fields: {} } }\n',
    );
    expect(await gantry(env, 'overlay', 'set', '--tenant', 'acme', wrong)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/acme\.yaml:3:3 limits[^]*acme\.yaml:4:11 models\.dael/),
    });
    const right = await overlayFile("tenant: acme\nlimits: { '*': { calls_per_minute: 1 } }\n");
    expect(await gantry(env, 'overlay', 'set', '--tenant', 'acme', right)).toMatchObject({
      code: 0,
      out: 'The overlay of acme is version 1.\n',
    });
    await expect.poll(async () => (await ask()).status, { timeout: 120_000 }).toBe(429);
    expect((await gantry(env, 'overlay', 'show', '--tenant', 'acme')).out).toContain('calls_per_minute: 1');
  });

  it('offers the same over REST', async () => {
    const overlay = (method: string, body?: object) => askAs(operatorKey, method, '/v1/tenants/acme/overlay', body);
    expect(await overlay('GET')).toMatchObject({ status: 200, body: { overlay: { source: 'stored', version: 1 } } });
    expect(await overlay('PUT', { yaml: 'tenant: globex' })).toMatchObject({
      status: 422,
      body: { code: 'manifest_invalid', where: 'yaml:1:9' },
    });
    expect(await overlay('PUT', { yaml: 'tenant: acme\nwhy: nothing yet\n' })).toMatchObject({ body: { version: 2 } });
    expect(await overlay('DELETE')).toMatchObject({ body: { version: 3, changed: true } });
    expect((await gantry(env, 'overlay', 'remove', '--tenant', 'acme')).out).toBe('acme had no stored overlay.\n');
    expect(await askAs(operatorKey, 'GET', '/v1/revisions')).toMatchObject({
      body: { revisions: [{ revision: 3, current: true }, { revision: 2, current: false }, { revision: 1 }] },
    });
  });
});
