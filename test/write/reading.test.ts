import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits, systemClock } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerObject, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

/** A system that takes one record at a time: several writes share a reading of what stands there. */
describe('what was read right before single writes', () => {
  const open = openerOf('pglite');
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  let nowMs = 0;
  // It stands still unless a test moves it: a slow machine makes no slow system.
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    await worker?.stop();
    stage = await openWriteStage(db, server, { settings: { collectionMax: 1 } });
    server.calls.splice(0);
    worker = stage.work({ clock });
  });
  afterAll(async () => {
    await worker?.stop();
    await server.stop();
  });

  const commit = async (object: LedgerObject): Promise<string> => {
    const ids = ['a', 'b', 'c'];
    for (const id of ids) server.put(object, id, { name: id });
    const { plan } = await stage.commit(
      ids.map((recordId) => ({
        object,
        operation: 'update' as const,
        recordId,
        values: { name: recordId.toUpperCase() },
        before: { name: recordId },
      })),
    );
    return plan;
  };
  const ended = (plan: string, expected: object) => expect.poll(() => stage.states(plan), WAIT).toEqual(expected);
  const codes = async (plan: string) => (await stage.writes.status(stage.tenant, plan))?.writes.map(({ code }) => code);
  /** One before the writes, and one after each that took effect. */
  const readings = () => server.calls.filter(({ path }) => path === '/images').length;

  /** The first call hangs for so long, and meanwhile somebody changes the second record. */
  async function hang(object: LedgerObject, forMs: number): Promise<string> {
    server.faults.push('held');
    const plan = await commit(object);
    await expect.poll(() => server.held(), WAIT).toBe(1);
    server.put(object, 'b', { name: 'theirs' });
    nowMs += forMs;
    server.release();
    return plan;
  }

  it('serves them all where the system is fast', async () => {
    const plan = await commit('Plain');
    await ended(plan, { plan: 'done', succeeded: 3 });
    await expect.poll(readings, WAIT).toBe(1 + 3);
  });

  it('is read again where it is old, with the rights, so that what somebody changed meanwhile stays', async () => {
    const rights: number[] = [];
    await worker?.stop();
    worker = stage.work({
      clock,
      unwritable: async (_tenant, { writes }) => {
        rights.push(writes.length);
        return new Map(
          rights.length > 1 ? writes.filter(({ recordId }) => recordId === 'c').map(({ key }) => [key, 'hidden']) : [],
        );
      },
    });
    const plan = await hang('Plain', limits.writeReadingWithinMs + 1);
    await ended(plan, { plan: 'done', succeeded: 1, failed: 2 });
    expect(await codes(plan)).toEqual([null, 'record_changed', 'rights_lost']);
    expect(rights).toEqual([3, 2]);
    expect(server.read('Plain', 'b')).toEqual({ name: 'theirs' });
  });

  it('is not read again where the system itself refuses what has changed', async () => {
    const plan = await hang('Conditional', limits.writeReadingWithinMs + 1);
    await ended(plan, { plan: 'done', succeeded: 2, failed: 1 });
    expect(await codes(plan)).toEqual([null, 'record_changed', null]);
    expect(server.read('Conditional', 'b')).toEqual({ name: 'theirs' });
    await expect.poll(readings, WAIT).toBe(1 + 2);
  });
});
