import { GantryError, limits, toGantryError } from '../kernel/index.ts';
import type { Cursor } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  heartbeat,
  listLetters,
  readStream,
  readSweep,
  release,
  restartStream,
  setExpectedRecords,
  type BackfillAsked,
  type LeaseHolder,
  type StreamPhase,
  type StreamRow,
  type SweepRow,
} from '../store/index.ts';
import { countRecords } from './count-records.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { refreshSchema } from './discover.ts';
import { startHeartbeat } from './heartbeat.ts';
import { grantsNow } from './grants-now.ts';
import { confirmationIsDue, emitHeld, heldError } from './held.ts';
import { keepPage } from './keep-page.ts';
import { nextRun } from './next-run.ts';
import { readPageAround, type PageAround } from './page-around.ts';
import { reconcile } from './reconcile.ts';
import { retryDelayMs } from './retry-delay.ts';
import { settingsOf } from './settings-of.ts';

export interface RunReport {
  /** When the run began, by the database's clock. */
  readonly startedAt: Date;
  readonly pages: number;
  readonly records: number;
  readonly changed: number;
  readonly error: GantryError | null;
}

/**
 * Reads a leased stream from its cursor to the end and gives the lease back.
 * Each page commits with its cursor, so that a run that dies is taken up at
 * the next page by whoever claims the stream. Never throws: what went wrong is
 * kept on the stream, with the time of the next try.
 */
export async function runStream(
  deps: SyncDeps,
  target: SyncTarget,
  leased: StreamRow,
  worker: string,
  signal: AbortSignal,
): Promise<RunReport> {
  const startedMs = deps.clock.monotonicMs();
  const progress = { pages: 0, records: 0, changed: 0 };
  const holder: LeaseHolder = { tenant: target.tenant, stream: leased.id, worker };
  let error: GantryError | null = null;
  let atEnd = false;
  const stopBeating = startHeartbeat(deps, holder);
  try {
    atEnd = await readAndReconcile(deps, target, holder, progress, signal);
  } catch (thrown) {
    error = toGantryError(thrown);
  }
  await stopBeating();
  const ms = Math.round(deps.clock.monotonicMs() - startedMs);
  await giveBack(deps, target, leased, holder, { error, atEnd }).catch((thrown: unknown) => {
    error ??= toGantryError(thrown);
  });
  const { pages, records } = progress;
  deps.onEvent({
    kind: 'sync_run_ended',
    tenant: target.tenant,
    stream: leased.id,
    run: worker,
    object: leased.object,
    pages,
    records,
    ms,
    error: error?.toBody() ?? null,
    ...(error?.code === 'internal' ? { cause: error.cause } : {}),
  });
  return { ...progress, error, startedAt: claimedAt(leased) };
}

/** A lease is counted from the moment of the claim. */
function claimedAt({ leaseUntil, dueAt }: StreamRow): Date {
  return leaseUntil === null ? dueAt : new Date(leaseUntil.getTime() - limits.streamLeaseMs);
}

interface Progress {
  pages: number;
  records: number;
  changed: number;
}

/** Everything up to now and, where it is due, the comparison of all ids. False where the run was asked to stop before. */
async function readAndReconcile(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const beganAt = deps.clock.now();
  const before = await current(deps, holder);
  const object = await refreshSchema(deps, target, before);
  const readFrom = (from: 'cursor' | 'beginning'): Promise<Reached> =>
    readToEnd(deps, target, holder, { object, progress, signal, from, beganAt });
  const read = async (from: 'cursor' | 'beginning'): Promise<boolean> => (await readFrom(from)) !== 'stopped';
  const reached = await readFrom('cursor');
  if (reached === 'stopped') return false;
  // What an earlier run had begun says nothing of what came since; what this one was asked for may be among that.
  if (reached === 'earlier' && !(await read('cursor'))) return false;
  return reconcile(deps, target, holder, { object, progress, signal, everyS: before.everyS, read });
}

