import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claimTurns, type Db, type SubscriptionTurn } from '../../src/store/index.ts';
import type { Viewer } from '../../src/subscriptions/index.ts';
import { lookAtChanges } from '../../src/subscriptions/look-at-changes.ts';
import { sendDue } from '../../src/subscriptions/send-due.ts';
import { openerOf } from '../support/stores.ts';
import { openReceiver, until } from '../support/receiver.ts';
import { openEventWorld, type EventWorld, type Told } from './fixture.ts';

const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const account = (name: string) => ({ crm_id: name, name, segment: 'mid' });

/** A promise that somebody else keeps. */
function gate(): { readonly passed: Promise<void>; pass(): void } {
  let pass = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { passed, pass: () => pass() };
}

/** Whoever asks for the agent waits here, with a short lease, as a process that stands still. */
function stalling(world: EventWorld, viewer: () => Viewer | null = world.viewer) {
  const { passed, pass } = gate();
  const asked = gate();
  const viewerOf = async (): Promise<Viewer | null> => {
    const seen = viewer();
    asked.pass();
    await passed;
    return seen;
  };
  return { deps: { ...world.deps, viewerOf, leaseMs: 500, timeoutMs: 100 }, asked: asked.passed, goOn: pass };
}

async function claim(world: EventWorld, leaseMs: number): Promise<{ worker: string; turn: SubscriptionTurn }> {
  const worker = `by-hand-${randomBytes(4).toString('hex')}`;
  let turns: SubscriptionTurn[] = [];
  await until(async () => {
    await db.query('update subscription_turn set due_at = now() where tenant = $1', [world.tenant]);
    turns = await claimTurns(db, { worker, leaseMs, limit: 100, busy: [], againMs: 60_000 });
    return turns.some(({ tenant }) => tenant === world.tenant);
  });
  const turn = turns.find(({ tenant }) => tenant === world.tenant);
  if (turn === undefined) throw new Error('nothing to claim');
  return { worker, turn };
}

const row = (world: EventWorld, id: number) => world.subscriptions.show({ tenant: world.tenant, id });
const states = async (world: EventWorld, id: number): Promise<string[]> =>
  (await world.subscriptions.deliveries({ tenant: world.tenant, id }, { state: null, limit: 10 })).deliveries.map(
    ({ state }) => state,
  );

/** Nobody else works here, so that the suite decides who has what. */
async function prepare(records: readonly string[]) {
  const world = await openEventWorld(db, { timeoutMs: 15_000 });
  const hook = await openReceiver<Told>();
  ends.push(hook.stop);
  const { id } = await world.subscribe(hook.url);
  await world.put(...records.map((name) => ['a1', account(name)] as const));
  const first = await claim(world, 60_000);
  const look = await lookAtChanges(world.deps, first.worker, first.turn, await row(world, id));
  expect(look).toBe('done');
  return { world, hook, id, first };
}

const never = new AbortController().signal;

describe('a worker that stood still for longer than its lease', () => {
  it('sends nothing after another one has sent more (A: leases)', async () => {
    const { world, hook, id, first } = await prepare(['one', 'two', 'three']);
    const still = stalling(world);
    const late = sendDue(still.deps, first.worker, first.turn, never);
    await still.asked;
    // Its lease was proven a moment ago and ends now, by the database's time.
    const second = await claim(world, 60_000);
    expect(await sendDue(world.deps, second.worker, second.turn, never)).toBe(true);
    expect(hook.received.map(({ json }) => json.data.sequence)).toEqual([1, 2, 3]);
    still.goOn();
    expect(await late).toBe(false);
    expect(hook.received).toHaveLength(3);
    expect(await states(world, id)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it("neither switches off nor withholds what is another one's", async () => {
    for (const agent of ['gone', 'narrow'] as const) {
      const { world, id, first } = await prepare(['one']);
      if (agent === 'narrow') world.grant({ account: { where: { name: 'other' } } });
      const still = stalling(world, () => (agent === 'gone' ? null : world.viewer()));
      const late = sendDue(still.deps, first.worker, first.turn, never);
      await still.asked;
      await claim(world, 60_000);
      still.goOn();
      expect(await late).toBe(false);
      expect([(await row(world, id)).state, await states(world, id)]).toEqual(['active', ['due']]);
    }
  });

  it('does not look at changes from where it once stood', async () => {
    const { world, id, first } = await prepare(['one']);
    const before = await row(world, id);
    await db.query('update subscription_turn set lease_until = now() where tenant = $1', [world.tenant]);
    const second = await claim(world, 60_000);
    await world.put(['a1', account('two')]);
    expect(await lookAtChanges(world.deps, second.worker, second.turn, before)).toBe('done');
    expect(await lookAtChanges(world.deps, first.worker, first.turn, { ...before, cursor: 0 })).toBe('stopped');
    expect((await row(world, id)).cursor).toBe(2);
  });

  it('is no other to itself: what a process claims anew, its own earlier run has lost', async () => {
    const world = await openEventWorld(db, { leaseMs: 1_000, timeoutMs: 15_000 });
    const hook = await openReceiver<Told>();
    ends.push(hook.stop);
    const { id } = await world.subscribe(hook.url);
    await world.put(['a1', account('one')], ['a1', account('two')]);
    const { passed, pass } = gate();
    let asked = 0;
    // The first run of the one worker hangs; those after it do not.
    const viewerOf = async (): Promise<Viewer | null> => {
      asked += 1;
      if (asked === 2) await passed;
      return world.viewer();
    };
    const worker = world.work('one', { viewerOf });
    ends.push(() => worker.stop());
    await until(() => asked >= 2);
    await until(async () => {
      await db.query('update subscription_turn set due_at = now() where tenant = $1', [world.tenant]);
      return (await states(world, id)).every((state) => state === 'delivered') && hook.received.length > 0;
    });
    pass();
    await worker.stop();
    expect(hook.received.map(({ json }) => json.data.sequence)).toEqual([1, 2]);
  });
});

describe('a key that ended between the look at the changes and the sending', () => {
  it.each(['revoked', 'expired'] as const)('%s: nothing is sent, and it is switched off once', async (state) => {
    const { world, hook, id, first } = await prepare(['one', 'two']);
    await world.key(state);
    expect(await sendDue(world.deps, first.worker, first.turn, never)).toBe(false);
    expect(hook.received).toEqual([]);
    expect(await row(world, id)).toMatchObject({ state: 'disabled', reason: 'key_ended' });
    expect(world.told).toMatchObject([{ kind: 'subscription_disabled', reason: 'key_ended' }]);
    expect(await states(world, id)).toEqual(['due', 'due']);
  });
});
