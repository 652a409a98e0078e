import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { limits, systemClock, systemRandom, type Clock, type Random } from '../kernel/index.ts';
import { createDb } from './create-db.ts';
import { lockDirectory, type DirectoryLock } from './directory-lock.ts';
import type { Db } from './db.ts';
import type { Driver, Session } from './driver.ts';
import { createEars } from './ears.ts';
import { findNewborn } from './pglite-newborn.ts';
import { startPgliteThread, type PgliteThread } from './pglite-thread.ts';
import { encodeParam } from './sql-values.ts';
import { startPgliteLife } from './pglite-life.ts';
import { createPgliteRoom, withDiskFull, type PgliteRoom } from './pglite-room.ts';
import { createTurns } from './turns.ts';

export interface PgliteOptions {
  /** Where the database lives; made if missing. Undefined with `memory`. */
  readonly dataDir?: string;
  /** In memory: gone when closed. For tests and rehearsals. */
  readonly memory?: true;
  /** A new database has no tables yet, where it would otherwise have this program's: for tests of migrations. */
  readonly bare?: true;
  /** How long to wait for another process to let go of `dataDir`. */
  readonly lockWaitMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * PostgreSQL inside this process: no set-up, one process, one connection, fsync
 * off (survives the process's death, not the machine's). Raises `store_locked`
 * when another process has the directory, `store_unavailable` when it does not start.
 */
export async function openPglite(options: PgliteOptions): Promise<Db> {
  if (options.dataDir === undefined && options.memory !== true) throw new Error('openPglite needs dataDir or memory');
  // Which of them fits takes reading all migrations: a database that is there needs none.
  const isThere = options.dataDir !== undefined && existsSync(join(options.dataDir, 'postgres'));
  const newborn = isThere || options.bare === true ? undefined : await findNewborn();
  if (options.dataDir === undefined)
    return createDb(await pgliteDriver(() => startPgliteThread({ dataDir: undefined, newborn })));
  const place = resolve(options.dataDir);
  const lock = await withDiskFull(place, () => lockData(place, options));
  const dataDir = join(place, 'postgres');
  const start = (): Promise<PgliteThread> => withDiskFull(place, () => startPgliteThread({ dataDir, newborn }));
  try {
    const room = createPgliteRoom(place, options.clock ?? systemClock);
    return createDb(await pgliteDriver(start, { place, lock, room }));
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function lockData(dataDir: string, options: PgliteOptions): Promise<DirectoryLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return lockDirectory(dataDir, {
    waitMs: options.lockWaitMs ?? limits.lockProbeMs,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  });
}

async function pgliteDriver(
  start: () => Promise<PgliteThread>,
  owned?: { readonly place: string; readonly lock: DirectoryLock; readonly room: PgliteRoom },
): Promise<Driver> {
  const turns = createTurns();
  const ears = createEars();
  const life = await startPgliteLife(start, async (thread) => {
    thread.onNotified(ears.hear);
    for (const channel of ears.channels()) await thread.call({ kind: 'listen', channel });
    ears.missedAll();
  });
  const sessionOn = (thread: PgliteThread): Session => {
    const call = async (request: Parameters<PgliteThread['call']>[0]): Promise<unknown[]> => {
      try {
        return await thread.call(request);
      } catch (error) {
        await life.failed(thread, error);
        throw error;
      }
    };
    return {
      query: (text, params) => call({ kind: 'query', text, params: params.map(encodeParam) }),
      script: (text) => call({ kind: 'script', text }),
      // The only connection there is: a rollback that fails means that the thread is gone, and calls say so.
      discard: () => undefined,
    };
  };
  return {
    kind: 'pglite',
    serverVersion: life.serverVersion,
    ...(owned === undefined ? {} : { where: owned.place }),
    session: (work) =>
      turns.run(async () => {
        const thread = await life.thread();
        await owned?.room.check(thread);
        return work(sessionOn(thread));
      }),
    listen: async (channel, listener, missed) => {
      const { isFirst, forget } = ears.add(channel, { listener, missed });
      // Also a second listener waits for its turn: the first one's `listen` is done by then.
      await turns.run(async () => (isFirst ? (await life.thread()).call({ kind: 'listen', channel }) : []));
      return async () => forget();
    },
    close: async () => {
      await turns.run(() => life.end());
      await owned?.lock.release();
    },
  };
}
