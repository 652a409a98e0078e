import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventBatch, EventStreamRequest } from '../../src/connectors/contract.ts';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import { GantryError, setOutboundProxy, systemClock, systemRandom, toGantryError } from '../../src/kernel/index.ts';
import { startConnectProxy } from '../support/connect-proxy.ts';
import { signIn, startSandbox, type SignedIn, type TestSandbox } from '../support/sandbox.ts';
import { tcpLine } from './salesforce-pubsub-line.ts';

/** What `POST /__sandbox/pubsub` answers. */
interface BusState {
  readonly open: number;
  readonly lines: number;
  readonly requested: number;
  readonly sent: number;
  readonly schemas: number;
}

const deps = { clock: systemClock, random: systemRandom };
const connector = salesforceConnector(deps);

let sandbox: TestSandbox;
let signed: SignedIn;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  sandbox = await startSandbox('salesforce', { scale: 2_000 });
  signed = await signIn(sandbox, connector);
});
afterAll(() => sandbox.stop());
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  await bus({ silent: false, keepaliveMs: 270_000, select: null });
});

const bus = (change: object = {}): Promise<BusState> => sandbox.control<BusState>('POST', 'pubsub', change);
const update = (id: string, name: string): Promise<unknown> =>
  sandbox.mutate({ op: 'update', object: 'Account', id, fields: { Name: name } });
const address = (): string => sandbox.health.details['pubsub'] ?? '';

async function newAccount(name: string): Promise<string> {
  return (await sandbox.mutate({ op: 'create', object: 'Account', fields: { Name: name } })).id;
}

interface Follower {
  readonly batches: EventBatch[];
  /** Resolves when the batches so far satisfy the condition; raises what ended the line. */
  until(done: (batches: readonly EventBatch[]) => boolean): Promise<void>;
  /** What ended the line; null: it was asked to stop. */
  readonly ended: Promise<GantryError | null>;
  stop(): Promise<void>;
}

function follow(
  request: Partial<EventStreamRequest> = {},
  { using = connector, access = signed.access }: { using?: typeof connector; access?: SignedIn['access'] } = {},
): Follower {
  const batches: EventBatch[] = [];
  const stopping = new AbortController();
  let look: () => void = () => undefined;
  const stream = using.events?.stream;
  if (stream === undefined) throw new Error('no stream');
  const ended = stream
    .follow(access, {
      objects: ['Account'],
      position: null,
      endpoint: `http://${address()}`,
      signal: stopping.signal,
      ...request,
      onBatch: async (batch) => {
        await request.onBatch?.(batch);
        batches.push(batch);
        look();
      },
    })
    .then(
      () => null,
      (error: unknown) => toGantryError(error),
    );
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the test ends'));
    await ended;
  };
  stops.push(stop);
  return {
    batches,
    ended,
    stop,
    until: async (done) => {
      const met = new Promise<void>((resolve) => {
        look = () => {
          if (done(batches)) resolve();
        };
        look();
      });
      const end = ended.then((error) => {
        throw error ?? new Error('the line was closed');
      });
      await Promise.race([met, end]);
    },
  };
}

/** `changed 001...` for each event so far. */
const said = (batches: readonly EventBatch[]): string[] =>
  batches.flatMap(({ events }) => events.map(({ what, recordId }) => `${what} ${recordId ?? 'all'}`));
const lastPosition = (batches: readonly EventBatch[]): EventBatch['position'] => {
  const last = batches.at(-1);
  if (last === undefined) throw new Error('nothing was delivered');
  return last.position;
};

/** Follows until the line is up: the first word about an object says that it is to be read once. */
async function followed(...args: Parameters<typeof follow>): Promise<Follower> {
  await bus({ keepaliveMs: 50 });
  const follower = follow(...args);
  await follower.until((batches) => batches.length > 0);
  await bus({ keepaliveMs: 270_000 });
  return follower;
}

