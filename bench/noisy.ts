import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminOf, startSandbox, type RunningSandboxProcess } from '../sandbox/client/index.ts';
import { createAgentKey, createTenant, openFilesHere, openGantry, type Gantry } from '../src/app/index.ts';
import { systemRandom, type TenantId } from '../src/kernel/index.ts';
import type { ProjectFiles } from '../src/manifest/index.ts';
import { listStreams } from '../src/store/index.ts';
import { figure, percentile, type Figure } from './figure.ts';
import { hangingProxy, type HangingProxy, type ProxyMood } from './hanging-proxy.ts';
import { asking } from './wide.ts';

const OBJECTS = ['res.partner', 'res.users', 'sale.order'];
/** Between two looks of a customer at its systems. */
const PAUSE_MS = 200;

/**
 * Customers whose systems answer, beside one whose system takes calls and never
 * answers, breaks, or limits all calls: what the others notice of it, in their
 * syncs and in their reads.
 */
export async function* noisyBench(neighbours: number, seconds: number): AsyncIterable<Figure> {
  const stage = await openStage(neighbours);
  try {
    const calm: Samples = { lag: [], read: [] };
    await observe(stage, 2, { lag: [], read: [] });
    const noisy = new Map<ProxyMood, Samples>();
    // In turns, so that what else the machine does falls on all alike.
    for (const mood of ['hangs', 'breaks', 'limits'] as const) {
      const samples: Samples = { lag: [], read: [] };
      noisy.set(mood, samples);
      await observe(stage, seconds / 6, calm);
      stage.proxy.be(mood);
      await observe(stage, seconds / 3, samples);
      stage.proxy.be('well');
      await observe(stage, seconds / 6, calm);
    }
    for (const [mood, { lag, read }] of noisy) {
      yield p95(`sync of the others while one provider ${mood}, against none`, lag, calm.lag);
      yield p95(`reads of the others while one provider ${mood}, against none`, read, calm.read);
    }
  } finally {
    await stage.close();
  }
}

function p95(what: string, samples: readonly number[], floor: readonly number[]): Figure {
  const of = (all: readonly number[]): number[] => [percentile(all, 0.95)];
  const name = `p95, ${what} (${String(samples.length)} samples)`;
  return figure({ bench: 'noisy', case: name, unit: 'ms', samples: of(samples), floor: of(floor) });
}

interface Samples {
  readonly lag: number[];
  readonly read: number[];
}

interface NewCustomer {
  readonly id: TenantId;
  readonly slug: string;
  readonly integration: string;
  readonly key: string;
}

interface Customer extends NewCustomer {
  readonly ask: Awaited<ReturnType<typeof asking>>;
}

interface Stage {
  readonly gantry: Gantry;
  readonly proxy: HangingProxy;
  readonly others: readonly Customer[];
  readonly close: () => Promise<void>;
}

async function observe({ gantry, others }: Stage, seconds: number, into: Samples): Promise<void> {
  const endsMs = performance.now() + seconds * 1_000;
  const one = async (customer: Customer): Promise<void> => {
    while (performance.now() < endsMs) {
      into.lag.push(await syncOnce(gantry, customer));
      const from = performance.now();
      await customer.ask('query_records', { object: 'account', fields: ['name'], limit: 25 });
      into.read.push(performance.now() - from);
      await pause(PAUSE_MS);
    }
  };
  await Promise.all(others.map(one));
}

