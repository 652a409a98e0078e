import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { odooValues } from '../connectors/odoo-sign-in.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { gantry, serve, type Env, type ServerProcess } from './server-process.ts';

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));

const files = {
  'gantry.yaml': 'gantry: 1\nproject: erp\n',
  'models/account.yaml': 'model: account\ntitle: Account\nlabel: name\nfields:\n  name: string\n',
  'integrations/erp.yaml': `integration: erp
title: ERP
connector: odoo
trust: record
mode: read_only
objects:
  res.partner:
    model: account
    sync: { backfill: all, every: 1m }
    fields: { name: name }
`,
};

/** A customer without a browser sign-in, from the command line to the first records. */
describe('connecting with an API key by the commands', () => {
  let sandbox: TestSandbox;
  let env: Env;
  let server: ServerProcess | null = null;
  const folders: string[] = [];

  beforeAll(async () => {
    sandbox = await startSandbox('odoo', { company: 'globex' });
    const project = await mkdtemp(join(tmpdir(), 'gantry-project-'));
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-data-'));
    folders.push(project, dataDir);
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), text);
    }
    env = {
      GANTRY_DATA_DIR: dataDir,
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: randomBytes(24).toString('base64url'),
      GANTRY_PORT: String(await freePort()),
      GANTRY_LOG_LEVEL: 'silent',
      // No OAuth app: only the address, because a sandbox on this machine is no address of a customer.
      GANTRY_APP_ERP_LOGIN_URL: sandbox.url,
    };
    expect(await gantry(env, 'apply', project)).toMatchObject({ code: 0, err: '' });
    expect(await gantry(env, 'tenant', 'create', 'globex')).toMatchObject({ code: 0 });
    server = await serve(env);
  });
  afterAll(async () => {
    await server?.stop();
    await sandbox.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const words = ['connect', '--tenant', 'globex', '--integration', 'erp', '--method', 'api_key'];
  const withInput = (input: string, ...more: string[]): Promise<{ code: number; text: string }> =>
    new Promise((resolve) => {
      const childEnv = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env };
      const child = execFile(process.execPath, [bin, ...words, ...more], { env: childEnv }, (error, out, err) => {
        resolve({ code: error === null ? 0 : 1, text: out + err });
      });
      child.stdin?.end(input);
    });

  it('takes no secret as a word of the command', async () => {
    const { api_key: secret = '' } = odooValues(sandbox);
    const refused = await gantry(env, ...words, '--value', `api_key=${secret}`);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('"api_key" is secret') });
    expect(refused.err + refused.out).not.toContain(secret);
  });

  it('says what is wrong with what was entered, and repeats none of it', async () => {
    const wrong = JSON.stringify({ ...odooValues(sandbox), api_key: 'wr0ng-key' });
    const refused = await withInput(wrong, '--values-file', '-');
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('[credentials_refused]') });
    expect(refused.text).not.toContain('wr0ng-key');
    const broken = await withInput('{"api_key": "wr0ng-key', '--values-file', '-');
    expect(broken).toMatchObject({ code: 1, text: expect.stringContaining('one JSON object') });
    expect(broken.text).not.toContain('wr0ng-key');
  });

  it('connects, and the records come', async () => {
    const { api_key: secret = '', ...plain } = odooValues(sandbox);
    const values = Object.entries(plain).flatMap(([name, value]) => ['--value', `${name}=${value}`]);
    const connected = await withInput(JSON.stringify({ api_key: secret }), '--values-file', '-', ...values);
    expect(connected).toMatchObject({ code: 0, text: expect.stringMatching(/^Connected erp: .*\(Odoo\)\.\n$/) });
    const count = String(sandbox.health.counts['res.partner']);
    await expect
      .poll(async () => (await gantry(env, 'status', '--tenant', 'globex')).out, { timeout: 120_000, interval: 250 })
      .toMatch(new RegExp(`^erp [^]*res\\.partner\\s+${count}  as of`));
  });

  it('says that there is no sign-in in a browser', async () => {
    const browser = await gantry(env, ...words.slice(0, 5));
    expect(browser).toMatchObject({ code: 1, err: expect.stringContaining('[sign_in_unsupported]') });
  });
});
