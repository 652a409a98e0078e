import { GantryError, limits } from '../kernel/index.ts';
import type { ConnectorSession, SessionPermissions, StampPage } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  beginSweep,
  countHealed,
  endSweep,
  heartbeat,
  moveSweep,
  noteSeen,
  readDiverged,
  readStream,
  readSweep,
  type Divergence,
  type LeaseHolder,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import { noteDeadRecord } from './dead-letters.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { grantsNow } from './grants-now.ts';
import { emitHeld } from './held.ts';
import { keepAround, type RefusedRecord } from './keep-around.ts';
import { keepRecords } from './keep-records.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { readEach, type EachRead } from './read-each.ts';
import { settingsOf } from './settings-of.ts';
import { finishSweep, type SweepEnd } from './sweep.ts';

export interface Reconciliation {
  readonly object: NativeObject;
  /** Counts what was found to be gone, missing or old. */
  readonly progress: { changed: number };
  readonly signal: AbortSignal;
  /** The stream's interval: changes do not wait longer than that for a long list of ids. */
  readonly everyS: number;
  /** Reads what changed up to now, or everything. False: the run was asked to stop. */
  readonly read: (from: 'cursor' | 'beginning') => Promise<boolean>;
}

/**
 * Proves that nothing is missing, old, or here although it is deleted, and
 * mends what is: by a list of all ids with the stamps of their last changes
 * where the provider has one, else by reading everything again. Page by page;
 * each page is kept, so that another process goes on. False where the run was
 * asked to stop before the end.
 */
export async function reconcile(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  { object, progress, signal, everyS, read }: Reconciliation,
): Promise<boolean> {
  const { session } = target;
  const sweep = await deps.db.tenantRead(holder.tenant, async (tx) => ({
    row: await readSweep(tx, holder),
    now: tx.now,
  }));
  const list = listOf(session);
  // A reading that is through waits for what its provider held back.
  if (sweep.row?.kind === 'reading') return true;
  const isOver = sweep.row?.kind !== 'listing' && !isDue(sweep.row, sweep.now, everyMs(target, object, list !== null));
  if (isOver) return true;
  if (list === null) return read('beginning');
  let grants = await grantsNow(session);
  let place = await deps.db.tenantTx(holder.tenant, (tx) => placeToGoOn(tx, holder, grants), 'sync.begin_listing');
  let readAtMs = deps.clock.monotonicMs();
  while (place !== 'done') {
    if (signal.aborted) return false;
    if (deps.clock.monotonicMs() - readAtMs >= everyS * 1_000) {
      if (!(await read('cursor'))) return false;
      readAtMs = deps.clock.monotonicMs();
    }
    const page = await list(object, place === 'beginning' ? null : place.after);
    const last = page.ids.at(-1);
    if (page.more && (last === undefined || (place !== 'beginning' && last === place.after))) throw stuck(object);
    const found = await diverged(deps, session, holder, object, page);
    if (!page.more) grants = await grantsNow(session);
    const told = grants;
    const normal = (): NormalRecord[] => found.records.map((record) => normaliseRecord(object, record));
    const kept = await keepAround(deps, holder, normal, (refused) =>
      deps.db.tenantTx(
        holder.tenant,
        (tx) =>
          keepIds(tx, holder, {
            object,
            page,
            found: without(found, refused),
            permissions: session.permissions ?? null,
            grants: told,
          }),
        'sync.keep_ids',
      ),
    );
    progress.changed += kept.end.gone + kept.healed;
    emitHeld(deps, { holder, object: object.name }, kept.end.held);
    place = kept.place;
  }
  return true;
}

type List = (object: NativeObject, afterId: string | null) => Promise<StampPage>;

function listOf(session: ConnectorSession): List | null {
  const { listStamps, listIds } = session;
  if (listStamps !== undefined) return listStamps;
  if (listIds === undefined) return null;
  return async (object, afterId) => {
    const page = await listIds(object, afterId);
    return { ...page, stamps: page.ids.map(() => null) };
  };
}

/** A list costs little; reading everything is done less often where nothing else is said. */
function everyMs(target: SyncTarget, object: NativeObject, isListed: boolean): number {
  const every = settingsOf(target, object.name)?.reconcile ?? (isListed ? 'daily' : 'weekly');
  if (every === 'never') return Infinity;
  return every === 'daily' ? limits.reconcileEveryMs : 7 * limits.reconcileEveryMs;
}

