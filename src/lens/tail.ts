import { GantryError, limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { LayoutSource, LensSnapshot } from './contract.ts';
import type { LensEvent } from './events.ts';
import type { FeedBatch, LensFeed } from './feed.ts';
import { HostCallError, HostLost, type HostLink } from './host-link.ts';
import type { FileState, StreamState } from './host-protocol.ts';
import { loadFile, toStreamChanges, toStreamState } from './load-file.ts';
import { createRetries, type Retries } from './retries.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';

export interface TailParts {
  readonly feed: LensFeed;
  readonly host: HostLink;
  readonly layout: LayoutSource;
  readonly clock: Clock;
  readonly emit: (event: LensEvent) => void;
  /** Where copies of the files are kept; null: nowhere. */
  readonly snapshotDir: string | null;
}

/** Keeps one tenant's file up to date. Its works run one after the other; reads do not wait for them. */
export interface Tail {
  /** What is known of the file: true of it or older than it, never newer. Null before it was opened. */
  state(): FileState | null;
  /** Resolves as soon as there is a file to read, perhaps behind the newest change. */
  opened(): Promise<void>;
  /** Whether a changed layout is not in the file yet. */
  layoutUnsettled(): boolean;
  /** How long a read should wait for it: nothing when the layout is settled, or takes long (then the old one answers). */
  settleMs(): number;
  /**
   * Opens or builds the file, applies the layout and every change committed
   * before the call. Resolves with how many changes. Soon after a failure it
   * fails with the same error and tries nothing.
   */
  refresh(): Promise<number>;
  rebuild(): Promise<void>;
  /** Keeps a copy of the file as it is after a refresh. */
  snapshot(): Promise<LensSnapshot>;
  layoutChanged(): void;
  /** The file turned out to be gone. */
  forget(): void;
  /** The tenant is gone. Resolves when nothing of it is under way any more; everything else fails from now on. */
  end(): Promise<void>;
}

export function createTail(parts: TailParts, tenant: TenantId): Tail {
  const work: TailWork = {
    ...parts,
    tenant,
    known: null,
    layoutStale: true,
    layoutBusy: false,
    layoutSinceMs: parts.clock.monotonicMs(),
    onOpen: [],
    retries: createRetries(parts, tenant),
    snapshots: createSnapshots(parts, tenant),
  };
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<number> | null = null;
  let ended = false;

  function inTurn<Result>(job: () => Promise<Result>): Promise<Result> {
    if (ended) return Promise.reject(gone());
    const result = last.then(job);
    last = result.catch(() => undefined);
    return result;
  }

  async function refreshAndKeep(): Promise<number> {
    const applied = await work.retries.run(() => persistently(work, () => refresh(work)));
    // In a turn of its own: whoever waits for the changes does not wait for the copy. What fails is reported there.
    void inTurn(() => keepWhenDue(work)).catch(() => undefined);
    return applied;
  }

  return {
    state: () => work.known,
    opened: () => new Promise((resolve) => (work.known === null ? work.onOpen.push(resolve) : resolve())),
    layoutUnsettled: () => work.layoutStale || work.layoutBusy,
    settleMs() {
      if (!work.layoutStale && !work.layoutBusy) return 0;
      return Math.max(0, work.layoutSinceMs + limits.lensSettleMs - parts.clock.monotonicMs());
    },
    refresh() {
      const held = work.retries.held();
      if (held !== null) return Promise.reject(held);
      // One that has not begun yet will see everything that this call must see.
      next ??= inTurn(() => {
        next = null;
        return refreshAndKeep();
      });
      return next;
    },
    snapshot: () =>
      inTurn(async () => {
        await work.retries.run(() => persistently(work, () => refresh(work)));
        return work.snapshots.take();
      }),
    rebuild: () => inTurn(() => work.retries.run(() => persistently(work, () => load(work, 'fresh')))),
    layoutChanged() {
      // It may have been the layout that failed.
      work.retries.tryNow();
      if (!work.layoutStale) work.layoutSinceMs = parts.clock.monotonicMs();
      work.layoutStale = true;
    },
    forget() {
      work.known = null;
    },
    async end() {
      ended = true;
      await last;
      work.known = null;
    },
  };
}

const gone = (): GantryError =>
  new GantryError('not_found', { message: 'The tenant has left; nothing of it is kept.', where: 'tenant' });

/** What the works of one tenant share; they run one at a time. */
interface TailWork extends TailParts {
  readonly tenant: TenantId;
  /** With the host process that told it. */
  known: (FileState & { readonly epoch: number }) | null;
  /** Told that the layout may have changed, and not looked yet. */
  layoutStale: boolean;
  /** Looking, or changing the file. */
  layoutBusy: boolean;
  layoutSinceMs: number;
  /** Who waits for the file. */
  onOpen: (() => void)[];
  readonly retries: Retries;
  readonly snapshots: Snapshots;
}

function know(work: TailWork, known: FileState & { readonly epoch: number }): void {
  work.known = known;
  for (const resolve of work.onOpen.splice(0)) resolve();
}

const attemptsMax = 3;

const outlived = 'the database was restored to an earlier state, or no longer has the changes that the file misses';

/** Again where the host process ended under the job, or the file was not what we thought. */
async function persistently<Result>(work: TailWork, job: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await job();
    } catch (error) {
      if (attempt === attemptsMax || !isPassing(error)) throw error;
      if (error instanceof HostCallError) work.known = null;
    }
  }
}