/** `now`: all that was there when the run began; `earlier`: only what was there some time before. */
type Reached = 'now' | 'earlier' | 'stopped';

async function readToEnd(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  {
    object,
    progress,
    signal,
    from,
    beganAt,
  }: {
    readonly object: NativeObject;
    progress: Progress;
    readonly signal: AbortSignal;
    readonly from: 'cursor' | 'beginning';
    readonly beganAt: Date;
  },
): Promise<Reached> {
  const { tenant } = target;
  // A new field makes the stream start over, so its state is read again.
  const stream = await current(deps, holder);
  if (stream.phase === 'new') await expectRecords(deps, target, stream);
  let phase: StreamPhase = stream.phase === 'current' ? 'current' : 'backfill';
  const state = await beginningOf(deps, target, holder, stream);
  let cursor: Cursor | null = from === 'beginning' || state.beginsAnew ? null : stream.cursor;
  let { comparing } = state;
  const { since, asked } = state;
  const reach: { since?: Date } = since === null ? {} : { since };
  let reached: Reached = 'stopped';
  while (reached === 'stopped' && !signal.aborted) {
    const { page, dead, how }: PageAround = await readPageAround(deps, target, holder, {
      object,
      cursor,
      ...reach,
    });
    if (!page.more) phase = 'current';
    const isWhole = page.restarted === true;
    const reachesTo = isWhole ? null : since;
    const loadedSince = isWhole ? null : state.loadedSince;
    const isFirst = page.restarted === true || cursor === null;
    comparing ||= isFirst;
    const grants = isFirst || (comparing && !page.more) ? await grantsNow(target.session) : null;
    const { counts, held } = await keepPage(deps, {
      holder,
      object,
      page,
      permissions: target.session.permissions ?? null,
      phase,
      version: stream.schemaVersion,
      begins: isFirst ? { since: reachesTo, grants, loadedSince, asked } : null,
      grants,
      dead,
      mends: how !== 'past' && (state.hasLetters || how === 'around') ? { cursor } : null,
      isPast: how === 'past',
    });
    progress.pages += 1;
    progress.records += page.records.length;
    progress.changed += counts.changed;
    deps.onEvent({ kind: 'sync_page', tenant, stream: stream.id, run: holder.worker, object: object.name, ...counts });
    emitHeld(deps, { holder, object: object.name }, held);
    cursor = page.cursor;
    // A provider that holds something back never tells of now.
    if (!page.more) reached = page.leavesOut !== true && page.readAt < beganAt ? 'earlier' : 'now';
  }
  return reached;
}

interface RunBeginning {
  readonly beginsAnew: boolean;
  readonly comparing: boolean;
  readonly hasLetters: boolean;
  /** Where a reading from the beginning begins; null: with the first record. */
  readonly since: Date | null;
  /** From when on records are here after it. */
  readonly loadedSince: Date | null;
  readonly asked: BackfillAsked | null;
}

/** What the run begins with: whether everything is read again, and what else the first page depends on. */
async function beginningOf(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  stream: StreamRow,
): Promise<RunBeginning> {
  const { tenant } = holder;
  const asked = stream.backfillAsked;
  const since = asked === null ? sinceOf(deps, target, stream.object) : sinceAsked(asked);
  return deps.db.tenantRead(tenant, async (tx) => {
    const sweep = await readSweep(tx, holder);
    const letters = await listLetters(tx, { tenant, stream: holder.stream, limit: 1 });
    // One that is under way is gone on with.
    const isUnderWay = sweep?.kind === 'reading' || stream.phase !== 'current';
    const isWanted =
      (mustConfirm(target, sweep, tx.now) || !isUnderWay) && wantsAll(deps, target, stream, sweep, tx.now);
    return {
      beginsAnew: asked !== null || isWanted,
      comparing: sweep === null || sweep.kind === 'reading' || sweep.endedAt === null,
      hasLetters: letters.length > 0,
      since,
      loadedSince: asked === null || stream.asOf === null ? since : earlier(stream.loadedSince, since),
      asked,
    };
  });
}