/** From asking for a sync to the end of the run that it led to. */
async function syncOnce(gantry: Gantry, { id, slug, integration }: Customer): Promise<number> {
  const lastRun = async (): Promise<number> => {
    const streams = await gantry.db.tenantRead(id, (tx) => listStreams(tx, id));
    return streams.find(({ object }) => object === 'res.partner')?.lastRunAt?.getTime() ?? 0;
  };
  const before = await lastRun();
  const from = performance.now();
  await gantry.connections.syncNow(
    { name: 'bench' },
    { tenant: slug, connection: integration, objects: ['res.partner'] },
  );
  while ((await lastRun()) === before) await pause(5);
  return performance.now() - from;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

const integrationOf = (at: number): string => `erp${String(at)}`;

async function openStage(neighbours: number): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const all = Array.from({ length: neighbours + 1 }, (_, at) => at);
  const sandboxes = await Promise.all(all.map((seed) => startSandbox('odoo', { company: 'globex', seed: seed + 1 })));
  const proxy = await hangingProxy(sandboxes[0]?.url ?? '');
  const urls = sandboxes.map(({ url }, at) => (at === 0 ? proxy.url : url));
  const gantry = await openGantry({
    config: {
      dataDir,
      databaseUrl: process.env['DATABASE_URL'] ?? null,
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1:7070',
      allowedHosts: [],
      peerUrl: null,
      lensSnapshots: null,
      lensOpenMax: openFilesHere(),
      masterKey: systemRandom.bytes(32),
      otherMasterKeys: [],
      connectReturnOrigins: [],
      outboundProxy: null,
      operatorKey: null,
      oauthApps: new Map(),
      loginUrls: new Map(urls.map((url, at) => [integrationOf(at), url])),
      logLevel: 'silent',
    },
    emit: () => undefined,
  });
  const close = async (): Promise<void> => {
    proxy.be('well');
    await gantry.close();
    await proxy.stop();
    for (const sandbox of sandboxes) await sandbox.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await gantry.revisions.apply({ files: projectFiles(all), author: 'bench', message: 'bench' });
    gantry.startWorker();
    const customers: NewCustomer[] = [];
    for (const at of all) customers.push(await connected(gantry, at, sandboxes[at], urls[at] ?? ''));
    for (const { id } of customers) await loaded(gantry, id);
    const others: Customer[] = [];
    // An agent sees what there was when it came.
    for (const customer of customers.slice(1)) others.push({ ...customer, ask: await asking(gantry, customer.key) });
    return { gantry, proxy, others, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connected(
  gantry: Gantry,
  at: number,
  sandbox: RunningSandboxProcess | undefined,
  url: string,
): Promise<NewCustomer> {
  if (sandbox === undefined) throw new Error('no sandbox');
  const slug = `customer-${String(at)}`;
  const id = await createTenant(gantry.db, slug);
  const { username: login, apiKey = '' } = adminOf(sandbox);
  const database = sandbox.health.details['database'] ?? '';
  await gantry.connections.signIn(
    { name: 'bench' },
    {
      tenant: slug,
      integration: integrationOf(at),
      method: 'api_key',
      values: { url, database, login, api_key: apiKey },
    },
  );
  const request = { tenant: slug, agent: 'reader', label: 'bench', expiresInDays: null };
  const { db, revisions } = gantry;
  const key = await createAgentKey({ db, revisions, random: systemRandom }, request);
  return { id, slug, integration: integrationOf(at), key };
}

async function loaded({ db }: Gantry, id: TenantId): Promise<void> {
  for (;;) {
    const streams = await db.tenantRead(id, (tx) => listStreams(tx, id));
    if (streams.length >= OBJECTS.length && streams.every(({ phase }) => phase === 'current')) return;
    await pause(100);
  }
}

function projectFiles(all: readonly number[]): ProjectFiles {
  const objects = OBJECTS.map((name) =>
    name === 'res.partner'
      ? `  ${name}: { model: account, sync: { every: 10s }, fields: { name: name } }\n`
      : `  ${name}: { sync: { every: 10s } }\n`,
  ).join('');
  return new Map([
    [
      'gantry.yaml',
      "gantry: 1\nproject: noisy\nagents:\n  reader:\n    grant: { tools: [query_records], objects: { account: '*' } }\n",
    ],
    ['models/account.yaml', 'model: account\nlabel: name\nfields:\n  name: string\n'],
    ...all.map((at): [string, string] => [
      `integrations/${integrationOf(at)}.yaml`,
      `integration: ${integrationOf(at)}\nconnector: odoo\ntrust: record\nobjects:\n${objects}`,
    ]),
  ]);
}
