import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../../examples/renewals/stage/operator.ts';
import { adminOf, startSandbox, type RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { gantry, serve, type Env, type ServerProcess } from '../e2e/server-process.ts';

export interface LiveStageOptions {
  readonly provider: 'zendesk' | 'odoo' | 'google_calendar';
  readonly objects: readonly string[];
  /** How often the objects are read without being told. */
  readonly every: string;
  /** Whether the provider shall be asked to tell. */
  readonly live: boolean;
  readonly scale: number;
  readonly databaseUrl: string;
}

/** `gantry serve` as two processes on PostgreSQL, the commands that set it up, and a system that is connected. */
export interface LiveStage {
  readonly url: string;
  readonly env: Env;
  readonly sandbox: RunningSandboxProcess;
  readonly operator: Operator;
  readonly worker: ServerProcess;
  /** A further process with the worker role. */
  work(): ServerProcess;
  /** A call with the operator's key. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>>;
  /** The rows of an answer, as an agent gets it over HTTP. */
  rows(query: object): Promise<readonly (readonly unknown[])[]>;
  /** As the database's owner. */
  sql<Row extends pg.QueryResultRow>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Other files of the project from now on. */
  apply(options: Partial<Pick<LiveStageOptions, 'objects' | 'every' | 'live'>>): Promise<void>;
  close(): Promise<void>;
}

export const tenant = 'acme';
export const integration = 'desk';

export async function openLiveStage(options: LiveStageOptions): Promise<LiveStage> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-hooks-'));
  const apiPort = await freePort();
  const url = `http://127.0.0.1:${String(apiPort)}`;
  const { provider, scale, databaseUrl } = options;
  const company = provider === 'odoo' ? { company: 'globex' as const } : {};
  const sandbox = await startSandbox(provider, { scale, redirectUris: [`${url}/oauth/callback`], ...company });
  const operatorKey = randomBytes(24).toString('base64url');
  const env: Env = {
    DATABASE_URL: databaseUrl,
    GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_PUBLIC_URL: url,
    GANTRY_DATA_DIR: join(dir, 'commands'),
    GANTRY_LOG_LEVEL: process.env['GANTRY_LOG_LEVEL'] ?? 'silent',
    GANTRY_APP_DESK_LOGIN_URL: sandbox.url,
    ...(sandbox.health.oauth === null
      ? {}
      : { GANTRY_APP_DESK_CLIENT_ID: sandbox.app.clientId, GANTRY_APP_DESK_CLIENT_SECRET: sandbox.app.clientSecret }),
  };
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  // A test may take the server away for a while: what waits in the pool is opened anew.
  database.on('error', () => undefined);
  const servers: ServerProcess[] = [];
  const close = async (): Promise<void> => {
    for (const server of servers) await server.stop();
    await database.end().catch(() => undefined);
    await sandbox.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const apply: LiveStage['apply'] = async (changes) => {
    await writeProject(join(dir, 'project'), { ...options, ...changes });
    await ran(env, 'apply', join(dir, 'project'), '--message', 'live');
  };
  try {
    await apply({});
    await ran(env, 'tenant', 'create', tenant);
    const key = (await ran(env, 'key', 'create', '--tenant', tenant, '--agent', 'reader')).trim();
    const api = await serve(
      { ...env, GANTRY_DATA_DIR: join(dir, 'api'), GANTRY_PORT: String(apiPort) },
      '--role',
      'api',
    );
    servers.push(api);
    const work = (): ServerProcess => {
      const worker = startWorker({ ...env, GANTRY_DATA_DIR: join(dir, 'worker') });
      servers.push(worker);
      return worker;
    };
    const worker = work();
    const operator = createOperator({ url, operatorKey, tenant });
    await connect(operator, sandbox);
    await operator.loaded([integration]);
    const call = (bearer: string) => async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`${url}${path}`, { method, headers, ...sent });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${String(response.status)}: ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    };
    const asAgent = call(key);
    return {
      url,
      env,
      sandbox,
      operator,
      worker,
      work,
      ask: call(operatorKey),
      rows: async (query) => (await asAgent('POST', '/v1/tools/query_records', query))['rows'] as unknown[][],
      sql: async <Row extends pg.QueryResultRow>(text: string, params: readonly unknown[] = []) =>
        (await database.query<Row>(text, [...params])).rows,
      apply,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));

/** It listens nowhere and says nothing: what it does shows in the database. */
function startWorker(env: Env): ServerProcess {
  const child = spawn(process.execPath, [bin, 'serve', '--role', 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  const end = (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { child, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

async function connect(operator: Operator, sandbox: RunningSandboxProcess): Promise<void> {
  if (sandbox.health.oauth !== null) return operator.connect(integration, sandbox);
  const admin = adminOf(sandbox);
  await operator.connectByKey(integration, {
    url: sandbox.url,
    database: sandbox.health.details['database'] ?? '',
    login: admin.username,
    api_key: admin.apiKey ?? '',
  });
}

async function ran(env: Env, ...words: string[]): Promise<string> {
  const { code, out, err } = await gantry(env, ...words);
  if (code !== 0) throw new Error(`gantry ${words.join(' ')} ended with ${String(code)}: ${out}${err}`);
  return out;
}

async function writeProject(dir: string, { provider, objects, every, live }: LiveStageOptions): Promise<void> {
  await mkdir(join(dir, 'integrations'), { recursive: true });
  await writeFile(
    join(dir, 'gantry.yaml'),
    `gantry: 1
project: live
title: Live
agents:
  reader:
    grant:
      tools: [query_records, get_record, list_connections]
      objects: { ${integration}.*: '*' }
`,
  );
  const sync = `{ every: ${every}${live ? ', live: webhook' : ''} }`;
  await writeFile(
    join(dir, `integrations/${integration}.yaml`),
    `integration: ${integration}
connector: ${provider}
trust: record
objects:
${objects.map((object) => `  ${object}:\n    sync: ${sync}\n`).join('')}`,
  );
}
