import type { SessionWrites } from '../src/connectors/index.ts';
import { limits } from '../src/kernel/index.ts';
import {
  claimWriteTurns,
  holdWriteTurn,
  migrate,
  moveWrites,
  nextWrites,
  takeWrites,
  type Db,
  type QueuedWrite,
  type WriteTurn,
} from '../src/store/index.ts';
import { openLedgerServer, type LedgerServer } from '../test/write/ledger-server.ts';
import { ledgerWrites } from '../test/write/ledger-writes.ts';
import { nativeObject, openWriteStage, type WishedWrite, type WriteStage } from '../test/write/stage.ts';
import { onBothStores } from './both-stores.ts';
import { figure, type Figure } from './figure.ts';

/** Writes that one sending takes, as the largest collections and jobs of providers do. */
const SENDING = 1_000;
const COLLECTION = 200;

/**
 * Updates of single records. `claim and ack`: the queue alone, from accepted to ended with its journal, without provider
 * and audit. `calls`: what a provider counts for all of them, against what its batch size allows. `one write`: from the
 * commit until it is kept as done, without the calls of the provider, which is on this machine and answers at once.
 */
export function writeBench(records: number, singles: number): AsyncIterable<Figure> {
  return onBothStores((db, store) => measure(db, store, { records, singles }));
}

interface Sizes {
  readonly records: number;
  readonly singles: number;
}

async function* measure(db: Db, store: string, { records, singles }: Sizes): AsyncIterable<Figure> {
  await migrate(db);
  const ledger = await openLedgerServer();
  try {
    const of = (name: string, unit: string, samples: readonly number[], floor?: readonly number[]): Figure =>
      figure({
        bench: 'write',
        case: `${name}, ${store}`,
        unit,
        samples,
        ...(floor === undefined ? {} : { floor }),
        better: unit === 'writes/s' ? 'high' : 'low',
      });
    yield of('claim and ack', 'writes/s', [await queueRate(db, ledger, records)]);
    const { calls, rate } = await sendAll(db, ledger, records);
    yield of('calls', 'calls', [calls], [Math.ceil(records / COLLECTION)]);
    yield of('sent with audit', 'writes/s', [rate]);
    const { whole, provider } = await oneByOne(db, ledger, singles);
    yield of('one write with the provider', 'ms', whole, provider);
    yield of(
      'one write',
      'ms',
      whole.map((ms, index) => ms - (provider[index] ?? 0)),
    );
  } finally {
    await ledger.stop();
  }
}

function wishes(ledger: LedgerServer, count: number, mark: string): WishedWrite[] {
  return Array.from({ length: count }, (_, index) => {
    const recordId = `${mark}${String(index)}`;
    ledger.put('Plain', recordId, { name: 'before', phone: null, stage: 'open' });
    return {
      object: 'Plain',
      operation: 'update',
      recordId,
      values: { name: `after ${String(index)}`, phone: '+49 30 1234567' },
      before: { name: 'before', phone: null },
    };
  });
}

/** Writes per second from accepted to ended, as one worker does it. */
async function queueRate(db: Db, ledger: LedgerServer, records: number): Promise<number> {
  const stage = await openWriteStage(db, ledger);
  await stage.commit(wishes(ledger, records, 'q'));
  const lease = { worker: 'bench', leaseMs: 60_000 };
  const [turn] = await db.tx((tx) => claimWriteTurns(tx, { ...lease, limit: 1, busy: [], againMs: 60_000 }));
  if (turn === undefined) throw new Error('nothing was accepted');
  const started = performance.now();
  const queued = await db.tenantRead(stage.tenant, (tx) => nextWrites(tx, turn, limits.writesPerLookMax));
  for (let at = 0; at < queued.length; at += SENDING) {
    await claimAndAck(stage, turn, { id: `s${String(at)}`, queued: queued.slice(at, at + SENDING), lease });
  }
  if (queued.length !== records) throw new Error('the queue has not told of all');
  return records / ((performance.now() - started) / 1_000);
}

