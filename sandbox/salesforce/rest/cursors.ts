import { randomToken } from '../../kit/index.ts';

/** The rows of a running query and how to write them. */
export interface Cursor {
  readonly user: string;
  readonly rows: readonly number[];
  readonly batchSize: number;
  readonly render: (row: number, base: string) => unknown;
}

export interface Cursors {
  open(cursor: Cursor): string;
  /** The cursor behind an id if it is this user's and still open. */
  find(id: string, user: string): Cursor | null;
}

/** A user may have this many queries open; the oldest makes room. */
const OPEN_MAX = 10;

export function createCursors(): Cursors {
  const open = new Map<string, Cursor>();
  return {
    open: (cursor) => {
      const mine = [...open].filter(([, other]) => other.user === cursor.user);
      if (mine.length >= OPEN_MAX && mine[0] !== undefined) open.delete(mine[0][0]);
      const id = `0r8${randomToken(12).replace(/[-_]/g, 'A').slice(0, 15)}`;
      open.set(id, cursor);
      return id;
    },
    find: (id, user) => {
      const cursor = open.get(id);
      return cursor !== undefined && cursor.user === user ? cursor : null;
    },
  };
}
