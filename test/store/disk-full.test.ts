import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import { openPglite, type Db } from '../../src/store/index.ts';
import { mayMount, mountSmall, type SmallDisk } from '../support/small-disk.ts';

const MB = 2 ** 20;

describe.skipIf(!mayMount)('an embedded database whose disk is full', { timeout: 300_000 }, () => {
  let disk: SmallDisk;
  let dataDir: string;
  let db: Db | null = null;
  beforeEach(async () => {
    disk = await mountSmall(100);
    dataDir = join(disk.dir, 'db');
  });
  afterEach(async () => {
    await db?.close();
    db = null;
    await disk.unmount();
  });

  const opened = async (): Promise<Db> => {
    db = await openPglite({ dataDir });
    return db;
  };
  const add = (open: Db, n: number): Promise<unknown> =>
    open.tx(async (tx) => {
      await tx.query('insert into kept select $1::int, repeat(md5($1::int::text), 100)', [n]);
      await tx.query("select pg_logical_emit_message(true, 'log', repeat('x', 300000))");
    });
  const kept = async (open: Db): Promise<number[]> =>
    (await open.query<{ n: number }>('select n from kept order by n')).map(({ n }) => n);
  /** Adds until it is refused. Returns what was acknowledged. */
  const addUntilRefused = async (open: Db): Promise<{ readonly added: number[]; readonly refusal: unknown }> => {
    const added: number[] = [];
    // More log than there is room for.
    while (added.length < 300) {
      const refusal = await add(open, added.length).then(
        () => null,
        (error: unknown) => error,
      );
      if (refusal !== null) return { added, refusal };
      added.push(added.length);
    }
    throw new Error('it was never full');
  };

  it('refuses to write before it is too late, goes on reading, and writes again when there is room', async () => {
    const open = await opened();
    await open.query('create table kept (n int primary key, t text)');
    await disk.fill(limits.storeRoomMb * MB + MB);
    const { added, refusal } = await addUntilRefused(open);
    expect(refusal).toMatchObject({ code: 'store_disk_full', details: { where: dataDir } });
    expect(added.length).toBeGreaterThan(0);
    expect(await kept(open)).toEqual(added);
    await expect(open.query('insert into kept values (-1)')).rejects.toMatchObject({ code: 'store_disk_full' });
    await disk.makeRoom();
    await expect.poll(() => add(open, 1_000).catch(() => 'refused'), { timeout: 120_000 }).not.toBe('refused');
    expect(await kept(open)).toEqual([...added, 1_000]);
  });

  it('that cannot start says why, and has everything once it can', async () => {
    const first = await opened();
    await first.query('create table kept (n int primary key, t text)');
    await add(first, 1);
    await first.close();
    await disk.fill();
    await expect(openPglite({ dataDir: join(disk.dir, 'other') })).rejects.toMatchObject({
      code: 'store_disk_full',
      details: { where: join(disk.dir, 'other') },
    });
    // One that is there already may start for reading.
    const full = await openPglite({ dataDir }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'store_disk_full' });
      return null;
    });
    if (full !== null) expect(await kept(full)).toEqual([1]);
    await full?.close();
    await disk.makeRoom();
    expect(await kept(await opened())).toEqual([1]);
  });
});

describe('an embedded database that cannot go on', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'gantry-stuck-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('because its log found no room is started anew, with all that was committed', { timeout: 300_000 }, async () => {
    const db = await openPglite({ dataDir: root });
    await db.query('create table kept (n int)');
    await db.query('insert into kept values (1)');
    // What only the present thread knows.
    await db.query('create temp table here (n int)');
    const told: string[] = [];
    await db.listen('anything', (payload) => told.push(payload));
    const lost = db.tx(async (tx) => {
      await tx.query('insert into kept values (2)');
      // As it says so itself; what comes after that it may never answer.
      await tx.query(
        `do $$ begin raise 'could not write to file "pg_wal/xlogtemp.42": No space left on device' using errcode = '53100'; end $$`,
      );
    });
    await expect(lost).rejects.toMatchObject({ code: 'store_disk_full', details: { where: root } });
    expect(await db.query('select n from kept')).toEqual([{ n: 1 }]);
    expect(await db.query("select to_regclass('here') as here")).toEqual([{ here: null }]);
    await db.query("select pg_notify('anything', 'heard')");
    await expect.poll(() => told).toEqual(['heard']);
    await db.close();
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
