import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { integration, openLiveStage, tenant, type LiveStage } from '../test/inbox/live-stage.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { figure, type Figure } from './figure.ts';

const SECRET = 'the secret that signs the bench';
/** Tickets that are changed again and again. */
const TICKETS = 1_000;
const PER_SECOND = 1_000;
/** Between two single events, so that the provider's calls per minute last. */
const PAUSE_MS = 60;

/**
 * Zendesk's webhooks at `gantry serve`, api and worker in two processes on
 * PostgreSQL: from the answer to a delivery to the first answer of an agent over
 * HTTP that has the change; and a burst of a thousand per second. Deliveries are
 * signed here; the changes are real ones in the sandbox.
 */
export async function* webhookBench(singles: number, burstSeconds: number): AsyncIterable<Figure> {
  const postgres = await startPostgres();
  const stage = await openLiveStage({
    provider: 'zendesk',
    objects: ['tickets'],
    // Longer than the bench takes: nothing but webhooks brings what changes.
    every: '1d',
    live: false,
    scale: 20_000,
    databaseUrl: postgres.url,
  });
  const bare = await bareReceiver(postgres.url);
  try {
    await stage.sandbox.control('POST', 'limits', { incrementalPerMinute: 1_000_000, perMinute: 1_000_000 });
    const ids = (await stage.rows({ object: `${integration}.tickets`, fields: ['id'], limit: 200 })).map(idOf);
    const send = await sender(stage);
    const one = await singleEvents(stage, send, ids, singles);
    yield figure({
      bench: 'webhook',
      case: 'answered delivery to answer',
      unit: 'ms',
      samples: one.answered,
      target: 500,
    });
    const floor = await posts(`${bare.url}/hook`, singles, 0);
    yield figure({ bench: 'webhook', case: 'delivery answered, one at a time', unit: 'ms', samples: one.acked, floor });
    const many = await allIds(stage);
    const bareBurst = await posts(`${bare.url}/hook`, burstSeconds * PER_SECOND, PER_SECOND);
    yield* burst(stage, send, many, { seconds: burstSeconds, floor: bareBurst });
  } finally {
    bare.child.kill();
    await stage.close();
    await postgres.stop();
  }
}

const idOf = (row: readonly unknown[]): string => String(row[0]);

async function allIds(stage: LiveStage): Promise<string[]> {
  const rows = await stage.sql<{ id: string }>(
    'select ext_id as id from record where not deleted order by 1 limit $1',
    [TICKETS],
  );
  return rows.map(({ id }) => id);
}

async function singleEvents(
  stage: LiveStage,
  send: Send,
  ids: readonly string[],
  count: number,
): Promise<{ readonly answered: number[]; readonly acked: number[] }> {
  const [answered, acked]: [number[], number[]] = [[], []];
  const warmUp = Math.ceil(count / 10);
  for (let run = -warmUp; run < count; run += 1) {
    const id = ids[Math.abs(run) % ids.length] ?? '';
    const subject = `webhook ${String(run)}`;
    await stage.sandbox.mutate({ op: 'update', object: 'tickets', id, fields: { subject } });
    const sent = performance.now();
    const status = await send(`single-${String(run)}`, id);
    const got = performance.now();
    if (status !== 204) throw new Error(`a delivery was answered ${String(status)}`);
    const query = { object: `${integration}.tickets`, fields: ['subject'], filter: { id }, limit: 1 };
    while ((await stage.rows(query))[0]?.[0] !== subject) await sleep(1);
    if (run >= 0) {
      answered.push(performance.now() - got);
      acked.push(got - sent);
    }
    await sleep(PAUSE_MS);
  }
  return { answered, acked };
}

