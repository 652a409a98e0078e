import { limits, systemClock, type TenantId } from '../../kernel/index.ts';
import type { HostEvent } from '../host-protocol.ts';
import { HostError } from './failure.ts';
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
  /** Ends an instance that nothing uses and nobody finds. */
  close(instance: Instance): Promise<void>;
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

  return {
    find,
    async withInstance(tenant, work) {
      const instance = await find(tenant);
      if (instance === null) throw new HostError({ kind: 'absent' });
      instance.active += 1;
      try {
        return await work(instance);
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
    sweep() {
      const now = systemClock.monotonicMs();
      const all = [...slots.values()].flatMap(({ instance }) => instance ?? []);
      const quiet = all.filter((instance) => instance.active === 0).toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
      let excess = all.length - limits.lensOpenMax;
      for (const instance of quiet) {
        if (excess <= 0 && now - instance.lastUsedMs < limits.lensIdleCloseMs) break;
        shut(instance);
        excess -= 1;
      }
    },
    async closeAll() {
      await Promise.all(closing.values());
      const all = [...slots.values()].flatMap(({ instance }) => instance ?? []);
      await Promise.all(all.map((instance) => letGo(shelf, instance)));
    },
  };
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

const drainPollMs = 50;

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
    if (error instanceof HostError) throw error;
    return discarded('unreadable');
  }
  const meta = await readMeta(instance.writer).catch(() => null);
  if (meta === null) {
    await letGo(shelf, instance);
    return discarded('unfinished, unreadable or of another format');
  }
  instance.seq = meta.seq;
  instance.layout = meta.layout;
  instance.lastUsedMs = systemClock.monotonicMs();
  return instance;
}