const sinceAsked = ({ since }: BackfillAsked): Date | null => (since === null ? null : new Date(since));

/** Null is before everything. */
const earlier = (a: Date | null, b: Date | null): Date | null =>
  a === null || b === null ? null : new Date(Math.min(a.getTime(), b.getTime()));

function wantsAll(deps: SyncDeps, target: SyncTarget, stream: StreamRow, sweep: SweepRow | null, now: Date): boolean {
  if (settingsOf(target, stream.object)?.mode === 'full') return true;
  return mustConfirm(target, sweep, now) || isWidened(deps, target, stream);
}

/** Held deletions of an object without a list of ids are confirmed, or not, by reading all of it again. */
function mustConfirm({ session }: SyncTarget, sweep: SweepRow | null, now: Date): boolean {
  return session.listIds === undefined && confirmationIsDue(sweep, now);
}

/** The manifest asks for more of the past than was read: all is read again, and what is here stays. */
function isWidened(deps: SyncDeps, target: SyncTarget, { loadedSince, object }: StreamRow): boolean {
  if (loadedSince === null) return false;
  const since = sinceOf(deps, target, object);
  return since === null || since.getTime() < loadedSince.getTime() - DAY_MS;
}

/** The start of a first load that the integration limits to some days: `sync: {backfill: 90d}`. */
function sinceOf(deps: SyncDeps, target: SyncTarget, object: string): Date | null {
  const days = backfillDays(target, object);
  return days === null ? null : new Date(deps.clock.now().getTime() - days * DAY_MS);
}

const backfillDays = (target: SyncTarget, object: string): number | null =>
  settingsOf(target, object)?.backfillDays ?? null;

const DAY_MS = 86_400_000;

async function current(deps: SyncDeps, holder: LeaseHolder): Promise<StreamRow> {
  const row = await deps.db.tenantRead(holder.tenant, (tx) => readStream(tx, holder.tenant, holder.stream));
  if (row === null) throw new GantryError('not_found', { message: 'The stream was removed while it was read.' });
  return row;
}

async function expectRecords(deps: SyncDeps, target: SyncTarget, stream: StreamRow): Promise<void> {
  // The provider counts everything: no measure for a load of some days only.
  const whole = backfillDays(target, stream.object) === null;
  const expected = whole ? await countRecords(target.session, stream.object) : null;
  await deps.db.tenantTx(
    target.tenant,
    (tx) => setExpectedRecords(tx, target.tenant, stream.id, expected),
    'sync.expect_records',
  );
}

/**
 * A run that was asked to stop half way leaves the rest due at once, for whoever
 * comes next. One that went well leaves what is wrong with the stream all the
 * same: deletions that wait for somebody.
 */
async function giveBack(
  deps: SyncDeps,
  target: SyncTarget,
  { object }: StreamRow,
  holder: LeaseHolder,
  { error, atEnd }: { readonly error: GantryError | null; readonly atEnd: boolean },
): Promise<void> {
  // Somebody else has the stream: it is theirs to give back.
  if (error?.code === 'stream_lease_lost') return;
  await deps.db.tenantTx(
    holder.tenant,
    async (tx) => {
      if (error?.code === 'cursor_expired') await restartStream(tx, holder.tenant, holder.stream);
      await heartbeat(tx, holder, limits.streamLeaseMs);
      const left = error ?? heldError(await readSweep(tx, holder), target, object);
      const stream = await readStream(tx, holder.tenant, holder.stream);
      const everyS = stream?.everyS ?? 0;
      const dueAt =
        error === null
          ? atEnd
            ? nextRun({ ...settingsOf(target, object), everyS }, { ...holder, id: holder.stream }, tx.now)
            : tx.now
          : nextTry(tx.now, error);
      await release(tx, holder, { error: left?.toBody() ?? null, dueAt });
    },
    'sync.give_back',
  );
}

function nextTry(now: Date, error: GantryError): Date {
  return error.details.retryAt ?? new Date(now.getTime() + retryDelayMs(error.code));
}
