import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../examples/renewals/demo/agent.ts';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator } from '../../examples/renewals/stage/operator.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { freshDatabase } from '../support/stores.ts';
import { gantry, serve, type Env, type ServerProcess } from './server-process.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

interface Place {
  readonly url: string;
  readonly dataDir: string;
  readonly server: ServerProcess;
}

/** Several processes on one PostgreSQL, each with a data directory of its own, as on several machines. */
describe('processes that share the tenants', () => {
  let crm: TestSandbox;
  let shared: Env;
  let database: string;
  let key: string;
  const places: Place[] = [];
  const cleanUp: (() => Promise<unknown>)[] = [];

  async function start(role: 'api' | 'worker' | 'lens' | 'all', port?: number): Promise<Place> {
    const at = port ?? (await freePort());
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-place-'));
    cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
    const server = await serve({ ...shared, GANTRY_DATA_DIR: dataDir, GANTRY_PORT: String(at) }, '--role', role);
    const place = { url: `http://127.0.0.1:${String(at)}`, dataDir, server };
    places.push(place);
    return place;
  }

  async function deals(at: Place): Promise<unknown> {
    const agent = await connectAgent(at.url, key);
    try {
      const { content } = await agent.call('query_records', {
        object: 'deal',
        measures: [
          { count: '*', as: 'n' },
          { sum: 'amount', as: 'total' },
        ],
        group_by: ['stage'],
        sort: [{ field: 'stage' }],
      });
      return (content as { rows: unknown }).rows;
    } finally {
      await agent.close();
    }
  }

  const files = async ({ dataDir }: Place): Promise<number> => {
    const names = await readdir(join(dataDir, 'lens')).catch(() => []);
    return names.filter((name) => name.endsWith('.duckdb')).length;
  };

  async function holder(): Promise<string | undefined> {
    const client = new pg.Client(database);
    await client.connect();
    try {
      const { rows } = await client.query<{ url: string }>(
        'select n.url from lens_lease l join lens_node n on n.id = l.node',
      );
      return rows[0]?.url;
    } finally {
      await client.end();
    }
  }

  beforeAll(async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const [fresh, sandbox] = await Promise.all([
      freshDatabase(),
      startSandbox('salesforce', { scale: 2_000, redirectUris: [`${url}/oauth/callback`] }),
    ]);
    crm = sandbox;
    database = fresh.url;
    cleanUp.push(fresh.drop, () => crm.stop());
    const operatorKey = randomBytes(24).toString('base64url');
    shared = {
      DATABASE_URL: fresh.url,
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: operatorKey,
      GANTRY_LOG_LEVEL: 'silent',
      GANTRY_APP_CRM_CLIENT_ID: crm.app.clientId,
      GANTRY_APP_CRM_CLIENT_SECRET: crm.app.clientSecret,
      GANTRY_APP_CRM_LOGIN_URL: crm.url,
    };
    const commands = { ...shared, GANTRY_DATA_DIR: await mkdtemp(join(tmpdir(), 'gantry-commands-')) };
    expect((await gantry(commands, 'apply', example)).code).toBe(0);
    expect((await gantry(commands, 'tenant', 'create', 'acme')).code).toBe(0);
    key = (await gantry(commands, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot')).out.trim();
    const first = await start('all', port);
    const operator = createOperator({ url: first.url, operatorKey, tenant: 'acme' });
    await operator.connect('crm', crm);
    await operator.loaded(['crm']);
  });
  afterAll(async () => {
    for (const { server } of places) await server.kill();
    for (const clean of cleanUp.toReversed()) await clean();
  });

  it('answer alike, and one of them holds the file', async () => {
    const [first] = places;
    if (first === undefined) throw new Error('nothing runs');
    const second = await start('api');
    const answer = await deals(first);
    expect(answer).not.toEqual([]);
    expect(await deals(second)).toEqual(answer);
    expect(await holder()).toBe(first.url);
    expect([await files(first), await files(second)]).toEqual([1, 0]);
  });

  it('do what an operator asks of the file in the one that holds it, wherever he asks', async () => {
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error('two processes run');
    const answer = await deals(first);
    const ask = (verb: string) =>
      gantry({ ...shared, GANTRY_PUBLIC_URL: second.url }, 'lens', verb, '--tenant', 'acme', '--json');
    const status = await ask('status');
    expect(JSON.parse(status.out)).toMatchObject({ tenant: 'acme', loading: 0 });
    expect(JSON.parse((await ask('rebuild')).out)).toMatchObject({ tenant: 'acme', behind: 0 });
    expect((await ask('snapshot')).err).toContain('[lens_snapshots_off]');
    expect(await deals(second)).toEqual(answer);
    expect([await files(first), await files(second)]).toEqual([1, 0]);
  });

  it('take over from one that was killed', async () => {
    const [first, second] = places;
    if (first === undefined || second === undefined) throw new Error('two processes run');
    const answer = await deals(first);
    await first.server.kill();
    expect(await deals(second)).toEqual(answer);
    expect(await holder()).toBe(second.url);
    expect(await files(second)).toBe(1);
  });

  it('leave the files to processes of role lens, once there are any', async () => {
    const [, second] = places;
    if (second === undefined) throw new Error('two processes run');
    const answer = await deals(second);
    const lens = await start('lens');
    const third = await start('api');
    expect(await second.server.stop()).toBe(0);
    expect(await deals(third)).toEqual(answer);
    expect(await holder()).toBe(lens.url);
    expect([await files(lens), await files(third)]).toEqual([1, 0]);
    // It serves nobody but the other processes.
    expect((await fetch(`${lens.url}/v1/openapi.json`)).status).toBe(404);
    expect((await fetch(`${lens.url}/healthz`)).status).toBe(200);
    const stranger = await fetch(`${lens.url}/internal/lens`, {
      method: 'POST',
      headers: { authorization: 'Bearer guess', 'content-type': 'application/json' },
      body: JSON.stringify({ op: 'status', tenant: 1 }),
    });
    expect(stranger.status).toBe(404);
  });
});
