import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import { createLens, type Lens, type LensEvent } from '../../src/lens/index.ts';
import type { LensLayout } from '../../src/mapping/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { addTestTenant, layoutOf, rows, table, type TestTenant } from './fixture.ts';

const tenantsMade = 6;

describe('files beyond the bound', () => {
  const open = openerOf('pglite');
  const layouts = new Map<TenantId, LensLayout>();
  const tenants: TestTenant[] = [];
  const closers: (() => Promise<void>)[] = [];
  let db: Db;

  beforeAll(async () => {
    db = await open();
    for (let at = 0; at < tenantsMade; at += 1) {
      const tenant = await addTestTenant(db, ['Thing']);
      const stream = streamOf(tenant);
      layouts.set(tenant.id, layoutOf([table(stream, 'Thing', { Owner: 'BIGINT', Round: 'BIGINT' })]));
      await tenant.put(stream, [{ id: 'a', doc: { Owner: Number(tenant.id), Round: 0 } }]);
      tenants.push(tenant);
    }
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  interface Bounded {
    readonly lens: Lens;
    readonly dir: string;
    readonly events: LensEvent[];
  }

  /** A lens with all files built, of which `openMax` may be open. */
  async function bounded(openMax: number): Promise<Bounded> {
    const dir = await mkdtemp(join(tmpdir(), 'lens-eviction-'));
    const events: LensEvent[] = [];
    const layout = async (tenant: TenantId): Promise<LensLayout> => layouts.get(tenant) ?? layoutOf([]);
    const lens = createLens({ dir, db, layout, clock: systemClock, openMax, onEvent: (event) => events.push(event) });
    closers.push(async () => {
      await lens.close();
      await rm(dir, { recursive: true, force: true });
    });
    for (const { id } of tenants) await lens.catchUp(id);
    return { lens, dir, events };
  }

  const owner = async (lens: Lens, { id }: TestTenant): Promise<unknown> =>
    (await rows(lens, id, 'select "Owner" from crm."Thing"'))[0]?.[0];

  it('close, the one that was not used for longest first, and open again when somebody asks', async () => {
    const { lens, dir, events } = await bounded(2);
    const [first, second, third] = tenants as [TestTenant, TestTenant, TestTenant];
    await expect.poll(() => openFiles(dir)).toHaveLength(2);
    await owner(lens, first);
    await owner(lens, second);
    await owner(lens, first);
    await owner(lens, third);
    await expect.poll(() => openFiles(dir)).toEqual([first.id, third.id]);
    const built = countOf(events, 'lens_built');
    expect(await owner(lens, second)).toBe(Number(second.id));
    await expect.poll(() => openFiles(dir)).toEqual([second.id, third.id]);
    expect(countOf(events, 'lens_built')).toBe(built);
  });

  it('never break a question, a change, or the order of the two', async () => {
    const { lens, events } = await bounded(1);
    const rounds = new Map<TestTenant, number>();
    const ask = fc.record({ who: fc.nat({ max: tenantsMade - 1 }), changes: fc.boolean() });
    const asks = fc.sample(ask, { numRuns: 120, seed: 7 });
    await Promise.all(
      asks.map(async ({ who, changes }) => {
        const tenant = tenants[who] as TestTenant;
        const next = (rounds.get(tenant) ?? 0) + 1;
        if (changes) {
          rounds.set(tenant, next);
          // Under a time of its own, so that of two that cross the later one stays.
          const doc = { Owner: Number(tenant.id), Round: next };
          await tenant.put(streamOf(tenant), [{ id: 'a', doc, at: new Date(next) }]);
          await lens.catchUp(tenant.id);
        }
        const [row] = await rows(lens, tenant.id, 'select "Owner", "Round" from crm."Thing"');
        expect(row?.[0]).toBe(Number(tenant.id));
        if (changes) expect(row?.[1]).toBeGreaterThanOrEqual(next);
      }),
    );
    expect(countOf(events, 'lens_process_ended')).toBe(0);
    expect(countOf(events, 'lens_tail_failed')).toBe(0);
    expect(countOf(events, 'lens_closed')).toBeGreaterThan(tenantsMade);
    // None was closed for anything but room, and in the end one is open.
    expect(events.filter((event) => event.kind === 'lens_closed' && event.why !== 'room')).toEqual([]);
  });

  it('stay open while something runs in them', async () => {
    const { lens, dir, events } = await bounded(1);
    const [busy, ...others] = tenants as [TestTenant, ...TestTenant[]];
    await owner(lens, busy);
    const before = events.length;
    const state = { done: false };
    const long = rows(lens, busy.id, `select sum(hash(a.i + b.i) % 7) from range(6000) a(i), range(6000) b(i)`);
    const answered = long.then((answer) => {
      state.done = true;
      const meanwhile = events.slice(before);
      expect(meanwhile.filter((event) => event.kind === 'lens_closed' && event.tenant === busy.id)).toEqual([]);
      return answer;
    });
    while (!state.done) for (const other of others) expect(await owner(lens, other)).toBe(Number(other.id));
    expect(await answered).toHaveLength(1);
    await expect.poll(() => openFiles(dir)).toHaveLength(1);
  });
});

function streamOf({ streams }: TestTenant): StreamId {
  const [stream] = streams;
  if (stream === undefined) throw new Error('no stream');
  return stream;
}

const countOf = (events: readonly LensEvent[], kind: LensEvent['kind']): number =>
  events.filter((event) => event.kind === kind).length;

/** Tenants whose files another process could not open now. */
async function openFiles(dir: string): Promise<number[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.duckdb'));
  const held = await Promise.all(
    names.map(async (name) => {
      try {
        const instance = await DuckDBInstance.create(join(dir, name), { access_mode: 'READ_ONLY' });
        instance.closeSync();
        return [];
      } catch {
        return [Number(name.split('.')[0])];
      }
    }),
  );
  return held.flat().toSorted((a, b) => a - b);
}
