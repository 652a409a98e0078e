import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../../examples/renewals/stage/operator.ts';
import { createAgentKey, createTenant, openGantry, readConfig, type Gantry } from '../../src/app/index.ts';
import { systemRandom } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { gantry, serve, type Env, type ServerProcess } from '../e2e/server-process.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));

/** One customer with a Salesforce, and an agent that sees the accounts whose names begin with "Seen". */
export interface EventProcesses {
  readonly crm: TestSandbox;
  readonly url: string;
  readonly operator: Operator;
  /** Of agent `watcher`. */
  readonly key: string;
  /** `gantry serve` with doors. */
  serve(more: Env, ...words: string[]): Promise<ServerProcess>;
  /** `gantry serve --role worker`; how it ended, once it did. */
  work(more?: Env): { readonly ended: Promise<string | null> };
  /** A command that has to succeed; what it printed. */
  command(...words: string[]): Promise<string>;
  /** The installation in this process, while no other has its embedded database. */
  inside<Result>(work: (gantry: Gantry) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const files: Readonly<Record<string, string>> = {
  'gantry.yaml': `gantry: 1
project: events
title: Events

agents:
  watcher:
    title: Watcher
    owner: events@gantry.example
    grant:
      tools: [query_records]
      objects:
        crm.Account:
          fields: [Id, Name, Phone]
          where: { Name: { starts_with: Seen } }
`,
  'integrations/crm.yaml': `integration: crm
title: Salesforce
connector: salesforce
trust: record
mode: read_only
on_call: events@gantry.example

objects:
  Account:
    sync: { every: 1d }
`,
};

/** `databaseUrl` null: the embedded database. */
export async function openEventProcesses(databaseUrl: string | null): Promise<EventProcesses> {
  const root = await mkdtemp(join(tmpdir(), 'gantry-events-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const crm = await startSandbox('salesforce', { scale: 2_000, redirectUris: [`${url}/oauth/callback`] });
  const operatorKey = randomBytes(24).toString('base64url');
  const env: Env = {
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    GANTRY_DATA_DIR: join(root, 'data'),
    GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_PORT: String(port),
    GANTRY_LOG_LEVEL: 'silent',
    GANTRY_EVENTS_TO_LOOPBACK: '1',
    GANTRY_APP_CRM_CLIENT_ID: crm.app.clientId,
    GANTRY_APP_CRM_CLIENT_SECRET: crm.app.clientSecret,
    GANTRY_APP_CRM_LOGIN_URL: crm.url,
  };
  const ends: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true }), () => crm.stop()];
  const inside: EventProcesses['inside'] = async (work) => {
    const opened = await openGantry({ config: await readConfig(env, systemRandom), emit: () => undefined });
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  };
  const project = join(root, 'project');
  await mkdir(join(project, 'integrations'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const key = await inside(async ({ db, revisions }) => {
    await revisions.apply({ files: await readProject(project), author: 't', message: 't' });
    await createTenant(db, 'acme');
    const wish = { tenant: 'acme', agent: 'watcher', label: 't', expiresInDays: null };
    return createAgentKey({ db, revisions, random: systemRandom }, wish);
  });
  return {
    crm,
    url,
    key,
    operator: createOperator({ url, operatorKey, tenant: 'acme' }),
    inside,
    serve: async (more, ...words) => {
      const server = await serve({ ...env, ...more }, ...words);
      ends.push(() => server.kill());
      return server;
    },
    work: (more = {}) => {
      const child = spawn(process.execPath, [bin, 'serve', '--role', 'worker'], {
        env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env, ...more },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const ended = new Promise<string | null>((resolve) => {
        child.once('exit', (_code, signal) => resolve(signal));
      });
      ends.push(async () => {
        child.kill('SIGKILL');
        await ended;
      });
      return { ended };
    },
    command: async (...words) => {
      const { code, out, err } = await gantry(env, ...words);
      if (code !== 0) throw new Error(`gantry ${words.join(' ')} ended with ${String(code)}: ${err}`);
      return out;
    },
    close: async () => {
      for (const end of ends.toReversed()) await end();
    },
  };
}
