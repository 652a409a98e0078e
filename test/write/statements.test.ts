import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, Tx } from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };

/** What a write asks of the database: its own time is mostly that, and unlike time it can be counted. */
describe('what writes ask of the database', () => {
  const open = openerOf('pglite');
  const asked: { readonly place: string; readonly text: string }[] = [];
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker;

  const noted = (db: Db): Db => {
    const within =
      (place: string) =>
      (tx: Tx): Tx => ({
        ...tx,
        query: (text, params) => {
          asked.push({ place, text });
          return tx.query(text, params);
        },
      });
    return {
      ...db,
      tenantTx: (tenant, work, place) => db.tenantTx(tenant, (tx) => work(within(place ?? '')(tx)), place),
    };
  };

  beforeAll(async () => {
    server = await openLedgerServer();
    stage = await openWriteStage(noted(await open()), server, { settings: { collectionMax: 4 } });
    worker = stage.work();
  }, 300_000);
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  const write = async (count: number): Promise<ReadonlyMap<string, readonly string[]>> => {
    const wishes = Array.from({ length: count }, (_, index): WishedWrite => {
      const recordId = `${String(count)}-${String(index)}`;
      server.put('Plain', recordId, { name: 'before', phone: null, stage: 'open' });
      return { object: 'Plain', operation: 'update', recordId, values: { name: 'x' }, before: { name: 'before' } };
    });
    const { plan } = await stage.writes.keep(stage.tenant, stage.plan(wishes), null);
    asked.splice(0);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    await expect.poll(() => stage.states(plan.id), WAIT).toEqual({ plan: 'done', succeeded: count });
    const places = new Map<string, string[]>();
    for (const { place, text } of asked) places.set(place, [...(places.get(place) ?? []), text]);
    return places;
  };

  it('is the same for every single one, and nothing of its plan twice in a transaction', async () => {
    const places = await write(1);
    const steps = ['write.commit', 'write.keep_attempt', 'write.keep_outcome'].map((place) => places.get(place) ?? []);
    expect(steps.map(({ length }) => length)).toEqual([8, 6, 7]);
    for (const texts of steps) expect(new Set(texts).size).toBe(texts.length);
  });

  it('of a plan that goes in several sendings counts it once, and reads nothing of its records with each', async () => {
    const places = await write(10);
    const outcomes = places.get('write.keep_outcome') ?? [];
    expect(outcomes.filter((text) => text.includes('for update'))).toHaveLength(3);
    expect(outcomes.filter((text) => text.includes('count(*)'))).toHaveLength(1);
    const locks = [...outcomes, ...(places.get('write.keep_attempt') ?? [])].filter((text) =>
      text.endsWith('for update'),
    );
    expect(locks.every((text) => text.includes(`content #- '{intent,records}'`))).toBe(true);
  });
});