async function refresh(work: TailWork): Promise<number> {
  await open(work);
  if (work.layoutStale) await load(work, 'current');
  return applyAll(work);
}

async function keepWhenDue({ known, snapshots }: TailWork): Promise<void> {
  if (known !== null && (await snapshots.due(known.seq))) await snapshots.take();
}

async function open(work: TailWork): Promise<void> {
  const { feed, host, emit, tenant } = work;
  const epoch = host.epoch();
  if (work.known?.epoch === epoch) return;
  const state = (await host.call('open', { tenant }, limits.lensWriteTimeoutMs)) ?? (await restore(work));
  // Nobody reads a file before it is known to be of this truth: a restored database may have given the tenant's number,
  // or those of its changes, to others.
  if (state !== null && (await feed.changesSince(tenant, state, 1)).continues) know(work, { ...state, epoch });
  else {
    if (state !== null) emit({ kind: 'lens_file_discarded', tenant, reason: outlived });
    await load(work, 'fresh');
  }
}

/** A copy may have been made under an older layout. */
async function restore(work: TailWork): Promise<FileState | null> {
  const state = await work.snapshots.restore();
  if (state !== null) work.layoutStale = true;
  return state;
}

/** A new file, or the present one brought to the present layout (nothing happens where it has that already). */
async function load(work: TailWork, target: 'fresh' | 'current'): Promise<void> {
  const { feed, host, clock, emit, tenant, known } = work;
  const start = clock.monotonicMs();
  work.layoutBusy = work.layoutStale;
  work.layoutStale = false;
  try {
    const epoch = host.epoch();
    const layout = await work.layout(tenant);
    if (target === 'current' && layout.version === known?.layoutVersion) return;
    const present = target === 'current' ? known : null;
    const streams = known?.streams ?? [];
    const { records, ...state } = await loadFile(feed, host, { tenant, layout, present, streams });
    know(work, { ...state, epoch });
    const ms = clock.monotonicMs() - start;
    if (target === 'fresh') emit({ kind: 'lens_built', tenant, records, ms });
    else emit({ kind: 'lens_layout_applied', tenant, version: layout.version, ms });
  } catch (error) {
    work.layoutStale = true;
    throw error;
  } finally {
    work.layoutBusy = false;
  }
}

async function applyAll(work: TailWork): Promise<number> {
  const { feed, tenant } = work;
  for (let applied = 0; ;) {
    if (work.known === null) throw new Error('a lens file is opened before changes are applied');
    const { seq: afterSeq } = work.known;
    const batch = await feed.changesSince(tenant, work.known, limits.lensBatchMax);
    if (!batch.continues) {
      work.emit({ kind: 'lens_file_discarded', tenant, reason: outlived });
      work.known = null;
      await load(work, 'fresh');
      continue;
    }
    const current = batch.seq >= batch.head;
    const streams = current ? batch.streams.map(toStreamState) : work.known.streams;
    if (batch.changes.length > 0) await applyBatch(work, batch, afterSeq, streams);
    applied += batch.changes.length;
    work.known = { ...work.known, seq: batch.seq, mark: batch.mark, streams };
    if (current) return applied;
  }
}

async function applyBatch(
  work: TailWork,
  batch: FeedBatch,
  afterSeq: number,
  streams: readonly StreamState[],
): Promise<void> {
  const { host, clock, emit, tenant } = work;
  const start = clock.monotonicMs();
  const changes = toStreamChanges(batch.changes);
  const { seq, mark } = batch;
  const own = { tenant, within: 'own', afterSeq, seq, mark, changes, streams } as const;
  await host.call('apply', own, limits.lensWriteTimeoutMs);
  emit({ kind: 'lens_applied', tenant, changes: batch.changes.length, ms: clock.monotonicMs() - start });
}

function isPassing(error: unknown): boolean {
  if (error instanceof HostLost) return true;
  if (!(error instanceof HostCallError)) return false;
  return error.failure.kind === 'sequence' || error.failure.kind === 'absent';
}
