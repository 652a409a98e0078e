import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { freePort } from '../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../examples/renewals/stage/operator.ts';
import { adminOf, startSandbox, type RunningSandboxProcess } from '../sandbox/client/index.ts';
import { gantry } from '../test/e2e/server-process.ts';
import { manglingProxy, type ManglingProxy } from '../test/hostile/mangling-proxy.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { figure, type Figure } from './figure.ts';
import { startRole, type RoleProcess } from './role-process.ts';

const project = fileURLToPath(new URL('../torture/project', import.meta.url));
const TENANT = 'acme';
/** How often peaks are taken while something goes on. */
const LOOK_MS = 1_000;

/**
 * The memory of each role's real processes on PostgreSQL: through a first load
 * from a CRM and a help desk, and through answers of a gigabyte, plain and
 * packed.
 */
export async function* memoryBench(records: number): AsyncIterable<Figure> {
  const stage = await openStage(records);
  const { operator, crm, support, erp, flood } = stage;
  const peak = (what: string, name: string, mb: number): Figure =>
    figure({ bench: 'memory', case: `${name}, ${what}`, unit: 'MB', samples: [mb] });
  try {
    yield* report(peak, 'after start', await stage.peaks());
    const started = performance.now();
    const load = async (): Promise<void> => {
      await operator.connect('crm', crm);
      await operator.connect('support', support);
      await operator.loaded(['crm', 'support']);
    };
    const peaks = await watch(stage, load());
    const loaded = await recordsIn(operator);
    const seconds = (performance.now() - started) / 1_000;
    yield* report(peak, `first load of ${String(loaded)} records`, peaks);
    yield figure({ bench: 'memory', case: 'first load', unit: 'records/s', samples: [loaded / seconds] });

    await operator.connectByKey('erp', await keyOf(erp, flood.proxy.url));
    await operator.loaded(['erp']);
    for (const [what, how] of [
      ['answers of 1 GB', plainFlood],
      ['answers of 1 GB, packed', packedFlood],
    ] as const) {
      let sent = 0;
      flood.proxy.mangle(
        () => true,
        (_, response) => how(response, (bytes) => (sent += bytes)),
      );
      const before = flood.proxy.calls.length;
      const under = watch(stage, untilCalled(operator, flood, before + 4));
      yield* report(peak, what, await under);
      const calls = flood.proxy.calls.length - before;
      yield figure({ bench: 'memory', case: `taken of each, ${what}`, unit: 'MB', samples: [sent / 1e6 / calls] });
      flood.proxy.heal();
    }
  } finally {
    await stage.close();
  }
}

function* report(
  peak: (what: string, name: string, mb: number) => Figure,
  what: string,
  peaks: ReadonlyMap<string, number>,
): Iterable<Figure> {
  for (const [name, mb] of peaks) yield peak(what, name, mb);
}

/** The highest peaks of all processes until the work is done. */
async function watch({ peaks }: Pick<MemoryStage, 'peaks'>, work: Promise<unknown>): Promise<Map<string, number>> {
  let done = false;
  const all = new Map<string, number>();
  const ended = work.finally(() => (done = true));
  while (!done) {
    await Promise.race([ended, pause(LOOK_MS)]);
    for (const [name, mb] of await peaks()) all.set(name, Math.max(mb, all.get(name) ?? 0));
  }
  await ended;
  return all;
}

async function recordsIn(operator: Operator): Promise<number> {
  return (await operator.progress()).reduce((sum, { records }) => sum + records, 0);
}

async function untilCalled(operator: Operator, { proxy }: Flood, calls: number): Promise<void> {
  while (proxy.calls.length < calls) {
    await operator.sync('erp', ['res.partner', 'crm.lead']).catch(() => undefined);
    await pause(LOOK_MS);
  }
}

const GIGABYTE = 1_000_000_000;
const CHUNK = Buffer.from(`"${'x'.repeat(65_533)}",`);

