import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import { lockDirectory, openDb, openPglite } from '../../src/store/index.ts';

let root: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gantry-embedded-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

async function holdInChild(dataDir: string, row: number): Promise<{ child: ChildProcess; said: string }> {
  const script = fileURLToPath(new URL('./hold-database.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, String(row)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

const code = (wanted: string) => (error: unknown) => error instanceof GantryError && error.code === wanted;

describe('the embedded database', () => {
  it('serves one process; the next is told which one, and gets in when that one is dead', async () => {
    const dataDir = join(root, 'shared');
    const first = await holdInChild(dataDir, 1);
    expect(first.said).toBe('open');
    const second = await holdInChild(dataDir, 2);
    expect(JSON.parse(second.said)).toMatchObject({
      code: 'store_locked',
      data: { pid: first.child.pid, directory: dataDir },
    });
    await expect(openPglite({ dataDir, lockWaitMs: 0 })).rejects.toSatisfy(code('store_locked'));

    const died = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await died;
    const db = await openDb({ dataDir });
    // What the dead process had committed is there; what the refused one tried is not.
    expect(await db.query('select n from kept')).toEqual([{ n: 1 }]);
    await expect(openPglite({ dataDir, lockWaitMs: 0 })).rejects.toSatisfy(code('store_locked'));
    await db.close();

    const third = await holdInChild(dataDir, 3);
    expect(third.said).toBe('open');
    const left = once(third.child, 'exit');
    third.child.stdin?.write('end\n');
    await left;
    expect((await readdir(dataDir)).filter((name) => name.includes('lock'))).toEqual([]);
  });

  it('leaves the main thread free while it works', async () => {
    const db = await openPglite({ memory: true });
    let turns = 0;
    let working = true;
    const spin = (): void => {
      turns += 1;
      if (working) setImmediate(spin);
    };
    spin();
    await db.query('select count(*) from generate_series(1, 1000000)');
    working = false;
    // In this thread it would have been one.
    expect(turns).toBeGreaterThan(20);
    await db.close();
    await expect(db.query('select 1')).rejects.toSatisfy(code('store_unavailable'));
  });

  it('serves transactions in the order of asking', async () => {
    const db = await openPglite({ memory: true });
    const order: number[] = [];
    const asked = Array.from({ length: 10 }, (_, index) =>
      index % 2 === 0
        ? db.tx(async (tx) => {
            await tx.query('select 1');
            await tx.query('select 2');
            order.push(index);
          })
        : db.query('select 3').then(() => order.push(index)),
    );
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await db.close();
  });

  it('begins anew where the first start was killed before the database was whole', async () => {
    const dataDir = join(root, 'half-made');
    await mkdir(join(dataDir, 'postgres.new', 'base'), { recursive: true });
    await writeFile(join(dataDir, 'postgres.new', 'PG_VERSION'), '9.1\n');
    const db = await openPglite({ dataDir });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
    expect(await readdir(dataDir)).toEqual(['postgres']);
  });

  it('says what is wrong with a directory that it cannot use', async () => {
    const dataDir = join(root, 'broken');
    const db = await openPglite({ dataDir });
    await db.close();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '9.1\n');
    await expect(openPglite({ dataDir, lockWaitMs: 0 })).rejects.toSatisfy(code('store_unavailable'));
    expect((await readdir(dataDir)).filter((name) => name.includes('lock'))).toEqual([]);
  });
});

const lockFile = (dir: string): string => join(dir, 'gantry.lock');
/** A clock whose waiting is over at once, with something happening meanwhile. */
const watching = (during: () => Promise<void>): Clock => ({ ...systemClock, sleep: during });

describe('the lock on a directory', () => {
  const options = { waitMs: 0, clock: systemClock, random: systemRandom };
  let count = 0;
  const emptyDir = (): Promise<string> => {
    count += 1;
    return mkdtemp(join(root, `lock${count}-`));
  };
  /** A lock as another owner would have written it. */
  const foreign = async (dir: string, change: { readonly [key: string]: string | number }): Promise<void> => {
    const lock = await lockDirectory(dir, options);
    const own = JSON.parse(await readFile(lockFile(dir), 'utf8')) as object;
    await lock.release();
    await writeFile(lockFile(dir), JSON.stringify({ ...own, nonce: 'other', ...change }));
  };

  it('is held once and free after release', async () => {
    const dir = await emptyDir();
    const lock = await lockDirectory(dir, options);
    await expect(lockDirectory(dir, options)).rejects.toSatisfy(code('store_locked'));
    await lock.release();
    await (await lockDirectory(dir, options)).release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('is not held by a later process with the same number', async () => {
    const dir = await emptyDir();
    await foreign(dir, { startedAt: 'long ago' });
    await (await lockDirectory(dir, options)).release();
  });

  it('goes to exactly one of many that find its owner dead', async () => {
    for (let round = 0; round < 10; round += 1) {
      const dir = await emptyDir();
      await foreign(dir, { startedAt: 'long ago', nonce: `dead${round}` });
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDirectory(dir, options)));
      const won = tries.filter((result) => result.status === 'fulfilled');
      expect(won).toHaveLength(1);
      await won[0]?.value.release();
      expect(await readdir(dir)).toEqual([]);
    }
  });

  it('of another machine is held while somebody touches it', async () => {
    const dir = await emptyDir();
    await foreign(dir, { host: 'elsewhere' });
    const touched = watching(() => utimes(lockFile(dir), new Date(1), new Date(1)));
    await expect(lockDirectory(dir, { ...options, clock: touched })).rejects.toSatisfy(code('store_locked'));
    await (await lockDirectory(dir, { ...options, clock: watching(async () => undefined) })).release();
  });

  it('is not taken from its new owner by one that found the old owner dead before', async () => {
    const dir = await emptyDir();
    await foreign(dir, { host: 'elsewhere' });
    const sameTime = (): Promise<void> => utimes(lockFile(dir), new Date(1), new Date(1));
    await sameTime();
    // While the slow one watches the dead lock, a quick one replaces it; the file's time gives nothing away.
    const slow = watching(async () => {
      await lockDirectory(dir, { ...options, clock: watching(async () => undefined) });
      await sameTime();
    });
    await expect(lockDirectory(dir, { ...options, clock: slow })).rejects.toSatisfy(code('store_locked'));
  });

  it('that cannot be read is nobody’s to take', async () => {
    const dir = await emptyDir();
    await writeFile(lockFile(dir), 'torn');
    await expect(lockDirectory(dir, options)).rejects.toSatisfy(code('store_locked'));
  });
});