const isDue = (sweep: SweepRow | null, now: Date, every: number): boolean =>
  (sweep?.endedAt?.getTime() ?? 0) + every <= now.getTime();

type Place = 'done' | 'beginning' | { readonly after: string };

/** Where the list stands; begins a new one where none is under way. */
async function placeToGoOn(tx: Tx, holder: LeaseHolder, grants: string | null): Promise<Place> {
  const sweep = await readSweep(tx, holder);
  if (sweep?.kind === 'listing') return sweep.place === null ? 'beginning' : { after: sweep.place };
  await heartbeat(tx, holder, limits.streamLeaseMs);
  if (await beginSweep(tx, { ...holder, kind: 'listing', grants })) return 'beginning';
  await endSweep(tx, { ...holder, grants });
  return 'done';
}

interface Found extends EachRead {
  readonly divergences: readonly Divergence[];
  /** The database's time before the records were asked for. */
  readonly readAt: Date | null;
}

/** Records of the page that should have been here as they are there, read one by one. */
async function diverged(
  deps: SyncDeps,
  session: ConnectorSession,
  holder: LeaseHolder,
  object: NativeObject,
  { ids, stamps }: StampPage,
): Promise<Found> {
  const nothing = { divergences: [], readAt: null, records: [], missing: [], dead: [] };
  if (session.readRecords === undefined) return nothing;
  const named = ids.map((id, at) => ({ id, stamp: stamps[at] ?? null }));
  const { divergences, readAt } = await deps.db.tenantRead(holder.tenant, async (tx) => {
    const stream = await readStream(tx, holder.tenant, holder.stream);
    const asOf = stream?.asOf ?? null;
    const since = stream?.loadedSince ?? null;
    return { divergences: asOf === null ? [] : await readDiverged(tx, holder, named, { asOf, since }), readAt: tx.now };
  });
  if (divergences.length === 0) return nothing;
  return {
    divergences,
    readAt,
    ...(await readEach(
      session,
      object,
      divergences.map(({ id }) => id),
    )),
  };
}

function without(found: Found, refused: readonly RefusedRecord[]): Found {
  const ids = new Set(refused.map(({ id }) => id));
  return { ...found, records: found.records.filter(({ id }) => !ids.has(id)), dead: [...found.dead, ...refused] };
}

async function keepIds(
  tx: Tx,
  holder: LeaseHolder,
  {
    object,
    page: { ids, more },
    found,
    permissions,
    grants,
  }: {
    readonly object: NativeObject;
    readonly page: StampPage;
    readonly found: Found;
    readonly permissions: SessionPermissions | null;
    readonly grants: string | null;
  },
): Promise<{ readonly place: Place; readonly end: SweepEnd; readonly healed: number }> {
  await heartbeat(tx, holder, limits.streamLeaseMs);
  const healed = await heal(tx, holder, { object, permissions }, found);
  // A reading from the beginning, made meanwhile, has compared everything already.
  const sweep = await readSweep(tx, holder);
  if (sweep?.kind !== 'listing') return { place: 'done', end: NOTHING, healed };
  await noteSeen(tx, holder, ids);
  const last = ids.at(-1);
  if (!more || last === undefined) {
    return { place: 'done', end: await finishSweep(tx, holder, sweep, grants), healed };
  }
  await moveSweep(tx, holder, last);
  return { place: { after: last }, end: NOTHING, healed };
}

/** Returns how many records are now as they should have been. */
async function heal(
  tx: Tx,
  { tenant, stream }: LeaseHolder,
  { object, permissions }: { readonly object: NativeObject; readonly permissions: SessionPermissions | null },
  { divergences, readAt, records, dead }: Found,
): Promise<number> {
  if (readAt === null) return 0;
  const version = (await readStream(tx, tenant, stream))?.schemaVersion ?? null;
  await keepRecords(tx, { tenant, stream, object, version, records, permissions, readAt });
  for (const one of dead) await noteDeadRecord(tx, { tenant, stream }, one);
  const read = new Set(records.map(({ id }) => id));
  const healed = divergences.filter(({ id }) => read.has(id));
  const missing = healed.filter((one) => one.missing).length;
  await countHealed(tx, { tenant, stream }, { missing, stale: healed.length - missing });
  return healed.length;
}

const NOTHING: SweepEnd = { gone: 0, held: null };

function stuck({ name }: NativeObject): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider says that there are more ids of "${name}", but names the place that was just read.`,
    data: { class: 'malformed_response', object: name },
  });
}
