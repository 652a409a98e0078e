import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GantryError, limits, type StreamId } from '../../src/kernel/index.ts';
import { smallData } from './small-data.ts';
import { NOW, openWorld, type GrantSpec, type QueryWorld } from './world.ts';

let world: QueryWorld;
const asked: StreamId[][] = [];
const grant: GrantSpec = { deal: { where: { 'account.segment': 'enterprise' } }, account: {} };
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const streamOf = (object: string): StreamId => {
  const stream = world.catalogue.objects.get(object)?.sources[0]?.stream;
  if (stream === undefined) throw new Error(`no stream of ${object}`);
  return stream;
};

beforeAll(async () => {
  world = await openWorld(smallData);
});
beforeEach(() => {
  asked.length = 0;
  world.onRequestSync = async (streams) => {
    asked.push([...streams]);
  };
});
afterAll(() => world.close());

const ask = (min_as_of: string, object = 'account') =>
  world.service.queryRecords(world.caller(grant), world.catalogue, { object, min_as_of });

describe('min_as_of', () => {
  it('costs nothing where the data is new enough', async () => {
    expect((await ask(NOW.toISOString())).freshness.as_of).toBe('2026-11-20T12:00:00Z');
    expect(asked).toEqual([]);
  });

  it('has every source of the answer read, those of row rules too, and answers with what came', async () => {
    const order: string[] = [];
    world.onRequestSync = async (streams) => {
      asked.push([...streams]);
      // One source after the other, as they would come back from their runs.
      const table = ['crm.Opportunity', 'erp.Order', 'crm.Account'][order.length];
      if (table === undefined) return;
      order.push(table);
      const rows =
        table === 'crm.Account' ? [{ ...smallData['crm.Account']?.[1], _id: 'a2', segment: 'enterprise' }] : [];
      await world.put(table, rows, { asOf: later(3) });
    };
    const answer = await ask(later(2).toISOString(), 'deal');
    expect(asked.map((streams) => streams.length)).toEqual([3, 2, 1]);
    expect(asked[2]).toEqual([streamOf('crm.Account')]);
    expect(answer.freshness.as_of).toBe('2026-11-20T12:00:03Z');
    // Südstern became an enterprise meanwhile.
    expect(answer.rows.map(([name]) => name)).toContain('Upsell Südstern');
  });

  it('holds for SQL and for single records', async () => {
    const caller = world.caller({ user: {} });
    world.onRequestSync = async () => world.put('crm.User', [], { asOf: later(4) });
    const sql = { sql: 'select name from "user" order by 1', min_as_of: later(4).toISOString() };
    expect((await world.service.querySql(caller, world.catalogue, sql)).freshness.as_of).toBe('2026-11-20T12:00:04Z');
    world.onRequestSync = async () => world.put('crm.User', [], { asOf: later(5) });
    const get = { object: 'user', id: 'u1', min_as_of: later(5).toISOString() };
    expect((await world.service.getRecord(caller, world.catalogue, get)).freshness.as_of).toBe('2026-11-20T12:00:05Z');
  });

  it('gives up after a while, naming what is behind as far as the caller may know it', async () => {
    const caller = world.caller({ ticket: { where: { 'account.segment': 'mid' } } });
    const request = { object: 'ticket', min_as_of: later(5).toISOString() };
    world.onRequestSync = async (streams) => {
      asked.push([...streams]);
      world.skipMs += limits.minAsOfWaitMs / 3;
    };
    const error: unknown = await world.service.queryRecords(caller, world.catalogue, request).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof GantryError)) throw new Error('no error for the caller');
    expect(error.toBody()).toMatchObject({
      code: 'query_not_fresh_yet',
      retryable: true,
      retry_at: later(limits.minAsOfWaitMs / 1_000).toISOString(),
      data: { behind: [{ ref: 'support/tickets/', as_of: NOW.toISOString(), loading: false }] },
    });
    expect(JSON.stringify(error.toBody())).not.toContain('Account');
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.flat()).toContain(streamOf('crm.Account'));
  }, 300_000);

  it.each([
    ['tomorrow', /offset from UTC/],
    ['2026-11-20', /offset from UTC/],
    ['2026-11-20T12:00:00', /offset from UTC/],
    ['2027-01-01T00:00:00Z', /in the future/],
  ])('refuses %s', async (moment, message) => {
    await expect(ask(moment)).rejects.toMatchObject({
      code: 'query_value_invalid',
      message: expect.stringMatching(message) as string,
    });
    expect(asked).toEqual([]);
  });
});
