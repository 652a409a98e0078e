import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../../examples/renewals/stage/operator.ts';
import { startPostgres, type PostgresServer } from '../../test/support/postgres.ts';
import { build, type Built } from './build.ts';
import { gantryProcess, type Env, type GantryProcess } from './gantry-process.ts';
import type { CallLimit, Facts, NeverWritten, Standing } from '../checker/facts.ts';
import { createHooks, type HookPlace, type Hooks } from './hooks.ts';
import { startMailSink } from './mail-sink.ts';
import { createPeople, type People } from './people.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { environmentOf, odooValues, startSystem, systemPlans, type System } from './systems.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { createWriter, type Writer } from './writer.ts';

const run = promisify(execFile);

export interface CommandResult {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Real processes on one PostgreSQL, and the systems that they read. */
export interface Stage {
  readonly dir: string;
  readonly built: Built;
  readonly timeline: Timeline;
  readonly postgres: PostgresServer;
  readonly systems: readonly System[];
  /** Where events out go. */
  readonly receiver: Receiver;
  /** Of the app that customers approve in Salesforce: private, PEM. */
  readonly appKey: string;
  /** By which a provider tells of changes. */
  readonly hooks: Hooks;
  readonly api: GantryProcess;
  readonly lens: GantryProcess;
  readonly workers: readonly GantryProcess[];
  readonly processes: readonly GantryProcess[];
  readonly tenants: readonly string[];
  readonly env: Env;
  /** Of the agent that sees everything, by tenant. */
  readonly keys: Readonly<Record<string, string>>;
  readonly url: string;
  /** The agent that writes. */
  readonly writer: Writer;
  readonly people: People;
  operator(tenant: string): Operator;
  /** A call with the operator's key. Raises where nobody answers. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Response>;
  /** One command line; `extra` on top of the common variables. */
  command(words: readonly string[], extra?: Env): Promise<CommandResult>;
  /** As the database's owner, outside of everything: for what only time would do, such as the end of a dead worker's lease. */
  sql<Row extends pg.QueryResultRow>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Written for the checker, which is a program of its own. */
  readonly factsFile: string;
  /** What is told from now on, and what an account may be called: the checker judges by it. */
  readonly judged: {
    subscribed: Facts['subscribed'];
    readonly limits: CallLimit[];
    readonly never: NeverWritten[];
    readonly stands: Standing[];
  };
  writeFacts(): void;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly root: string;
  readonly dir: string;
  readonly seed: number;
  readonly scale: number;
  /** Which of the systems; all without it. */
  readonly integrations?: readonly string[];
  /** How many; default 2. */
  readonly workers?: number;
  readonly echo: (line: string) => void;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { root, dir, seed, scale, echo } = options;
  mkdirSync(dir, { recursive: true });
  const built = await build(root);
  const timeline = createTimeline(join(dir, 'timeline.jsonl'), echo);
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const redirectUri = `${url}/oauth/callback`;
  const { publicKey, privateKey: appKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = join(dir, 'app.pem');
  writeFileSync(certificate, publicKey);
  const [postgres, ...systems] = await Promise.all([
    startPostgres(),
    ...systemPlans
      .filter(({ integration }) => options.integrations?.includes(integration) ?? true)
      .map((plan) => startSystem(plan, { proxy: built.proxy, seed, scale, redirectUri, certificate })),
  ]);
  const receiver = await startReceiver(join(dir, 'arrivals.jsonl'));
  const mailSink = await startMailSink();
  let hookPlace: HookPlace | null = null;
  const hooks = createHooks(join(dir, 'acks.jsonl'), () => hookPlace);
  const operatorKey = randomBytes(24).toString('base64url');
  const env: Env = {
    DATABASE_URL: postgres.url,
    GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_PUBLIC_URL: url,
    GANTRY_LOG_LEVEL: 'debug',
    GANTRY_EVENTS_TO_LOOPBACK: '1',
    GANTRY_ALERT_DESK_URL: receiver.beside('alerts'),
    GANTRY_ALERT_DESK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    GANTRY_SMTP_URL: mailSink.url,
    GANTRY_SMTP_FROM: 'gantry@gantry.example',
    ...Object.assign({}, ...systems.map(environmentOf)),
  };
  const common = { program: built.gantry, dir, env, timeline };
  const api = gantryProcess({ ...common, name: 'api', role: 'api', port });
  const lens = gantryProcess({ ...common, name: 'lens', role: 'lens', port: await freePort() });
  const workers: GantryProcess[] = [];
  for (let at = 1; at <= (options.workers ?? 2); at += 1) {
    workers.push(gantryProcess({ ...common, name: `worker-${String(at)}`, role: 'worker', port: await freePort() }));
  }
  const processes = [api, lens, ...workers];
  const command: Stage['command'] = async (words, extra = {}) => {
    const vars = {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...env,
      GANTRY_DATA_DIR: join(dir, 'commands'),
      ...extra,
    };
    try {
      const { stdout, stderr } = await run(process.execPath, [built.gantry, ...words], {
        env: vars,
        cwd: dir,
      });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const failed = error as { code?: unknown; stdout?: string; stderr?: string };
      return {
        code: typeof failed.code === 'number' ? failed.code : null,
        out: failed.stdout ?? '',
        err: failed.stderr ?? '',
      };
    }
  };
  const must = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await command(words);
    if (code !== 0) throw new Error(`gantry ${words.join(' ')} ended with ${String(code)}: ${err}`);
    return out.trim();
  };
  const operators = new Map<string, Operator>();
  const operator = (tenant: string): Operator => {
    const known = operators.get(tenant) ?? createOperator({ url, operatorKey, tenant });
    operators.set(tenant, known);
    return known;
  };
  const tenants = [...new Set(systems.map(({ tenant }) => tenant))];
  const keys: Record<string, string> = {};
  const writerKeys: Record<string, string> = {};
  const people = createPeople(url, operatorKey);
  const writer = createWriter({ url, keys: writerKeys, file: join(dir, 'accepted.jsonl') });
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  // The server goes away now and then; what waits there is opened anew.
  pool.on('error', () => undefined);
  const factsFile = join(dir, 'facts.json');
  const stage: Stage = {
    dir,
    built,
    timeline,
    postgres,
    systems,
    receiver,
    appKey,
    hooks,
    api,
    lens,
    workers,
    processes,
    tenants,
    env,
    keys,
    url,
    writer,
    people,
    operator,
    ask: (method, path, body) =>
      fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    command,
    sql: async (text, params = []) => (await pool.query(text, [...params])).rows as never,
    factsFile,
    judged: { subscribed: null, limits: [], never: [], stands: [] },
    writeFacts: () => {
      const facts = systems.map(({ tenant, integration, provider, sandbox, proxy }) => ({
        tenant,
        integration,
        provider,
        sandbox: { url: sandbox.url, health: sandbox.health, redirectUri: sandbox.redirectUri, app: sandbox.app },
        proxyControl: proxy.control,
      }));
      const logs = processes.map(({ name, logFile }) => ({ name, file: logFile }));
      writeFileSync(
        factsFile,
        JSON.stringify({
          databaseUrl: postgres.url,
          url,
          operatorKey,
          keys,
          systems: facts,
          logs,
          timeline: timeline.file,
          // A line of it that no other key has.
          secrets: [appKey.split('\n')[4] ?? appKey, ...Object.values(writerKeys), ...people.keys],
          arrivals: receiver.file,
          acks: hooks.file,
          accepted: writer.file,
          ...stage.judged,
        }),
      );
    },
    // Who is asked to end may be closing already.
    close: () => (closing ??= close()),
  };
  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    await Promise.all(processes.map((each) => each.kill()));
    await Promise.all(
      systems.map(async ({ sandbox, proxy }) => {
        proxy.stop();
        await sandbox.stop();
      }),
    );
    await receiver.close();
    await mailSink.close();
    await pool.end();
    await postgres.stop();
  }
  try {
    await must('apply', join(root, 'torture/project'));
    for (const tenant of tenants) {
      await must('tenant', 'create', tenant);
      keys[tenant] = await must('key', 'create', '--tenant', tenant, '--agent', 'checker');
      writerKeys[tenant] = await must('key', 'create', '--tenant', tenant, '--agent', 'writer');
    }
    await Promise.all([api.start(), lens.start()]);
    for (const system of systems) await connectSystem(stage, system);
    hookPlace = await makeHook(stage);
    stage.writeFacts();
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

export async function connectSystem(stage: Stage, system: System): Promise<void> {
  const operator = stage.operator(system.tenant);
  if (system.provider === 'odoo') await operator.connectByKey(system.integration, odooValues(system));
  // People sign in at the line in front, too: its address is the one that Gantry was told.
  else await operator.connect(system.integration, { ...system.sandbox, url: system.proxy.url });
  stage.timeline.note(system.integration, `${system.tenant} signed in`);
}

/** Odoo is told of by hand: as an automation rule would that somebody made there. */
async function makeHook(stage: Stage): Promise<HookPlace | null> {
  const erp = stage.systems.find(({ provider }) => provider === 'odoo');
  if (erp === undefined) return null;
  const { tenant, integration: connection } = erp;
  const answer = await stage.ask('POST', `/v1/connections/${connection}/webhook`, { tenant });
  if (!answer.ok) throw new Error(`no webhook address: ${await answer.text()}`);
  return { tenant, connection, ...((await answer.json()) as { url: string; secret: string }) };
}

/** All that happens to one object, from now on; what it has is known when it has been read once. */
export const SUBSCRIBED = { tenant: 'acme', object: 'crm.Contact' } as const;

export async function subscribe(stage: Stage): Promise<void> {
  if (!stage.systems.some(({ integration }) => SUBSCRIBED.object.startsWith(`${integration}.`))) return;
  const body = { ...SUBSCRIBED, agent: 'checker', url: stage.receiver.url };
  const answer = await stage.ask('POST', '/v1/subscriptions', body);
  if (!answer.ok) throw new Error(`no subscription: ${await answer.text()}`);
  const [head] = await stage.sql<{ seq: string }>(
    'select h.seq from change_head h join tenant t on t.id = h.tenant where t.slug = $1',
    [SUBSCRIBED.tenant],
  );
  stage.judged.subscribed = { ...SUBSCRIBED, afterSequence: Number(head?.seq ?? 0) };
}
