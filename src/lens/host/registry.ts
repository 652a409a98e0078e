import { limits, systemClock, type TenantId } from '../../kernel/index.ts';
import type { HostEvent } from '../host-protocol.ts';
import { HostError, isBroken, isOutside } from './failure.ts';
import { listFiles, removeFile, type LensFile } from './files.ts';
import { closeInstance, openInstance, type Instance } from './instance.ts';
import { readMeta } from './meta.ts';

/** The open tenants of this process. */
export interface Registry {
  /** The tenant's open file, opened now where it was not; null where there is none that can be used. */
  find(tenant: TenantId): Promise<Instance | null>;
  /** Runs `work` with the tenant's file held open; fails with `absent` where there is none. */
  withInstance<Result>(tenant: TenantId, work: (instance: Instance) => Promise<Result>): Promise<Result>;
  /** Opens a new file, which nobody finds until it takes the place of the present one. */
  create(tenant: TenantId, file: LensFile): Promise<Instance>;
  /** Puts a finished new file in the place of the present one, which ends when its last read does. */
  replace(instance: Instance): void;
  /**
   * Told what failed in an instance. One that DuckDB has given up is not found
   * any more; its file is opened anew once the last use has ended.
   */
  failed(instance: Instance, error: unknown): void;
  /** Ends an instance that nothing uses and nobody finds. */
  close(instance: Instance): Promise<void>;
  /** Closes the tenant's file when its last use ends; resolves then. */
  release(tenant: TenantId): Promise<void>;
  /** Closes what was not used for a while, and the least recently used above the bound. */
  sweep(): void;
  closeAll(): Promise<void>;
}

interface Slot {
  opening: Promise<Instance | null>;
  /** Set once it is open. */
  instance: Instance | null;
}

interface Shelf {
  readonly dir: string;
  readonly emit: (event: HostEvent) => void;
  /**
   * Paths of files that this process has open. Two instances on one file
   * corrupt it, and DuckDB refuses that between processes only.
   */
  readonly held: Set<string>;
}

// How often to look whether the last use has ended.
const drainPollMs = 50;

export function createRegistry(dir: string, emit: (event: HostEvent) => void): Registry {
  const shelf: Shelf = { dir, emit, held: new Set() };
  const slots = new Map<TenantId, Slot>();
  const closing = new Map<TenantId, Promise<void>>();

  async function open(tenant: TenantId, slot: Slot): Promise<Instance | null> {
    await closing.get(tenant);
    try {
      slot.instance = await openNewest(shelf, tenant);
      return slot.instance;
    } finally {
      // A finished build may have taken its place meanwhile.
      if (slot.instance === null && slots.get(tenant) === slot) slots.delete(tenant);
    }
  }

  function find(tenant: TenantId): Promise<Instance | null> {
    const present = slots.get(tenant);
    if (present !== undefined) return present.opening;
    const slot: Slot = { opening: Promise.resolve(null), instance: null };
    slot.opening = open(tenant, slot);
    slots.set(tenant, slot);
    return slot.opening;
  }

  function shut(instance: Instance): void {
    slots.delete(instance.tenant);
    const closed = letGo(shelf, instance).finally(() => closing.delete(instance.tenant));
    closing.set(instance.tenant, closed);
  }

  /** Nobody finds it from now on; whoever asks for the file waits until this one has let go of it. */
  function failed(instance: Instance, error: unknown): void {
    if (!isBroken(error) || slots.get(instance.tenant)?.instance !== instance) return;
    slots.delete(instance.tenant);
    const ended = drained(instance).then(() => letGo(shelf, instance));
    closing.set(
      instance.tenant,
      ended.finally(() => closing.delete(instance.tenant)),
    );
  }

  return {
    find,
    failed,
    async withInstance(tenant, work) {
      const instance = await find(tenant);
      if (instance === null) throw new HostError({ kind: 'absent' });
      instance.active += 1;
      try {
        return await work(instance);
      } catch (error) {
        failed(instance, error);
        throw error;
      } finally {
        instance.active -= 1;
        instance.lastUsedMs = systemClock.monotonicMs();
      }
    },
    create: (tenant, file) => hold(shelf, tenant, file),
    replace(instance) {
      const before = slots.get(instance.tenant);
      slots.set(instance.tenant, { opening: Promise.resolve(instance), instance });
      instance.lastUsedMs = systemClock.monotonicMs();
      void retire(shelf, before?.opening ?? Promise.resolve(null), instance);
    },
    close: (instance) => letGo(shelf, instance),
    async release(tenant) {
      const instance = await slots.get(tenant)?.opening;
      if (instance === null || instance === undefined) return;
      await drained(instance);
      // Something may have replaced or closed it meanwhile.
      if (slots.get(tenant)?.instance === instance) shut(instance);
      await closing.get(tenant);
    },
    sweep() {
      const all = [...slots.values()].flatMap(({ instance }) => instance ?? []);
      for (const instance of unneeded(all)) shut(instance);
    },
    async closeAll() {
      await Promise.all(closing.values());
      const all = [...slots.values()].flatMap(({ instance }) => instance ?? []);
      await Promise.all(all.map((instance) => letGo(shelf, instance)));
    },
  };
}

