import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator } from '../../examples/renewals/stage/operator.ts';
import { tcpLine, type TcpLine } from '../connectors/salesforce-pubsub-line.ts';
import { gantry, serve, type Env, type ServerProcess } from '../e2e/server-process.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { freshDatabase } from '../support/stores.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** Accounts are read once a day and told of at once: what arrives within seconds came over the line. */
describe('a change in Salesforce, told over the Pub/Sub API, in real processes', () => {
  let crm: TestSandbox;
  let tcp: TcpLine;
  let env: Env;
  let url: string;
  let operatorKey: string;
  let agent: Agent;
  let server: ServerProcess | null = null;
  const cleanUp: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const project = await mkdtemp(join(tmpdir(), 'gantry-live-'));
    cleanUp.push(() => rm(project, { recursive: true, force: true }));
    await cp(example, project, { recursive: true });
    const file = join(project, 'integrations/crm.yaml');
    const whole = await readFile(file, 'utf8');
    await writeFile(
      file,
      whole.replace('sync: { backfill: all, every: 5m }', 'sync: { backfill: all, every: 1d, live: stream }'),
    );
    const port = await freePort();
    url = `http://127.0.0.1:${String(port)}`;
    const [database, dataDir, sandbox] = await Promise.all([
      freshDatabase(),
      mkdtemp(join(tmpdir(), 'gantry-live-data-')),
      startSandbox('salesforce', { scale: 2_000, redirectUris: [`${url}/oauth/callback`] }),
    ]);
    crm = sandbox;
    tcp = await tcpLine(crm.health.details['pubsub'] ?? '');
    cleanUp.push(database.drop, () => rm(dataDir, { recursive: true, force: true }), crm.stop, tcp.stop);
    operatorKey = randomBytes(24).toString('base64url');
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
      GANTRY_APP_CRM_EVENTS_URL: tcp.endpoint,
    };
    expect(await gantry(env, 'apply', project)).toMatchObject({ code: 0 });
    await gantry(env, 'tenant', 'create', 'acme');
    const key = (await gantry(env, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot')).out.trim();
    server = await serve(env);
    const operator = createOperator({ url, operatorKey, tenant: 'acme' });
    await crm.control('POST', 'pubsub', { keepaliveMs: 200 });
    await operator.connect('crm', crm);
    await operator.loaded(['crm']);
    agent = await connectAgent(url, key);
    cleanUp.push(() => agent.close());
  }, 300_000);
  afterAll(async () => {
    await server?.stop();
    for (const clean of cleanUp.toReversed()) await clean();
  });

  const lineOpen = (): Promise<void> =>
    expect
      .poll(async () => (await crm.control<{ open: number }>('POST', 'pubsub', {})).open, { timeout: 120_000 })
      .toBe(1);
  const nameOf = async (id: string): Promise<unknown> => {
    const filter = { field: 'Id', op: 'eq', value: id };
    const { failed, content } = await agent.call('query_records', { object: 'crm.Account', fields: ['Name'], filter });
    if (failed) throw new Error(JSON.stringify(content));
    return (content as { rows?: unknown[][] }).rows?.[0]?.[0] ?? null;
  };
  const seen = (id: string, name: string | null): Promise<void> =>
    expect.poll(() => nameOf(id), { timeout: 120_000, interval: 100 }).toBe(name);
  const create = async (name: string): Promise<string> =>
    (await crm.mutate({ op: 'create', object: 'Account', fields: { Name: name } })).id;

  it('has no address for a webhook, which Salesforce would never call', async () => {
    const response = await fetch(`${url}/v1/connections/crm/webhook`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      body: '{"tenant":"acme"}',
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'webhook_unsupported',
      where: 'crm',
      fix: expect.stringContaining('live: stream'),
    });
  });

  it('is in the answer, deletion included', async () => {
    await lineOpen();
    const id = await create('Live GmbH');
    await seen(id, 'Live GmbH');
    await crm.mutate({ op: 'update', object: 'Account', id, fields: { Name: 'Live AG' } });
    await seen(id, 'Live AG');
    await crm.mutate({ op: 'delete', object: 'Account', id });
    await seen(id, null);
  }, 300_000);

  it('arrives after the line was reset, and the gap that Salesforce tells of is healed by reading (H3, S12)', async () => {
    tcp.reset();
    const id = await create('Nach dem Riss GmbH');
    await seen(id, 'Nach dem Riss GmbH');
    await crm.control('POST', 'pubsub', { select: [] });
    const lost = await create('Verloren GmbH');
    await crm.control('POST', 'pubsub', { select: null });
    await crm.control('POST', 'pubsub', { overflow: 'Account' });
    await seen(lost, 'Verloren GmbH');
  }, 300_000);

  it('is not lost when the worker dies between hearing it and keeping it (H4, S1)', async () => {
    await server?.stop();
    const dying = await serve({
      ...env,
      GANTRY_REHEARSAL: '1',
      GANTRY_CRASH_AT: 'inbox.keep_batch.before_commit:3',
    });
    const dead = new Promise<string | null>((resolve) => {
      dying.child.once('exit', (_code, signal) => resolve(signal));
    });
    const id = await create('Überlebt GmbH');
    expect(await dead).toBe('SIGKILL');
    server = await serve(env);
    await seen(id, 'Überlebt GmbH');
  }, 300_000);
});
