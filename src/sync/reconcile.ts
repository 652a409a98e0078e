import { GantryError, limits } from '../kernel/index.ts';
import type { IdPage } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  beginSweep,
  endSweep,
  heartbeat,
  moveSweep,
  noteSeen,
  readSweep,
  type LeaseHolder,
  type Tx,
} from '../store/index.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { emitHeld } from './held.ts';
import { finishSweep, type SweepEnd } from './sweep.ts';

export interface Reconciliation {
  readonly object: NativeObject;
  /** Counts what was found to be gone. */
  readonly progress: { changed: number };
  readonly signal: AbortSignal;
  /** The stream's interval: changes do not wait longer than that for a long list of ids. */
  readonly everyS: number;
  /** Reads what changed up to now. False: the run was asked to stop. */
  readonly read: () => Promise<boolean>;
}

/**
 * Finds deletions that the provider does not tell of: lists all ids of the
 * object and marks as deleted what is not among them. Once a day, page by
 * page; each page is kept, so that another process goes on with the list.
 * False where the run was asked to stop before the end.
 */
export async function reconcile(
  deps: SyncDeps,
  target: SyncTarget,
  holder: LeaseHolder,
  { object, progress, signal, everyS, read }: Reconciliation,
): Promise<boolean> {
  const { session } = target;
  if (session.listIds === undefined) return true;
  const { db } = deps;
  let place = await db.tenantTx(holder.tenant, (tx) => placeToGoOn(tx, holder), 'sync.begin_listing');
  let readAtMs = deps.clock.monotonicMs();
  while (place !== 'done') {
    if (signal.aborted) return false;
    if (deps.clock.monotonicMs() - readAtMs >= everyS * 1_000) {
      if (!(await read())) return false;
      readAtMs = deps.clock.monotonicMs();
    }
    const page: IdPage = await session.listIds(object, place === 'beginning' ? null : place.after);
    const last = page.ids.at(-1);
    if (page.more && (last === undefined || (place !== 'beginning' && last === place.after))) throw stuck(object);
    const kept = await db.tenantTx(holder.tenant, (tx) => keepIds(tx, holder, page), 'sync.keep_ids');
    progress.changed += kept.end.gone;
    emitHeld(deps, { holder, object: object.name }, kept.end.held);
    place = kept.place;
  }
  return true;
}

type Place = 'done' | 'beginning' | { readonly after: string };

/** Where the list stands; begins a new one when it is due. */
async function placeToGoOn(tx: Tx, holder: LeaseHolder): Promise<Place> {
  const sweep = await readSweep(tx, holder);
  if (sweep?.kind === 'listing') return sweep.place === null ? 'beginning' : { after: sweep.place };
  const dueAt = (sweep?.endedAt?.getTime() ?? 0) + limits.reconcileEveryMs;
  if (dueAt > tx.now.getTime()) return 'done';
  await heartbeat(tx, holder, limits.streamLeaseMs);
  if (await beginSweep(tx, { ...holder, kind: 'listing' })) return 'beginning';
  await endSweep(tx, holder);
  return 'done';
}

async function keepIds(
  tx: Tx,
  holder: LeaseHolder,
  { ids, more }: IdPage,
): Promise<{ readonly place: Place; readonly end: SweepEnd }> {
  await heartbeat(tx, holder, limits.streamLeaseMs);
  // A reading from the beginning, made meanwhile, has compared everything already.
  const sweep = await readSweep(tx, holder);
  if (sweep?.kind !== 'listing') return { place: 'done', end: NOTHING };
  await noteSeen(tx, holder, ids);
  const last = ids.at(-1);
  if (!more || last === undefined) return { place: 'done', end: await finishSweep(tx, holder, sweep) };
  await moveSweep(tx, holder, last);
  return { place: { after: last }, end: NOTHING };
}

const NOTHING: SweepEnd = { gone: 0, held: null };

function stuck({ name }: NativeObject): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider says that there are more ids of "${name}", but names the place that was just read.`,
    data: { class: 'malformed_response', object: name },
  });
}