async function* burst(
  stage: LiveStage,
  send: Send,
  ids: readonly string[],
  { seconds, floor }: { readonly seconds: number; readonly floor: readonly number[] },
): AsyncIterable<Figure> {
  const count = seconds * PER_SECOND;
  const subject = 'in the burst';
  for (const id of ids) await stage.sandbox.mutate({ op: 'update', object: 'tickets', id, fields: { subject } });
  const name = `burst of ${String(count)} at ${String(PER_SECOND)}/s`;
  const samples = await atRate(count, PER_SECOND, async (at) => {
    const status = await send(`burst-${String(at)}`, ids[at % ids.length] ?? '');
    if (status !== 204) throw new Error(`delivery ${String(at)} was answered ${String(status)}`);
  });
  const ended = performance.now();
  const left = async (state: string): Promise<number> =>
    (await stage.sql<{ n: number }>('select count(*)::int as n from inbox_event where state = $1', [state]))[0]?.n ?? 0;
  while ((await left('waiting')) > 0) await sleep(10);
  const shown = { object: `${integration}.tickets`, filter: { subject }, measures: [{ count: '*', as: 'n' }] };
  while (Number((await stage.rows(shown))[0]?.[0]) < ids.length) await sleep(5);
  const drained = (performance.now() - ended) / 1_000;
  const kept = await stage.sql<{ n: number }>(`select count(*)::int as n from inbox_event where event like 'burst-%'`);
  const lost = count - (kept[0]?.n ?? 0) + (await left('dead'));
  if (lost !== 0) throw new Error(`${String(lost)} of ${String(count)} deliveries are lost`);
  yield figure({ bench: 'webhook', case: `${name}, delivery answered`, unit: 'ms', samples, floor });
  yield figure({ bench: 'webhook', case: `${name}, then until all is answered`, unit: 's', samples: [drained] });
}

type Send = (event: string, ticket: string) => Promise<number>;

/** As Zendesk signs and tells it (developer.zendesk.com, "Webhook event types", "Verifying webhooks"). */
async function sender(stage: LiveStage): Promise<Send> {
  const made = await stage.ask('POST', `/v1/connections/${integration}/webhook`, { tenant, secret: SECRET });
  const post = poster(String(made['url']));
  return (event, ticket) => {
    const time = new Date().toISOString();
    const body = JSON.stringify({
      account_id: 1,
      detail: { id: ticket },
      event: {},
      id: event,
      subject: `zen:ticket:${ticket}`,
      time,
      type: 'zen:event-type:ticket.subject_changed',
      zendesk_event_version: '2022-06-20',
    });
    const signature = createHmac('sha256', SECRET).update(`${time}${body}`).digest('base64');
    return post(body, {
      'x-zendesk-webhook-signature-timestamp': time,
      'x-zendesk-webhook-signature': signature,
    });
  };
}

type Post = (body: string, headers?: Readonly<Record<string, string>>) => Promise<number>;

function poster(url: string): Post {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return (body, headers = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.end(body);
    });
}

/** Milliseconds of each; `perSecond` 0: one after the other. */
async function posts(url: string, count: number, perSecond: number): Promise<number[]> {
  const post = poster(url);
  const body = JSON.stringify({ id: 'x'.repeat(200) });
  const one = async (): Promise<void> => {
    const status = await post(body);
    if (status !== 204) throw new Error(`the bare server answered ${String(status)}`);
  };
  if (perSecond > 0) return atRate(count, perSecond, one);
  const samples: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const from = performance.now();
    await one();
    samples.push(performance.now() - from);
  }
  return samples;
}

/** Each is timed from when it was to begin, so that waiting for the others counts. */
async function atRate(count: number, perSecond: number, work: (at: number) => Promise<void>): Promise<number[]> {
  const started = performance.now();
  const samples: number[] = [];
  const running: Promise<void>[] = [];
  for (let at = 0; at < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1_000) * perSecond) + 1);
    for (; at < due; at += 1) {
      const from = started + (at / perSecond) * 1_000;
      running.push(work(at).then(() => void samples.push(performance.now() - from)));
    }
    await sleep(1);
  }
  await Promise.all(running);
  return samples;
}

async function bareReceiver(databaseUrl: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const file = fileURLToPath(new URL('./bare-receiver.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', file, databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${String(code)}`)));
  });
  return { url, child };
}
