import { GantryError } from '../kernel/index.ts';

/** The SQLSTATE of an error that PostgreSQL raised (`23505`), or undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * What the outside world did to the statement becomes an error for the caller;
 * what our own SQL did wrong stays the plain error that it is. `where`: the
 * directory of the data, where it is on this machine.
 */
export function toStoreError(error: unknown, where?: string): unknown {
  if (error instanceof GantryError) return error;
  const code = codeOf(error);
  if (isLoss(code, error)) {
    return new GantryError('store_unavailable', {
      message: 'The database went away or refuses connections.',
      cause: error,
    });
  }
  if (code === '57014') {
    return new GantryError('store_timeout', { message: 'A database statement ran into its time limit.', cause: error });
  }
  // A statement that found no room is lost whole; what was committed before stays.
  // 25006 of an embedded database: it only reads while room is scarce (pglite-room.ts).
  if (code === '53100' || (code === '25006' && where !== undefined)) {
    return new GantryError('store_disk_full', {
      message: 'The disk of the database is full; this transaction was not kept.',
      where,
      cause: error,
    });
  }
  if (code === '40001' || code === '40P01') {
    return new GantryError('store_conflict', {
      message: 'The database ended this transaction in favour of a concurrent one.',
      cause: error,
    });
  }
  return error;
}

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);

// `pg` gives no code where the socket closed or the pool had no connection in time.
const lossTexts =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

function isLoss(code: string | undefined, error: unknown): boolean {
  if (code !== undefined) {
    if (socketCodes.has(code)) return true;
    // 08: connection exceptions; 57P: shutdown, crash, cannot connect now, idle session; 53300: no connection left; 25P03: idle in transaction.
    if (code.startsWith('08') || code.startsWith('57P') || code === '53300' || code === '25P03') return true;
  }
  return error instanceof Error && lossTexts.test(error.message);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
