import type { HostFailure } from '../host-protocol.ts';

/** A failure that the parent understands, thrown inside the host. */
export class HostError extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

// DuckDB prefixes its messages with the kind of error; the binding passes on text alone.
const misfit = /^(Catalog|Binder) Error/;

// As DuckDB words what a structured query can run into: its memory, its depth of expressions, its parser's stack.
const tooLarge = /^Out of Memory Error|Max expression depth limit|^Parser Error: memory exhausted/;

/** Whether DuckDB gave up because of the size of a statement or of what it works on. */
export const isTooLarge = (error: unknown): boolean => error instanceof Error && tooLarge.test(error.message);

// DuckDB says what the system call said; the kinds are those that come from storage, not from a statement's values.
const storage = /^(IO|FATAL|TransactionContext|INTERNAL) Error:/;
const full = /No space left on device|File too large|Disk quota exceeded|There is not enough space/;
const fullCodes = new Set(['ENOSPC', 'EFBIG', 'EDQUOT']);

/** Whether a write failed for want of room: a full disk, a quota, or the largest file that the process may write. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && fullCodes.has(String(error.code))) return true;
  return storage.test(error.message) && full.test(error.message);
}

/**
 * Whether DuckDB has given up the whole instance: after a failed checkpoint or
 * an error inside it, every further statement fails until the file is opened anew.
 */
export const isBroken = (error: unknown): boolean =>
  error instanceof Error && /^(FATAL|INTERNAL) Error:/.test(error.message);

// What the process or the machine lacks; the file is as good as it was.
const lackCodes = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EPERM', 'EROFS', 'EIO']);
const lack =
  /Too many open files|Cannot allocate memory|Out of Memory|Permission denied|Read-only file system|Input\/output error/;

/** Whether a file could not be opened for a reason that lies outside of it, so that it may not be thrown away. */
export function isOutside(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isDiskFull(error)) return true;
  return ('code' in error && lackCodes.has(String(error.code))) || lack.test(error.message);
}

/** What to tell the parent about anything that was thrown. */
export function toFailure(error: unknown): HostFailure {
  if (error instanceof HostError) return error.failure;
  const text = error instanceof Error ? error.message : String(error);
  // First: what broke the instance may have been the full disk.
  if (isDiskFull(error)) return { kind: 'disk_full', text };
  if (isBroken(error)) return { kind: 'broken', text };
  return { kind: misfit.test(text) ? 'misfit' : 'engine', text };
}