/** What was not used for a while, and the least recently used above the bound. */
function unneeded(all: readonly Instance[]): Instance[] {
  const now = systemClock.monotonicMs();
  const excess = all.length - limits.lensOpenMax;
  return all
    .filter((instance) => instance.active === 0)
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs)
    .filter((instance, index) => index < excess || now - instance.lastUsedMs >= limits.lensIdleCloseMs);
}

async function drained(instance: Instance): Promise<void> {
  while (instance.active > 0) await systemClock.sleep(drainPollMs);
}

async function hold({ held }: Shelf, tenant: TenantId, file: LensFile): Promise<Instance> {
  held.add(file.path);
  try {
    return await openInstance(tenant, file);
  } catch (error) {
    held.delete(file.path);
    throw error;
  }
}

async function letGo({ held }: Shelf, instance: Instance): Promise<void> {
  await closeInstance(instance);
  held.delete(instance.file.path);
}

/** Waits for the last read of what `instance` replaced, then ends that and removes its file and all older ones. */
async function retire(shelf: Shelf, opening: Promise<Instance | null>, instance: Instance): Promise<void> {
  const before = await opening.catch(() => null);
  if (before !== null) {
    do await systemClock.sleep(drainPollMs);
    while (before.active > 0);
    await letGo(shelf, before);
  }
  for (const file of await listFiles(shelf.dir, instance.tenant)) {
    if (file.generation < instance.file.generation && !shelf.held.has(file.path)) await removeFile(file);
  }
}

/** Opens the newest file that is whole; removes the others. Files that are open already are somebody's. */
async function openNewest(shelf: Shelf, tenant: TenantId): Promise<Instance | null> {
  let found: Instance | null = null;
  for (const file of await listFiles(shelf.dir, tenant)) {
    if (shelf.held.has(file.path)) continue;
    if (found === null) found = await openWhole(shelf, tenant, file);
    if (found?.file !== file) await removeFile(file);
  }
  return found;
}

async function openWhole(shelf: Shelf, tenant: TenantId, file: LensFile): Promise<Instance | null> {
  const discarded = (reason: string): null => {
    shelf.emit({ kind: 'file_discarded', tenant, reason });
    return null;
  };
  let instance: Instance;
  try {
    instance = await hold(shelf, tenant, file);
  } catch (error) {
    if (error instanceof HostError || isOutside(error)) throw error;
    return discarded('unreadable');
  }
  const meta = await readMeta(instance.writer).catch(async (error: unknown) => {
    if (!isOutside(error)) return null;
    await letGo(shelf, instance);
    throw error;
  });
  if (meta === null) {
    await letGo(shelf, instance);
    return discarded('unfinished, unreadable or of another format');
  }
  instance.seq = meta.seq;
  instance.mark = meta.mark;
  instance.streams = meta.streams;
  instance.layout = meta.layout;
  instance.lastUsedMs = systemClock.monotonicMs();
  return instance;
}
