import { basename } from 'node:path';
import { limits, systemClock, type TenantId } from '../../kernel/index.ts';
import type { ClosedBecause, HostEvent } from '../host-protocol.ts';
import { HostError, isBroken, isOutside } from './failure.ts';
import { listFiles, removeFile, type LensFile } from './files.ts';
import { closeInstance, openInstance, type Instance } from './instance.ts';
import { readMeta } from './meta.ts';

/**
 * The open tenants of this process. Beyond `openMax` the least recently used
 * one is closed before another is opened. What is in use is not closed, so
 * there are more while more than that are in use at the same moment.
 */
export interface Registry {
  /** The tenant's open file, opened now where it was not; null where there is none that can be used. */
  find(tenant: TenantId): Promise<Instance | null>;
  /** The same, in use from now on: the caller counts `active` down when it is done. */
  take(tenant: TenantId): Promise<Instance | null>;
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
  /** Whether any file of the tenant is open: one that was replaced is until its last read ends. */
  holds(tenant: TenantId): boolean;
  /** Closes what was not used for a while; opens anew what has grown much and is not used right now. */
  sweep(): void;
  closeAll(): Promise<void>;
}

interface Slot {
  opening: Promise<Instance | null>;
  /** Set once it is open. */
  instance: Instance | null;
  /** Who waits for it to open, or has it and has not begun: to close it would break them. */
  expecting: number;
}

interface Shelf {
  readonly dir: string;
  readonly emit: (event: HostEvent) => void;
  readonly openMax: number;
  readonly slots: Map<TenantId, Slot>;
  readonly closing: Map<TenantId, Promise<void>>;
  /**
   * Paths of files that this process has open. Two instances on one file
   * corrupt it, and DuckDB refuses that between processes only.
   */
  readonly held: Set<string>;
}

// How often to look whether the last use has ended.
const drainPollMs = 50;

export function createRegistry(dir: string, emit: (event: HostEvent) => void, openMax: number): Registry {
  const shelf: Shelf = { dir, emit, openMax, slots: new Map(), closing: new Map(), held: new Set() };
  const { slots, closing } = shelf;

  /** Nobody finds it from now on; whoever asks for the file waits until this one has let go of it. */
  function failed(instance: Instance, error: unknown): void {
    if (!isBroken(error) || slots.get(instance.tenant)?.instance !== instance) return;
    const idle = drained(() => instance.active > 0);
    void shut(shelf, instance, 'broken', idle);
  }

  return {
    find: (tenant) => slotOf(shelf, tenant).opening,
    take: (tenant) => take(shelf, tenant),
    failed,
    async withInstance(tenant, work) {
      const instance = await take(shelf, tenant);
      if (instance === null) throw new HostError({ kind: 'absent' });
      try {
        return await work(instance);
      } catch (error) {
        failed(instance, error);
        throw error;
      } finally {
        instance.active -= 1;
        instance.lastUsedMs = systemClock.monotonicMs();
        void trim(shelf);
      }
    },
    create: (tenant, file) => hold(shelf, tenant, file),
    replace(instance) {
      const before = slots.get(instance.tenant);
      slots.set(instance.tenant, { opening: Promise.resolve(instance), instance, expecting: 0 });
      instance.lastUsedMs = systemClock.monotonicMs();
      void trim(shelf);
      void retire(shelf, before?.opening ?? Promise.resolve(null), instance);
    },
    close: (instance) => letGo(shelf, instance),
    async release(tenant) {
      const instance = await slots.get(tenant)?.opening;
      if (instance === null || instance === undefined) return;
      await drained(() => instance.active > 0 || (slots.get(tenant)?.expecting ?? 0) > 0);
      // Something may have replaced or closed it meanwhile.
      if (slots.get(tenant)?.instance === instance) void shut(shelf, instance, 'asked');
      await closing.get(tenant);
    },
    holds: (tenant) => [...shelf.held].some((path) => basename(path).startsWith(`${String(tenant)}.`)),
    sweep() {
      const before = systemClock.monotonicMs() - limits.lensIdleCloseMs;
      for (const instance of unused(shelf)) {
        if (instance.lastUsedMs <= before) void shut(shelf, instance, 'idle');
        else if (hasGrown(instance)) void reopen(shelf, instance);
      }
    },
    async closeAll() {
      await Promise.all(closing.values());
      const all = [...slots.values()].flatMap(({ instance }) => instance ?? []);
      await Promise.all(all.map((instance) => letGo(shelf, instance)));
    },
  };
}

