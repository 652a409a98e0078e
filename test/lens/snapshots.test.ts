import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import type { StreamId } from '../../src/kernel/index.ts';
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

describe('copies of lens files', () => {
  const open = openerOf('pglite');
  let db: Db;
  let dir: string;
  const opened: TestLens[] = [];

  beforeAll(async () => {
    db = await open();
    dir = await mkdtemp(join(tmpdir(), 'lens-copies-'));
  });
  // Those of another test would read this one's tenants, too, and find their copies first.
  afterEach(async () => {
    for (const each of opened.splice(0).toReversed()) await each.close();
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  /** A process on another machine: no files of its own, the same database and the same copies. */
  async function another(layouts?: TestLens['layouts'], of: Db = db): Promise<TestLens> {
    const lens = await openLens(of, undefined, layouts, dir);
    opened.push(lens);
    return lens;
  }

  async function addThing(lens: TestLens): Promise<{ tenant: TestTenant; stream: StreamId }> {
    const tenant = await addTestTenant(db, ['Thing']);
    const [stream] = tenant.streams;
    if (stream === undefined) throw new Error('no stream');
    lens.layouts.set(tenant.id, layoutOf([table(stream, 'Thing', { Count: 'BIGINT' })]));
    return { tenant, stream };
  }

  const all = 'select count(*), sum("Count") from crm."Thing"';
  const kinds = (lens: TestLens): string[] => lens.events.map(({ kind }) => kind);
  const copiesOf = (tenant: TestTenant): Promise<string[]> => readdir(join(dir, String(tenant.id)));

  it('spare a new process reading all records again; it has what changed since, too', async () => {
    const first = await another();
    const { tenant, stream } = await addThing(first);
    await tenant.put(stream, records(0, 50, 1));
    const kept = await first.lens.snapshot(tenant.id);
    expect(kept.seq).toBe(50);
    await tenant.put(stream, [...records(0, 10, 5), { id: '49', doc: null }]);
    await first.lens.close();

    const second = await another(first.layouts);
    await second.lens.catchUp(tenant.id);
    expect(await rows(second.lens, tenant.id, all)).toEqual([[49, 10 * 5 + 39]]);
    expect(kinds(second)).toContain('lens_restored');
    expect(kinds(second)).not.toContain('lens_built');

    // The newest copy is the only one.
    await second.lens.snapshot(tenant.id);
    expect((await copiesOf(tenant)).map((name) => name.split('.')[1])).toEqual(['61']);
  });

  it('are brought to a layout that is newer than they are', async () => {
    const first = await another();
    const { tenant, stream } = await addThing(first);
    await tenant.put(stream, records(0, 20, 1));
    await first.lens.snapshot(tenant.id);
    const newer = layoutOf([table(stream, 'Thing', { Count: 'BIGINT', Text: 'VARCHAR' })]);
    const second = await another(new Map([[tenant.id, newer]]));
    await second.lens.catchUp(tenant.id);
    const sql = 'select count(*), min("Text") from crm."Thing"';
    expect(await rows(second.lens, tenant.id, sql)).toEqual([[20, 'text']]);
    expect(kinds(second)).toContain('lens_restored');
  });

  it('are taken while the tenant is read and its records change', async () => {
    const lens = await another();
    const { tenant, stream } = await addThing(lens);
    await tenant.put(stream, records(0, 500, 0));
    await lens.lens.catchUp(tenant.id);
    const state = { done: false };
    const reading = (async () => {
      // All records have one number at any moment.
      while (!state.done) {
        const [row] = await rows(lens.lens, tenant.id, 'select count(distinct "Count"), count(*) from crm."Thing"');
        expect(row).toEqual([1, 500]);
      }
    })();
    for (let round = 1; round <= 5; round += 1) {
      const taken = lens.lens.snapshot(tenant.id);
      await tenant.put(stream, records(0, 500, round));
      const { seq } = await taken;
      const second = await another(lens.layouts);
      await second.lens.catchUp(tenant.id);
      expect(await rows(second.lens, tenant.id, all)).toEqual([[500, 500 * round]]);
      const restored = second.events.flatMap((event) => (event.kind === 'lens_restored' ? [event.seq] : []));
      expect(restored).toEqual([seq]);
      await second.close();
    }
    state.done = true;
    await reading;
  });

  it('are not used where they are broken, of another format, or of another truth', async () => {
    const first = await another();
    const { tenant, stream } = await addThing(first);
    await tenant.put(stream, records(0, 30, 1));
    await first.lens.snapshot(tenant.id);
    const [name] = await copiesOf(tenant);
    const path = join(dir, String(tenant.id), name ?? '');
    const whole = join(dir, 'whole');
    await copyFile(path, whole);

    await writeFile(path, 'no such thing '.repeat(5_000));
    const broken = await another(first.layouts);
    expect(await rows(broken.lens, tenant.id, all)).toEqual([[30, 30]]);
    expect(kinds(broken)).toEqual(expect.arrayContaining(['lens_file_discarded', 'lens_built']));
    expect(await copiesOf(tenant)).toEqual([]);

    // Named as one of this format, and inside it is of an older one.
    await copyFile(whole, path);
    const duck = await DuckDBInstance.create(path);
    const connection = await duck.connect();
    await connection.run('update _gantry.meta set format = 0');
    connection.closeSync();
    duck.closeSync();
    const older = await another(first.layouts);
    expect(await rows(older.lens, tenant.id, all)).toEqual([[30, 30]]);
    expect(kinds(older)).toContain('lens_built');

    // Named as another program's, it is left alone.
    await copyFile(whole, path.replace(/\d+\.(\d+\.duckdb)$/, '0.$1'));
    const foreign = await another(first.layouts);
    expect(await rows(foreign.lens, tenant.id, all)).toEqual([[30, 30]]);
    expect(kinds(foreign)).not.toContain('lens_restored');
    expect(await copiesOf(tenant)).toHaveLength(1);

    // A database that was restored to an earlier state: the same tenant, fewer changes.
    await rename(whole, path);
    const earlier = await open();
    while ((await addTestTenant(earlier, ['Thing'])).id < tenant.id);
    const restored = await another(first.layouts, earlier);
    expect(await rows(restored.lens, tenant.id, 'select count(*) from crm."Thing"')).toEqual([[0]]);
    expect(kinds(restored)).toEqual(expect.arrayContaining(['lens_file_discarded', 'lens_built']));
  });

  it('cost nothing where their place cannot be used', async () => {
    const wrong = join(dir, 'a-file');
    await writeFile(wrong, '');
    const lens = await openLens(db, undefined, undefined, wrong);
    opened.push(lens);
    const { tenant, stream } = await addThing(lens);
    await tenant.put(stream, records(0, 5, 1));
    expect(await rows(lens.lens, tenant.id, all)).toEqual([[5, 5]]);
    await expect(lens.lens.snapshot(tenant.id)).rejects.toThrow();
    expect(kinds(lens)).toContain('lens_snapshot_failed');
    await tenant.put(stream, records(5, 6, 1));
    await lens.lens.catchUp(tenant.id);
    expect(await rows(lens.lens, tenant.id, all)).toEqual([[6, 6]]);
  });

  it('are made by themselves once enough has changed', async () => {
    const first = await another();
    const { tenant, stream } = await addThing(first);
    await tenant.put(stream, records(0, 20_000, 1));
    await first.lens.catchUp(tenant.id);
    await expect.poll(() => copiesOf(tenant).catch(() => []), { timeout: 120_000 }).toHaveLength(1);
    // A small tenant is read again faster than it is copied.
    const small = await addThing(first);
    await small.tenant.put(small.stream, records(0, 100, 1));
    await first.lens.catchUp(small.tenant.id);
    await first.lens.catchUp(small.tenant.id);
    await expect(copiesOf(small.tenant)).rejects.toThrow('ENOENT');
  });

  it('have to be switched on', async () => {
    const lens = await openLens(db);
    opened.push(lens);
    const { tenant } = await addThing(lens);
    await expect(lens.lens.snapshot(tenant.id)).rejects.toMatchObject({ code: 'lens_snapshots_off' });
  });

  it('in the lens directory itself an unfinished copy is nothing', async () => {
    const lens = await another();
    const { tenant, stream } = await addThing(lens);
    await tenant.put(stream, records(0, 5, 1));
    await mkdir(lens.dir, { recursive: true });
    await writeFile(join(lens.dir, `${tenant.id}.1.duckdb.part`), 'half');
    expect(await rows(lens.lens, tenant.id, all)).toEqual([[5, 5]]);
    expect(kinds(lens)).not.toContain('lens_file_discarded');
  });
});

const records = (from: number, to: number, count: number): TestRecord[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: String(from + index), doc: { Count: count, Text: 'text' } }));