/** JSON without an end in sight, as fast as it is taken. */
function* longList(onSent: (bytes: number) => void): Iterable<Buffer> {
  yield Buffer.from('{"result":[');
  for (let sent = 0; sent < GIGABYTE; sent += CHUNK.length) {
    onSent(CHUNK.length);
    yield CHUNK;
  }
  yield Buffer.from('""]}');
}

function plainFlood(response: ServerResponse, onSent: (bytes: number) => void): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  Readable.from(longList(onSent))
    .on('error', () => undefined)
    .pipe(response);
}

/** A megabyte on the line. */
function packedFlood(response: ServerResponse, onSent: (bytes: number) => void): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  const packed = createGzip();
  packed.on('error', () => undefined).pipe(response);
  Readable.from(longList(onSent))
    .on('error', () => undefined)
    .pipe(packed);
}

interface Flood {
  readonly proxy: ManglingProxy;
}

interface MemoryStage {
  readonly operator: Operator;
  readonly crm: RunningSandboxProcess;
  readonly support: RunningSandboxProcess;
  readonly erp: RunningSandboxProcess;
  readonly flood: Flood;
  peaks(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

async function openStage(scale: number): Promise<MemoryStage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const redirectUris = [`${url}/oauth/callback`];
    const given = process.env['DATABASE_URL'];
    const server = given === undefined ? await startPostgres() : { url: given, stop: async () => undefined };
    closers.push(server.stop);
    const [crm, support, erp] = await Promise.all([
      startSandbox('salesforce', { seed: 1, scale, redirectUris }),
      startSandbox('zendesk', { seed: 1, scale, redirectUris }),
      startSandbox('odoo', { seed: 1, company: 'globex', redirectUris }),
    ]);
    closers.push(crm.stop, support.stop, erp.stop);
    await support.control('POST', 'limits', { perMinute: 1_000_000, incrementalPerMinute: 1_000_000 });
    const proxy = await manglingProxy(erp.url);
    closers.push(proxy.stop);
    const operatorKey = randomBytes(24).toString('base64url');
    const env = {
      DATABASE_URL: server.url,
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: operatorKey,
      GANTRY_PUBLIC_URL: url,
      GANTRY_LOG_LEVEL: 'error',
      ...appOf('CRM', crm),
      ...appOf('SUPPORT', support),
      GANTRY_APP_ERP_LOGIN_URL: proxy.url,
    };
    for (const words of [
      ['apply', project, '--message', 'bench'],
      ['tenant', 'create', TENANT],
    ]) {
      const { code, err } = await gantry(env, ...words);
      if (code !== 0) throw new Error(`gantry ${words.join(' ')}: ${err}`);
    }
    const roles: RoleProcess[] = [];
    for (const role of ['api', 'worker', 'lens'] as const) {
      roles.push(await startRole(role, role === 'api' ? { ...env, GANTRY_PORT: String(port) } : env));
    }
    closers.push(() => Promise.all(roles.map((role) => role.stop())));
    await answering(url);
    const peaks = async (): Promise<Map<string, number>> =>
      new Map((await Promise.all(roles.map((role) => role.peaks()))).flat().map(({ name, mb }) => [name, mb]));
    const operator = createOperator({ url, operatorKey, tenant: TENANT });
    return { operator, crm, support, erp, flood: { proxy }, peaks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const appOf = (name: string, { url, app }: RunningSandboxProcess): Record<string, string> => ({
  [`GANTRY_APP_${name}_CLIENT_ID`]: app.clientId,
  [`GANTRY_APP_${name}_CLIENT_SECRET`]: app.clientSecret,
  [`GANTRY_APP_${name}_LOGIN_URL`]: url,
});

async function keyOf(erp: RunningSandboxProcess, url: string): Promise<Record<string, string>> {
  const { username: login, apiKey = '' } = adminOf(erp);
  return { url, database: erp.health.details['database'] ?? '', login, api_key: apiKey };
}

async function answering(url: string): Promise<void> {
  for (;;) {
    const isThere = await fetch(`${url}/v1/openapi.json`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await pause(100);
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
