import { GantryError, limits, toGantryError } from '../kernel/index.ts';
import type { Cursor, RecordPage } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  heartbeat,
  readStream,
  readSweep,
  release,
  restartStream,
  setExpectedRecords,
  type LeaseHolder,
  type StreamPhase,
  type StreamRow,
} from '../store/index.ts';
import { countRecords } from './count-records.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { refreshSchema } from './discover.ts';
import { startHeartbeat } from './heartbeat.ts';
import { confirmationIsDue, emitHeld, heldError } from './held.ts';
import { keepPage } from './keep-page.ts';
import { reconcile } from './reconcile.ts';
import { retryDelayMs } from './retry-delay.ts';

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
  const before = await current(deps, holder);
  const object = await refreshSchema(deps, target, before);
  const read = (): Promise<boolean> => readToEnd(deps, target, holder, { object, progress, signal });
  if (!(await read())) return false;
  return reconcile(deps, target, holder, { object, progress, signal, everyS: before.everyS, read });
}

async function readToEnd(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  { object, progress, signal }: { readonly object: NativeObject; progress: Progress; readonly signal: AbortSignal },
): Promise<boolean> {
  const { tenant } = target;
  // A new field makes the stream start over, so its state is read again.
  const stream = await current(deps, holder);
  if (stream.phase === 'new') await expectRecords(deps, target, stream);
  let phase: StreamPhase = stream.phase === 'current' ? 'current' : 'backfill';
  let cursor: Cursor | null = (await mustConfirm(deps, target, holder)) ? null : stream.cursor;
  const since = sinceOf(deps, target, object.name);
  let more = true;
  while (more && !signal.aborted) {
    const page: RecordPage = await target.session.readPage({ object, cursor, ...since });
    if (!page.more) phase = 'current';
    const begins = page.restarted === true ? { since: null } : cursor === null ? { since: since.since ?? null } : null;
    const { counts, held } = await keepPage(deps, {
      holder,
      object,
      page,
      phase,
      version: stream.schemaVersion,
      begins,
    });
    progress.pages += 1;
    progress.records += page.records.length;
    progress.changed += counts.changed;
    deps.onEvent({ kind: 'sync_page', tenant, stream: stream.id, object: object.name, ...counts });
    emitHeld(deps, { holder, object: object.name }, held);
    cursor = page.cursor;
    more = page.more;
  }
  return !more;
}

/** Held deletions of an object without a list of ids are confirmed, or not, by reading all of it again. */
async function mustConfirm(deps: SyncDeps, { session }: SyncTarget, holder: LeaseHolder): Promise<boolean> {
  if (session.listIds !== undefined) return false;
  return deps.db.tenantRead(holder.tenant, async (tx) => confirmationIsDue(await readSweep(tx, holder), tx.now));
}

/** The start of a first load that the integration limits to some days: `sync: {backfill: 90d}`. */
function sinceOf(deps: SyncDeps, target: SyncTarget, object: string): { since?: Date } {
  const days = backfillDays(target, object);
  return days === null ? {} : { since: new Date(deps.clock.now().getTime() - days * DAY_MS) };
}

function backfillDays(target: SyncTarget, object: string): number | null {
  for (const declared of target.integration.objects.values()) {
    if (declared.from === object) return declared.sync.backfillDays;
  }
  return null;
}

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
      const rest = error === null ? (atEnd ? {} : { dueAt: tx.now }) : { dueAt: nextTry(tx.now, error) };
      await release(tx, holder, { error: left?.toBody() ?? null, ...rest });
    },
    'sync.give_back',
  );
}

function nextTry(now: Date, error: GantryError): Date {
  return error.details.retryAt ?? new Date(now.getTime() + retryDelayMs(error.code));
}