describe('salesforce: change data capture over the Pub/Sub API', () => {
  it('tells of each change with object, record, kind and time, and of what was before the line', async () => {
    const { until, batches } = await followed();
    expect(batches[0]?.gaps).toEqual(['Account']);
    const id = await newAccount('Neu GmbH');
    await update(id, 'Anders GmbH');
    await sandbox.mutate({ op: 'delete', object: 'Account', id });
    await sandbox.mutate({ op: 'undelete', object: 'Account', id });
    await until(() => said(batches).length >= 4);
    expect(said(batches)).toEqual([`changed ${id}`, `changed ${id}`, `deleted ${id}`, `changed ${id}`]);
    const events = batches.flatMap((batch) => batch.events);
    expect(new Set(events.map((event) => event.id)).size).toBe(4);
    for (const event of events) expect(event).toMatchObject({ object: 'Account', at: expect.any(Date) });
    // The gap was told once.
    expect(batches.slice(1).flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  it('goes on after a kept position: what happened meanwhile is delivered, nothing twice (H3)', async () => {
    const first = await followed();
    const [a, b] = [await newAccount('A'), await newAccount('B')];
    await first.until(() => said(first.batches).length >= 2);
    await first.stop();
    const c = await newAccount('C');
    const second = follow({ position: lastPosition(first.batches) });
    await second.until((batches) => said(batches).length >= 1);
    expect(said(first.batches)).toEqual([`changed ${a}`, `changed ${b}`]);
    expect(said(second.batches)).toEqual([`changed ${c}`]);
    expect(second.batches.flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  it('moves the position on when nothing happens, so that a quiet object does not expire', async () => {
    await bus({ keepaliveMs: 40 });
    const follower = follow();
    await follower.until((batches) => batches.length >= 3);
    const positions = follower.batches.map(({ position }) => JSON.stringify(position));
    expect(new Set(positions).size).toBe(positions.length);
  });

  it('raises cursor_expired for a place older than 72 hours (S6)', async () => {
    const first = await followed();
    await newAccount('Alt');
    await first.until(() => said(first.batches).length >= 1);
    await first.stop();
    await sandbox.control('POST', 'clock', { advanceMs: 73 * 3_600_000 });
    await newAccount('Später');
    signed = await signIn(sandbox, connector);
    const error = await follow({ position: lastPosition(first.batches) }).ended;
    expect(error).toMatchObject({ code: 'cursor_expired' });
  });

  it('asks for no more events than have been kept', async () => {
    let release: () => void = () => undefined;
    const kept = new Promise<void>((resolve) => {
      release = resolve;
    });
    let held = false;
    const follower = await followed({
      onBatch: async ({ events }) => {
        if (events.length === 0) return;
        held = true;
        await kept;
      },
    });
    const before = await bus({ hold: true });
    for (let n = 0; n < 130; n += 1) await newAccount(`Viele ${n}`);
    await bus({ release: true });
    while (!held) await systemClock.sleep(5);
    // All of the first hundred may be on their way; the rest is not asked for while none of them is kept.
    while ((await bus()).sent - before.sent < 100) await systemClock.sleep(5);
    const during = await bus();
    expect(during.sent - before.sent).toBe(100);
    expect(during.requested).toBe(before.requested);
    release();
    await follower.until((batches) => said(batches).length >= 130);
    expect(new Set(said(follower.batches)).size).toBe(130);
  });

  it('reads a merged event as one of each record, a gap by its ids, and an overflow as the whole object', async () => {
    const { batches, until } = await followed();
    const ids = [await newAccount('X'), await newAccount('Y')];
    await bus({ hold: true });
    for (const id of ids) await sandbox.mutate({ op: 'delete', object: 'Account', id });
    await bus({ release: true });
    await bus({ gap: { object: 'Account', changeType: 'GAP_UPDATE', ids: [ids[0]] } });
    await bus({ overflow: 'Account' });
    await until(() => batches.some(({ gaps }, index) => index > 0 && gaps.length > 0));
    expect(said(batches).slice(2)).toEqual([`deleted ${ids[0]}`, `deleted ${ids[1]}`, `changed ${ids[0]}`]);
    expect(batches.at(-1)?.gaps).toEqual(['Account']);
  });

  it('follows custom objects, asks for each schema once, and again when fields change', async () => {
    const { batches, until } = await followed({ objects: ['Account', 'Vertrag__c'] });
    const before = await bus();
    await newAccount('S1');
    await newAccount('S2');
    await until(() => said(batches).length >= 2);
    expect((await bus()).schemas - before.schemas).toBe(1);
    await sandbox.control('POST', 'schema', { object: 'Account', add: { name: 'Neu__c', type: 'string' } });
    await newAccount('S3');
    await until(() => said(batches).length >= 3);
    expect((await bus()).schemas - before.schemas).toBe(2);
    expect(Object.keys(Object(lastPosition(batches)['replay'])).toSorted()).toEqual([
      '/data/AccountChangeEvent',
      '/data/Vertrag__ChangeEvent',
    ]);
  });

  it('names objects that send no events, follows the others, and raises where there are none', async () => {
    await bus({ select: ['Account'] });
    const without: string[] = [];
    const { batches, until } = await followed({
      objects: ['Account', 'Contact'],
      onUnavailable: (objects) => without.push(...objects),
    });
    expect(without).toEqual(['Contact']);
    await newAccount('Nur');
    await until(() => said(batches).length >= 1);
    expect(await follow({ objects: ['Contact'] }).ended).toMatchObject({ code: 'upstream_object_missing' });
  });
});

describe('salesforce: when the line breaks', () => {
  it('renews a token that ended, once, and goes on from where it was (A4)', async () => {
    const mine = await signIn(sandbox, connector);
    const { batches, until } = await followed({}, { access: mine.access });
    await newAccount('Vorher');
    await until(() => said(batches).length >= 1);
    await sandbox.control('POST', 'revoke', { accessOnly: true });
    const id = await newAccount('Nachher');
    await until(() => said(batches).length >= 2);
    expect(said(batches).at(-1)).toBe(`changed ${id}`);
    expect(mine.renewals()).toBe(1);
    signed = await signIn(sandbox, connector);
  });

  it('gives up with connection_reauth_required when renewing does not help (A4)', async () => {
    let renewals = 0;
    const refusing = {
      ...signed.access,
      token: async () => ({ accessToken: 'ended', generation: renewals }),
      renew: async () => {
        renewals += 1;
        return { accessToken: 'ended', generation: renewals };
      },
    };
    // Who we are is asked with a good token; the line is refused.
    const using = salesforceConnector(deps);
    const open = using.open;
    const stream = { ...using, open: () => open(signed.access) };
    const error = await follow({}, { using: stream, access: refusing }).ended;
    expect(error?.code).toBe('connection_reauth_required');
    expect(renewals).toBe(1);
  });

  it('raises upstream_unavailable when the line is reset, and nothing is lost by opening it again (S12)', async () => {
    const line = await tcpLine(address());
    stops.push(line.stop);
    const first = await followed({ endpoint: line.endpoint });
    await newAccount('Vor dem Riss');
    await first.until((batches) => said(batches).length >= 1);
    line.reset();
    expect(await first.ended).toMatchObject({ code: 'upstream_unavailable' });
    const id = await newAccount('Nach dem Riss');
    const second = follow({ endpoint: line.endpoint, position: lastPosition(first.batches) });
    await second.until((batches) => said(batches).length >= 1);
    expect(said(second.batches)).toEqual([`changed ${id}`]);
  });

  it('notices a line that is open and dead (S12)', async () => {
    const line = await tcpLine(address());
    stops.push(line.stop);
    const using = salesforceConnector(deps, { eventLine: { silenceMs: 600 } });
    const follower = await followed({ endpoint: line.endpoint }, { using });
    line.freeze();
    expect(await follower.ended).toMatchObject({
      code: 'upstream_unavailable',
      details: { data: { class: 'timeout' } },
    });
  });

  it('lets nothing pass while a batch is not kept, and raises what keeping raised', async () => {
    const error = new GantryError('store_unavailable', { message: 'away' });
    let tries = 0;
    const follower = await followed({
      onBatch: async ({ events }) => {
        if (events.length === 0) return;
        tries += 1;
        throw error;
      },
    });
    await newAccount('Nicht gehalten');
    expect(await follower.ended).toMatchObject({ code: error.code });
    expect(tries).toBe(1);
    const again = follow({ position: lastPosition(follower.batches) });
    await again.until((batches) => said(batches).length >= 1);
  });

  it('waits where the vendor limits, and says so', async () => {
    const follower = await followed();
    await bus({ cut: 'subscription.limit.exceeded' });
    expect(await follower.ended).toMatchObject({ code: 'upstream_rate_limited' });
  });

  it('goes through the outbound proxy where one is set', async () => {
    const proxy = await startConnectProxy('gantry:p@ss');
    stops.push(() => proxy.stop());
    setOutboundProxy(proxy.url.replace('//', '//gantry:p%40ss@'));
    stops.push(async () => setOutboundProxy(null));
    const { batches, until } = await followed();
    await newAccount('Durch das Tor');
    await until(() => said(batches).length >= 1);
    expect(proxy.targets()).toContain(address());
  });

  it('sends the token nowhere in clear but to this machine', async () => {
    for (const endpoint of ['http://pubsub.example.com:7443', 'ftp://127.0.0.1', 'nonsense'])
      expect(await follow({ endpoint }).ended).toMatchObject({ code: 'config_invalid' });
  });
});
