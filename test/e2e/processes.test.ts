import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../../examples/renewals/stage/operator.ts';
import { connectAgent } from '../../examples/renewals/demo/agent.ts';
import { withClient } from '../support/backup.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { freshDatabase } from '../support/stores.ts';
import { gantry, serve, type Env, type ServerProcess } from './server-process.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));
const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));

/** Everything by the commands of the README, each in a process of its own, on PostgreSQL. */
describe('a team that runs Gantry by its commands', () => {
  let crm: TestSandbox;
  let env: Env;
  let url: string;
  let key: string;
  let operator: Operator;
  let server: ServerProcess | null = null;
  /** The example without meetings, until a later revision brings them. */
  let project: string;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'gantry-project-'));
    cleanUp.push(() => rm(project, { recursive: true, force: true }));
    await cp(example, project, { recursive: true });
    const crmFile = join(project, 'integrations/crm.yaml');
    const whole = await readFile(crmFile, 'utf8');
    await writeFile(crmFile, whole.replace(/^  Event:\n(?: {4}.*\n)+/m, ''));
    const port = await freePort();
    url = `http://127.0.0.1:${String(port)}`;
    const [database, dataDir, sandbox] = await Promise.all([
      freshDatabase(),
      mkdtemp(join(tmpdir(), 'gantry-cli-')),
      startSandbox('salesforce', { scale: 20_000, redirectUris: [`${url}/oauth/callback`] }),
    ]);
    crm = sandbox;
    cleanUp.push(
      database.drop,
      () => rm(dataDir, { recursive: true, force: true }),
      () => crm.stop(),
    );
    const operatorKey = randomBytes(24).toString('base64url');
    env = {
      DATABASE_URL: database.url,
      GANTRY_DATA_DIR: dataDir,
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: operatorKey,
      GANTRY_PORT: String(port),
      GANTRY_LOG_LEVEL: 'silent',
      GANTRY_APP_CRM_CLIENT_ID: crm.app.clientId,
      GANTRY_APP_CRM_CLIENT_SECRET: crm.app.clientSecret,
      GANTRY_APP_CRM_LOGIN_URL: crm.url,
    };
    operator = createOperator({ url, operatorKey, tenant: 'acme' });
  });
  afterAll(async () => {
    await server?.stop();
    for (const clean of cleanUp.toReversed()) await clean();
  });

  it('plans and applies a project, and keeps one revision of what means the same', async () => {
    expect(await gantry(env, 'plan', project)).toMatchObject({ code: 0, out: expect.stringContaining('+ model deal') });
    expect(await gantry(env, 'apply', project, '--message', 'first')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Revision 1 is in force.'),
    });
    expect(await gantry(env, 'apply', project)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/No changes\.\nRevision 1 stays in force\./),
    });
  });

  it('makes a tenant and a key, and says what is wrong where something is', async () => {
    expect((await gantry(env, 'tenant', 'create', 'acme')).code).toBe(0);
    expect(await gantry(env, 'tenant', 'create', 'acme')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[store_name_taken]'),
    });
    expect(await gantry(env, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilo')).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean renewals-copilot?'),
    });
    const made = await gantry(env, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot');
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^gtk_[\w-]{43}\n$/) });
    key = made.out.trim();
    expect(await gantry(env, 'frobnicate')).toMatchObject({ code: 2, err: expect.stringContaining('no command') });
    expect(await gantry(env, 'status', '--tenant', 'acme')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No server answers'),
    });
  });

  it('loads a customer to the end although the server is killed again and again', async () => {
    server = await serve(env);
    expect(await gantry(env, 'connect', '--tenant', 'acme', '--integration', 'crm')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${crm.url}/services/oauth2/authorize`),
    });
    // Slow enough that each life of the server gets through a part of the load only.
    await crm.control('POST', 'latency', { ms: 60 });
    await operator.connect('crm', crm);
    const kills = 3;
    for (let kill = 0; kill < kills; kill += 1) {
      const before = await pages(crm);
      await expect.poll(() => pages(crm), { timeout: 120_000, interval: 20 }).toBeGreaterThan(before + 10);
      await server.kill();
      // As if the leases of this life had ended: that they do is shown in test/sync and by the torture.
      await withClient(env['DATABASE_URL'] ?? '', (client) =>
        client.query('update stream set lease_until = now() where lease_by is not null'),
      );
      server = await serve(env);
    }
    await crm.control('POST', 'latency', { ms: 0 });
    await operator.loaded(['crm']);
    const agent = await connectAgent(url, key);
    try {
      for (const [object, name] of [
        ['crm.Account', 'Account'],
        ['crm.Opportunity', 'Opportunity'],
        ['crm.Contact', 'Contact'],
      ] as const) {
        const count = async (): Promise<unknown> => {
          const { content } = await agent.call('query_records', { object, measures: [{ count: '*', as: 'n' }] });
          return (content as { rows: unknown[][] }).rows[0]?.[0];
        };
        await expect.poll(count, { timeout: 120_000 }).toBe(crm.health.counts[name]);
      }
    } finally {
      await agent.close();
    }
  });

  it('brings what a new revision names, while the server runs', async () => {
    expect(crm.health.counts['Event']).toBeGreaterThan(0);
    expect((await gantry(env, 'status', '--tenant', 'acme')).out).not.toMatch(/Event /);
    expect(await gantry(env, 'apply', example)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Revision 2 is in force.'),
    });
    const agent = await connectAgent(url, key);
    const meetings = async (): Promise<unknown> => {
      const { content } = await agent.call('query_records', { object: 'meeting', measures: [{ count: '*', as: 'n' }] });
      return (content as { rows?: unknown[][] }).rows?.[0]?.[0];
    };
    await expect.poll(meetings, { timeout: 120_000 }).toBe(crm.health.counts['Event']);
    await agent.close();
  });

  it('tells how things are', async () => {
    const status = await gantry(env, 'status', '--tenant', 'acme');
    expect(status.out).toMatch(/crm \(salesforce\): ok\n/);
    expect(status.out).toMatch(/Account +\d+ {2}as of 20/);
    const doctor = await gantry(env, 'doctor');
    expect(doctor.out).toMatch(/Database {2}PostgreSQL \d+\.\d+\n/);
    expect(doctor.out).toContain('Project   renewals, revision 2');
  });

  it('sets a value aside that does not fit, and shows it', async () => {
    await crm.control('POST', 'schema', {
      object: 'Account',
      add: { name: 'Bonus__c', label: 'Bonus', type: 'string', length: 40 },
    });
    const account = await crm.mutate({
      op: 'create',
      object: 'Account',
      fields: { Name: 'Seltsam AG', Bonus__c: 'viel' },
    });
    await gantry(env, 'sync', '--tenant', 'acme', '--connection', 'crm', '--object', 'Account');
    // The customer's administrator makes a number of it; what is no number stays behind as text.
    await crm.control('POST', 'schema', { object: 'Account', change: { name: 'Bonus__c', type: 'double' } });
    await gantry(env, 'sync', '--tenant', 'acme', '--connection', 'crm');
    const list = async (...more: string[]): Promise<string> =>
      (await gantry(env, 'quarantine', '--tenant', 'acme', ...more)).out;
    await expect
      .poll(() => list('--values'), { timeout: 120_000 })
      .toContain(`crm/Account/${account.id} Bonus__c: expected a number, got text; got "viel"`);
    expect(await list()).toBe(
      `crm/Account Bonus__c: 1 value, expected a number, got text; records such as ${account.id}\n`,
    );
    expect((await gantry(env, 'status', '--tenant', 'acme')).out).toMatch(/Account .*, 1 set aside/);
    const replay = ['quarantine', 'replay', '--tenant', 'acme', '--connection', 'crm'];
    expect((await gantry(env, ...replay)).out).toBe('Account: 0 values of 1 record fit now; 1 value still set aside\n');
  });

  it('pauses one object, does not look at it meanwhile, and goes on with it', async () => {
    const place = ['--tenant', 'acme', '--connection', 'crm', '--object', 'Contact'];
    const paused = await gantry(env, 'sync', 'pause', ...place, '--note', 'audit');
    expect(paused).toMatchObject({ code: 0, out: expect.stringMatching(/^crm\/Contact: Paused by .+: audit\./) });
    // `sync pause` is not `sync`: this one looks for changes, and says why it does not.
    expect(await gantry(env, 'sync', ...place)).toMatchObject({
      code: 1,
      err: expect.stringContaining('[object_state_conflict]'),
    });
    expect(await gantry(env, 'sync', 'resume', ...place)).toMatchObject({ code: 0 });
  });

  it('speaks MCP over stdio in a process of its own', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-stdio-'));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [bin, 'mcp'],
      env: { ...env, PATH: process.env['PATH'] ?? '', GANTRY_API_KEY: key, GANTRY_DATA_DIR: dataDir },
    });
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    try {
      await client.connect(transport);
      const result = await client.callTool({
        name: 'query_records',
        arguments: { object: 'account', measures: [{ count: '*', as: 'n' }] },
      });
      expect(result.structuredContent).toMatchObject({ rows: [[(crm.health.counts['Account'] ?? 0) + 1]] });
    } finally {
      await client.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('says what is wrong with its surroundings, and ends', async () => {
    const refused = async (says: RegExp, changed: Record<string, string>, ...words: string[]): Promise<void> => {
      const { code, err } = await gantry({ ...env, ...changed }, ...words);
      expect([code, err]).toEqual([1, expect.stringMatching(says)]);
    };
    const own = async (): Promise<string> => {
      const dir = await mkdtemp(join(tmpdir(), 'gantry-second-'));
      cleanUp.push(() => rm(dir, { recursive: true, force: true }));
      return dir;
    };
    const elsewhere = new URL(env['DATABASE_URL'] ?? '');
    elsewhere.pathname = '/nowhere';
    const nobody = 'postgres://u:geheim@127.0.0.1:9/x';
    const status = ['status', '--tenant', 'acme'];
    const sync = ['sync', '--tenant', 'acme', '--connection', 'crm', '--object', 'Accont'];
    await Promise.all([
      refused(/^GANTRY_PORT: .* is in use .*--port N/, { GANTRY_DATA_DIR: await own() }, 'serve'),
      refused(/There is no database nowhere/, { DATABASE_URL: elsewhere.href }, 'tenant', 'list'),
      refused(/\[store_address_invalid\]/, { DATABASE_URL: 'mysql://x' }, 'tenant', 'list'),
      refused(
        /No PostgreSQL answers at 127\.0\.0\.1:9\.(?!.*geheim)/,
        { DATABASE_URL: nobody, GANTRY_DATA_DIR: await own() },
        'tenant',
        'list',
      ),
    ]);
    await Promise.all([
      refused(/^GANTRY_OPERATOR_KEY: /, { GANTRY_OPERATOR_KEY: '' }, ...status),
      refused(/^GANTRY_OPERATOR_KEY: /, { GANTRY_OPERATOR_KEY: 'x' }, ...status),
      refused(/^GANTRY_API_KEY: /, { GANTRY_API_KEY: 'bad', GANTRY_DATA_DIR: await own() }, 'mcp'),
      refused(/did you mean Account\?/, {}, ...sync),
    ]);
    expect((await gantry(env, 'sync', '--help')).out).toContain('gantry sync --tenant SLUG');
  });

  it('stops cleanly when asked', async () => {
    expect(await server?.stop()).toBe(0);
    server = null;
  });
});

/** Pages of records asked for so far. */
async function pages(sandbox: TestSandbox): Promise<number> {
  const { byPath } = await sandbox.control<{ byPath: Record<string, number> }>('GET', 'calls');
  const counts = Object.entries(byPath).map(([path, count]) => (/\/query(All)?$/.test(path) ? count : 0));
  return counts.reduce((sum, count) => sum + count, 0);
}
