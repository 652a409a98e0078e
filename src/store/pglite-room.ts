import { statfs } from 'node:fs/promises';
import { GantryError, limits, type Clock } from '../kernel/index.ts';
import type { PgliteThread } from './pglite-thread.ts';

/**
 * Keeps an embedded database from running out of disk in the middle of its
 * write-ahead log, from where it never answers again: with too little room left
 * it only reads. Writing goes on by itself when there is room again.
 */
export interface PgliteRoom {
  /** Before each use of the thread. */
  check(thread: PgliteThread): Promise<void>;
}

export function createPgliteRoom(directory: string, clock: Clock): PgliteRoom {
  const readOnly = new WeakSet<PgliteThread>();
  let lookAgainMs = Number.NEGATIVE_INFINITY;
  let scarce = false;
  return {
    check: async (thread) => {
      if (clock.monotonicMs() >= lookAgainMs) {
        const room = await roomMb(directory);
        scarce = room < limits.storeRoomMb;
        // The log grows by segments of 16 MB: what was room enough a moment ago may be none after two of them.
        lookAgainMs = clock.monotonicMs() + (room < limits.storeRoomNearMb ? 0 : limits.storeRoomLookMs);
      }
      if (scarce === readOnly.has(thread)) return;
      await thread.call({ kind: 'script', text: `set default_transaction_read_only = ${scarce ? 'on' : 'off'}` });
      if (scarce) readOnly.add(thread);
      else readOnly.delete(thread);
    },
  };
}

/** Why it did not start: PGlite does not tell a full disk from other reasons. */
export async function withDiskFull<Started>(directory: string, start: () => Promise<Started>): Promise<Started> {
  try {
    return await start();
  } catch (error) {
    const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    const room = full ? 0 : await roomMb(directory);
    if (room >= limits.storeRoomMb) throw error;
    throw new GantryError('store_disk_full', {
      message: `The embedded database does not start: its disk has ${String(Math.floor(room))} MB of room, and it needs ${String(limits.storeRoomMb)}.`,
      where: directory,
      cause: error,
    });
  }
}

async function roomMb(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return (bavail * bsize) / 2 ** 20;
}