async function claimAndAck(
  { db, tenant }: WriteStage,
  turn: WriteTurn,
  {
    id,
    queued,
    lease,
  }: {
    readonly id: string;
    readonly queued: readonly QueuedWrite[];
    readonly lease: { readonly worker: string; readonly leaseMs: number };
  },
): Promise<void> {
  const before = { id: 'x', missing: false, version: '1', values: { name: 'before', phone: null } };
  await db.tenantTx(tenant, async (tx) => {
    await holdWriteTurn(tx, turn, lease);
    const writes = queued.map(({ plan, item }) => ({ plan, item, before, payloadHash: 'a'.repeat(32) }));
    const sending = { id, object: 'Plain', operation: 'update', form: 'collection', principal: null };
    await takeWrites(tx, turn, { sending, state: 'sending', writes });
  });
  await db.tenantTx(tenant, async (tx) => {
    await holdWriteTurn(tx, turn, lease);
    const moves = queued.map(({ plan, item, recordId }) => ({
      plan,
      item,
      state: 'succeeded',
      open: false,
      recordId,
      code: null,
      dueAt: null,
      endedAt: tx.now,
      outcome: { kind: 'applied', recordId, created: false, existed: false },
    }));
    await moveWrites(tx, tenant, { sending: id, from: ['sending'], moves, settleAt: null });
  });
}

/** All of a plan through a worker: calls that write, and writes per second with their audit. */
async function sendAll(db: Db, ledger: LedgerServer, records: number): Promise<{ calls: number; rate: number }> {
  const stage = await openWriteStage(db, ledger, { settings: { collectionMax: COLLECTION } });
  const before = ledger.calls.length;
  const { plan } = await stage.commit(wishes(ledger, records, 's'));
  const started = performance.now();
  const worker = stage.work();
  await until(async () => (await stage.states(plan))['plan'] === 'done');
  const rate = records / ((performance.now() - started) / 1_000);
  await worker.stop();
  const calls = ledger.calls.slice(before).filter(({ path }) => path === '/write').length;
  return { calls, rate };
}

/** Milliseconds of single writes, from the call that commits until the outcome is kept; of these, of the provider's calls. */
async function oneByOne(
  db: Db,
  ledger: LedgerServer,
  singles: number,
): Promise<{ readonly whole: readonly number[]; readonly provider: readonly number[] }> {
  const done: { resolve: () => void } = { resolve: () => undefined };
  const calls = { ms: 0 };
  const stage = await openWriteStage(db, ledger, {
    onEvent: ({ kind }) => {
      if (kind === 'writes_sent') done.resolve();
    },
    targetOf: async () => ({
      principal: null,
      writes: timed(ledgerWrites({ url: ledger.url, settleMs: 0 }), calls),
      objectOf: async (name) => nativeObject(name),
    }),
  });
  const worker = stage.work();
  const whole: number[] = [];
  const provider: number[] = [];
  for (const wish of wishes(ledger, singles, 'o')) {
    const { plan } = await stage.writes.keep(stage.tenant, stage.plan([wish]), null);
    const kept = new Promise<void>((resolve) => {
      done.resolve = resolve;
    });
    calls.ms = 0;
    const started = performance.now();
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    await kept;
    whole.push(performance.now() - started);
    provider.push(calls.ms);
    // What follows a write (after-image, end of the turn) is not part of the next one.
    await until(async () => (await stage.writes.attempts(stage.tenant, { plan: plan.id, item: 0 }))[0]?.after !== null);
  }
  await worker.stop();
  return { whole, provider };
}

/** The same session; `calls` adds up how long the provider took, without what Gantry asks itself before it sends. */
function timed(session: SessionWrites, calls: { ms: number }): SessionWrites {
  const measured = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const started = performance.now();
    try {
      return await work();
    } finally {
      calls.ms += performance.now() - started;
    }
  };
  return {
    ...session,
    readImages: (object, ids, fields) => measured(() => session.readImages(object, ids, fields)),
    send: (request) => {
      const beforeSend = async (): Promise<void> => {
        const started = performance.now();
        await request.beforeSend();
        calls.ms -= performance.now() - started;
      };
      return measured(() => session.send({ ...request, beforeSend }));
    },
  };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
