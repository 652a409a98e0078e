import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, limits, type Clock, type Random } from '../kernel/index.ts';
import { isRunning, processIdentity, type ProcessIdentity } from './process-identity.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** How long to wait for a living owner to let go. */
  readonly waitMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

interface Owner extends ProcessIdentity {
  /** This very lock, so that a takeover cannot mistake a new owner for the dead one. */
  readonly nonce: string;
  /** When it was taken, for people. Locks of older programs do not have it. */
  readonly since?: string;
}

const pollMs = 50;

/**
 * Keeps a second process off a directory that only one may use. A lock whose
 * owner is dead is taken over; a living owner's raises `store_locked` after
 * `waitMs`. The file is never seen half written: it is linked into place.
 */
export async function lockDirectory(directory: string, options: LockOptions): Promise<DirectoryLock> {
  const path = join(directory, 'gantry.lock');
  const owner: Owner = {
    ...processIdentity(),
    nonce: Buffer.from(options.random.bytes(12)).toString('hex'),
    since: options.clock.now().toISOString(),
  };
  const deadline = options.clock.monotonicMs() + options.waitMs;
  for (;;) {
    const holder = await tryTake(path, owner, options.clock);
    if (holder === undefined) break;
    if (options.clock.monotonicMs() >= deadline) throw locked(directory, holder);
    await options.clock.sleep(pollMs);
  }
  const beat = setInterval(() => void touch(path, options.clock), limits.lockBeatMs);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await readOwner(path))?.nonce === owner.nonce) await rm(path, { force: true });
    },
  };
}

/** Undefined: taken. Otherwise the owner that is in the way. */
async function tryTake(path: string, owner: Owner, clock: Clock): Promise<Owner | undefined> {
  const own = `${path}.${owner.nonce}`;
  await writeFile(own, JSON.stringify(owner), { mode: 0o600 });
  try {
    if (await linked(own, path)) return undefined;
    const holder = await readOwner(path);
    if (holder === undefined) return await tryTake(path, owner, clock);
    if (await isAlive(path, holder, clock)) return holder;
    return (await replaceStale(path, own, holder, owner, clock)) ? undefined : holder;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Only the holder of `<path>.<nonce of the dead lock>` may replace that lock,
 * so two processes that both found it dead cannot both end up as owners. That
 * second file is a lock like the first and is taken over the same way.
 */
async function replaceStale(path: string, own: string, stale: Owner, owner: Owner, clock: Clock): Promise<boolean> {
  const right = `${path}.${stale.nonce}.takeover`;
  if ((await tryTake(right, owner, clock)) !== undefined) return false;
  try {
    if ((await readOwner(path))?.nonce !== stale.nonce) return false;
    await rename(own, path);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GantryError('store_locked', {
      message: `The lock file ${path} cannot be read, so nobody can say whether its owner is alive.`,
      where: path,
      fix: 'Make sure that no Gantry process uses this directory, then delete the lock file.',
      cause: error,
    });
  }
}

/**
 * On this machine the process table knows. A process of another machine or
 * container is alive if it touches the file while we watch.
 */
async function isAlive(path: string, holder: Owner, clock: Clock): Promise<boolean> {
  if (holder.host === processIdentity().host) return isRunning(holder);
  const before = await touchedAt(path);
  await clock.sleep(limits.lockForeignProbeMs);
  return (await touchedAt(path)) !== before;
}

async function touchedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

async function touch(path: string, clock: Clock): Promise<void> {
  await utimes(path, clock.now(), clock.now()).catch(() => undefined);
}

function locked(directory: string, holder: Owner): GantryError {
  const { pid, since } = holder;
  const host = holder.host.split(' ')[0] ?? '';
  return new GantryError('store_locked', {
    message: `${directory} is in use by process ${String(pid)} on ${host}${since === undefined ? '' : ` since ${since}`}.`,
    where: directory,
    data: { pid, host, directory, ...(since === undefined ? {} : { since }) },
  });
}
