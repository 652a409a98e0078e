import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, StreamId } from '../../src/kernel/index.ts';
import type { LensLayout } from '../../src/mapping/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import {
  addTestTenant,
  layoutOf,
  openLens,
  rows,
  table,
  type TestLens,
  type TestRecord,
  type TestTenant,
} from './fixture.ts';

const all = 'select _id, "Count" from crm."Thing" order by _id';

describe('recovery of the lens', () => {
  const open = openerOf('pglite');
  let db: Db;
  let test: TestLens;
  const opened: TestLens[] = [];

  beforeAll(async () => {
    db = await open();
    test = await openLens(db);
    opened.push(test);
  });
  afterAll(async () => {
    for (const each of opened.toReversed()) await each.close();
  });

  interface Thing {
    readonly tenant: TestTenant;
    readonly stream: StreamId;
    readonly layout: LensLayout;
  }

  async function addThing(lens: TestLens): Promise<Thing> {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    const layout = layoutOf([table(stream, 'Thing', { Count: 'BIGINT', Text: 'VARCHAR' })]);
    lens.layouts.set(tenant.id, layout);
    return { tenant, stream, layout };
  }

  async function reopened(lens: TestLens): Promise<TestLens> {
    const next = await openLens(db, lens.dir, lens.layouts);
    opened.push(next);
    return next;
  }

  it('goes on from its file after a restart, without building it again', async () => {
    const first = await openLens(db);
    opened.push(first);
    const { tenant, stream } = await addThing(first);
    const asOf = new Date('2025-03-01T12:00:00.000Z');
    await tenant.put(stream, records(0, 10, 1), { asOf });
    await first.lens.catchUp(tenant.id);
    await first.lens.close();
    await tenant.put(stream, [...records(8, 12, 2), { id: '000000', doc: null }], { asOf });

    const second = await reopened(first);
    await second.lens.catchUp(tenant.id);
    const expected = [...range(1, 8).map((id) => [id, 1]), ...range(8, 12).map((id) => [id, 2])];
    expect(await rows(second.lens, tenant.id, all)).toEqual(expected);
    expect(built(second)).toBe(0);
    const { freshness } = await second.lens.read(tenant.id, {
      sql: all,
      params: [],
      timeoutMs: 60_000,
      streams: [stream],
    });
    expect(freshness).toEqual([{ stream, asOf, backfilling: false }]);
  });

  it('is never between two states, however often its process is killed while it applies', async () => {
    const { tenant, stream } = await addThing(test);
    // Every page sets all records to one number, so a half-applied page would show two; and it
    // adds one record that no later page touches, so a lost page stays lost.
    const pages = 24;
    const lasting = 900_000;
    const size = 300;
    await tenant.put(stream, records(0, size, 0));
    await test.lens.catchUp(tenant.id);
    let killed = 0;
    const state = { done: false };
    const writing = (async () => {
      for (let page = 1; page <= pages; page += 1) {
        await tenant.put(stream, [...records(0, size, page), ...records(lasting + page, lasting + page + 1, page)]);
        if (page % 3 === 0) {
          // At another point of the apply each time; any of them must do.
          await new Promise((resolve) => setTimeout(resolve, page));
          process.kill(test.hostPid(), 'SIGKILL');
          killed += 1;
        }
        await rows(test.lens, tenant.id, 'select 1');
      }
    })().finally(() => (state.done = true));
    const seen: number[] = [];
    while (!state.done) {
      const sql = `select count(*), count(distinct "Count"), max("Count") from crm."Thing" where _id < '${lasting}'`;
      const [row] = await rows(test.lens, tenant.id, sql);
      expect([row?.[0], row?.[1]]).toEqual([size, 1]);
      seen.push(Number(row?.[2]));
    }
    await writing;
    await test.lens.catchUp(tenant.id);
    const added = range(lasting + 1, lasting + pages + 1).map((id, index) => [id, index + 1]);
    expect(await rows(test.lens, tenant.id, all)).toEqual([...range(0, size).map((id) => [id, pages]), ...added]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(killed).toBe(pages / 3);
    expect((await test.lens.status(tenant.id)).appliedSeq).toBe((pages + 1) * size + pages);
  });

  it('finishes a build whose process is killed', async () => {
    const { tenant, stream } = await addThing(test);
    await tenant.put(stream, records(0, 12_000, 1));
    const ready = test.lens.catchUp(tenant.id);
    const before = test.events.length;
    await rows(test.lens, tenant.id, 'select 1').catch(() => undefined);
    process.kill(test.hostPid(), 'SIGKILL');
    await ready;
    await test.lens.rebuild(tenant.id);
    expect(await rows(test.lens, tenant.id, 'select count(*) from crm."Thing"')).toEqual([[12_000]]);
    expect(test.events.length).toBeGreaterThan(before);
    await expect.poll(() => filesOf(test, tenant)).toHaveLength(1);
  });

  it('builds again what cannot be read or was never finished', async () => {
    const first = await openLens(db);
    opened.push(first);
    const { tenant, stream } = await addThing(first);
    await tenant.put(stream, records(0, 5, 1));
    await first.lens.catchUp(tenant.id);
    await first.lens.close();
    const [name] = await filesOf(first, tenant);
    await writeFile(join(first.dir, name ?? ''), 'this is no DuckDB file'.repeat(1_000));
    await writeFile(join(first.dir, `${tenant.id}.99.duckdb`), '');

    const second = await reopened(first);
    expect(await rows(second.lens, tenant.id, all)).toEqual(range(0, 5).map((id) => [id, 1]));
    expect(second.events.filter((event) => event.kind === 'lens_file_discarded')).toHaveLength(2);
    expect(built(second)).toBe(1);
    expect(await filesOf(second, tenant)).toHaveLength(1);
  });

  it('takes nothing from a process that is alive', async () => {
    const { tenant, stream } = await addThing(test);
    await tenant.put(stream, records(0, 5, 1));
    await test.lens.catchUp(tenant.id);
    const other = await reopened(test);
    await expect(rows(other.lens, tenant.id, all)).rejects.toMatchObject({ code: 'lens_file_in_use' });
    expect(await rows(test.lens, tenant.id, all)).toHaveLength(5);
  });

  it('starts over when the store is behind the file', async () => {
    const first = await openLens(db);
    opened.push(first);
    const { tenant, stream, layout } = await addThing(first);
    await tenant.put(stream, records(0, 5, 1));
    await first.lens.catchUp(tenant.id);
    await first.lens.close();
    // An older copy of the database: the same tenant number, fewer changes.
    const older = await open();
    while ((await addTestTenant(older, ['Thing'])).id < tenant.id);
    const second = await openLens(older, first.dir, new Map([[tenant.id, layout]]));
    opened.push(second);
    await second.lens.catchUp(tenant.id);
    expect(await rows(second.lens, tenant.id, all)).toEqual([]);
  });
});

const range = (from: number, to: number): Json[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index).padStart(6, '0'));

const records = (from: number, to: number, count: number): TestRecord[] =>
  Array.from({ length: to - from }, (_, index) => ({
    id: String(from + index).padStart(6, '0'),
    doc: { Count: count, Text: `text ${from + index} `.repeat(10) },
  }));

const built = (lens: TestLens): number => lens.events.filter((event) => event.kind === 'lens_built').length;

async function filesOf(lens: TestLens, tenant: TestTenant): Promise<string[]> {
  const names = await readdir(lens.dir);
  return names.filter((name) => name.startsWith(`${tenant.id}.`) && name.endsWith('.duckdb'));
}
