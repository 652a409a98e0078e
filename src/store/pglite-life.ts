import { GantryError } from '../kernel/index.ts';
import { sqlState } from './sql-errors.ts';
import type { PgliteThread } from './pglite-thread.ts';

/** The thread that is there now; a new one takes the place of one that cannot go on. */
export interface PgliteLife {
  readonly serverVersion: string;
  /** Raises `store_disk_full` and `store_unavailable` while no thread can start. */
  thread(): Promise<PgliteThread>;
  /** To be told of every failed call. */
  failed(thread: PgliteThread, error: unknown): Promise<void>;
  end(): Promise<void>;
}

/** `ready` is called with each thread before anybody uses it. */
export async function startPgliteLife(
  start: () => Promise<PgliteThread>,
  ready: (thread: PgliteThread) => Promise<void>,
): Promise<PgliteLife> {
  let present: PgliteThread | null = await start();
  let ended = false;
  await ready(present);
  const { serverVersion } = present;
  return {
    serverVersion,
    thread: async () => {
      if (present !== null || ended) return present ?? closed();
      const next = await start();
      await ready(next);
      present = next;
      return next;
    },
    failed: async (thread, error) => {
      if (!isStuck(error)) return;
      if (present === thread) present = null;
      await thread.end();
    },
    end: async () => {
      ended = true;
      await present?.call({ kind: 'close' }).catch(() => undefined);
      await present?.end();
    },
  };
}

function closed(): never {
  throw new GantryError('store_unavailable', { message: 'The embedded database is closed.' });
}

/**
 * No room for the write-ahead log: from there PostgreSQL's answer is to start
 * anew and recover, but the embedded one may never answer again. Its thread has
 * to be ended, which costs nothing that was committed. pglite-room.ts keeps it
 * from coming to that.
 */
function isStuck(error: unknown): boolean {
  return sqlState(error) === '53100' && error instanceof Error && error.message.includes('pg_wal/');
}