function slotOf(shelf: Shelf, tenant: TenantId): Slot {
  const present = shelf.slots.get(tenant);
  if (present !== undefined) return present;
  const slot: Slot = { opening: Promise.resolve(null), instance: null, expecting: 0 };
  shelf.slots.set(tenant, slot);
  slot.opening = open(shelf, tenant, slot);
  return slot;
}

async function open(shelf: Shelf, tenant: TenantId, slot: Slot): Promise<Instance | null> {
  try {
    await shelf.closing.get(tenant);
    // Waited for: files that are still closing are open files too.
    await trim(shelf);
    const start = systemClock.monotonicMs();
    slot.instance = await openNewest(shelf, tenant);
    if (slot.instance !== null) shelf.emit({ kind: 'file_opened', tenant, ms: systemClock.monotonicMs() - start });
    return slot.instance;
  } finally {
    // A finished build may have taken its place meanwhile.
    if (slot.instance === null && shelf.slots.get(tenant) === slot) shelf.slots.delete(tenant);
  }
}

async function take(shelf: Shelf, tenant: TenantId): Promise<Instance | null> {
  const slot = slotOf(shelf, tenant);
  slot.expecting += 1;
  try {
    const instance = await slot.opening;
    if (instance !== null) instance.active += 1;
    return instance;
  } finally {
    slot.expecting -= 1;
  }
}

/** Takes it off the shelf at once, and closes it when `idle` resolves. */
function shut(
  shelf: Shelf,
  instance: Instance,
  why: ClosedBecause,
  idle: Promise<void> = Promise.resolve(),
): Promise<void> {
  const { slots, closing, emit } = shelf;
  const { tenant } = instance;
  slots.delete(tenant);
  const closed = idle
    .then(() => letGo(shelf, instance))
    .then(() => emit({ kind: 'file_closed', tenant, why }))
    .finally(() => closing.delete(tenant));
  closing.set(tenant, closed);
  return closed;
}

/** Open files that nobody uses, the least recently used first. */
function unused({ slots }: Shelf): Instance[] {
  const free = [...slots.values()].filter(({ instance, expecting }) => expecting === 0 && instance?.active === 0);
  return free.flatMap(({ instance }) => instance ?? []).toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
}

/** A first load that goes on would only make it grow again. */
const hasGrown = ({ seq, openedAtSeq, streams }: Instance): boolean =>
  seq - openedAtSeq >= limits.lensReopenAfterChanges && !streams.some(({ backfilling }) => backfilling);

/** Whoever asks meanwhile waits for it. What fails here fails again, and is told, when somebody asks. */
async function reopen(shelf: Shelf, instance: Instance): Promise<void> {
  void shut(shelf, instance, 'grown');
  await slotOf(shelf, instance.tenant).opening.catch(() => undefined);
}

/** Closes what is beyond the bound; resolves when that is closed. */
async function trim(shelf: Shelf): Promise<void> {
  const excess = shelf.slots.size - shelf.openMax;
  if (excess <= 0) return;
  await Promise.all(
    unused(shelf)
      .slice(0, excess)
      .map((instance) => shut(shelf, instance, 'room')),
  );
}

async function drained(used: () => boolean): Promise<void> {
  while (used()) await systemClock.sleep(drainPollMs);
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
  instance.openedAtSeq = meta.seq;
  instance.mark = meta.mark;
  instance.streams = meta.streams;
  instance.layout = meta.layout;
  instance.lastUsedMs = systemClock.monotonicMs();
  return instance;
}
