import { limits } from '../kernel/index.ts';
import type { Cursor, RecordPage, SessionPermissions } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  awaitReading,
  beginSweep,
  countHealed,
  heartbeat,
  ingestPage,
  noteLoadedSince,
  noteSeen,
  endSweep,
  readSweep,
  recountHeld,
  removeLetters,
  saveQuarantine,
  type BackfillAsked,
  type LeaseHolder,
  type StreamPhase,
  type SweepKey,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import { ingestWithAccess } from './access/ingest-with-access.ts';
import type { SyncDeps } from './deps.ts';
import { keepAround } from './keep-around.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { noteDeadRecord, pageName } from './dead-letters.ts';
import { isMany } from './judge-sweep.ts';
import { quarantined } from './quarantined.ts';
import type { EachRead } from './read-each.ts';
import { finishSweep, type SweepEnd } from './sweep.ts';

export interface PageToKeep {
  readonly holder: LeaseHolder;
  readonly object: NativeObject;
  readonly page: RecordPage;
  /** Of the session that read it. */
  readonly permissions: SessionPermissions | null;
  readonly phase: StreamPhase;
  /** Of the schema, for values that do not fit. */
  readonly version: number | null;
  /** Set on the first page of a reading from the beginning; `since`: where it begins later than that. */
  readonly begins: Beginning | null;
  /** What the connected user may see now; heeded where the page ends a comparison. */
  readonly grants: string | null;
  /** Records of the page that could not be read. */
  readonly dead: EachRead['dead'];
  /** The place that was asked for, where dead letters of the stream are known: what was read after all is none. */
  readonly mends: { readonly cursor: Cursor | null } | null;
  /** What stands before it could not be read, and was left out. */
  readonly isPast: boolean;
}

export interface Beginning {
  readonly since: Date | null;
  readonly grants: string | null;
  /** From when on records are here at the least, once it is through; null: from the first. */
  readonly loadedSince: Date | null;
  /** The wish that it fulfils. */
  readonly asked: BackfillAsked | null;
}

export interface PageCounts {
  readonly records: number;
  readonly changed: number;
  readonly quarantined: number;
}

export interface KeptPage {
  readonly counts: PageCounts;
  /** Set where the page ended a whole reading that missed too much to be believed. */
  readonly held: SweepEnd['held'];
}

/**
 * Records, change rows, quarantine, cursor, and what a whole reading found to
 * be gone: all of them or none. What the database does not take is a dead letter.
 */
export async function keepPage(deps: SyncDeps, toKeep: PageToKeep): Promise<KeptPage> {
  const { holder, object, page, dead } = toKeep;
  const all = page.records.map((record) => normaliseRecord(object, record));
  return keepAround(
    deps,
    holder,
    () => all,
    (refused) => {
      const ids = new Set(refused.map(({ id }) => id));
      const records = refused.length === 0 ? all : all.filter(({ id }) => !ids.has(id));
      return keepAll(deps, { ...toKeep, dead: [...dead, ...refused] }, records);
    },
  );
}

function keepAll(
  deps: SyncDeps,
  { holder, object, page, permissions, phase, version, begins, grants, dead, mends, isPast }: PageToKeep,
  records: readonly NormalRecord[],
): Promise<KeptPage> {
  const { tenant, stream, worker } = holder;
  const misfits = records.filter((record) => record.misfits.length > 0);
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      await heartbeat(tx, holder, limits.streamLeaseMs);
      await saveQuarantine(tx, { tenant, stream, schemaVersion: version, records: records.map(quarantined) });
      if (mends !== null) await mend(tx, holder, mends.cursor, records);
      for (const one of dead) await noteDeadRecord(tx, holder, one);
      if (begins !== null) {
        await beginSweep(tx, { tenant, stream, kind: 'reading', since: begins.since, grants: begins.grants });
        await noteLoadedSince(tx, tenant, stream, begins.loadedSince, begins.asked);
      }
      const sweep = await (isPast ? withoutReading(tx, holder) : readSweep(tx, holder));
      // A listing that is under way may have passed the place of a new record: it counts as seen, too.
      const ids = sweep === null || sweep.kind === null ? [] : [...records, ...dead].map(({ id }) => id);
      const appeared = await noteSeen(tx, holder, ids);
      const rest = {
        cursor: page.cursor,
        phase,
        seenAt: tx.now,
        worker,
        compareFirst: sweep !== null && !isFirstLoad(sweep),
        ...(page.more ? {} : { asOf: page.readAt }),
      };
      const judged = { tenant, stream, object, permissions, records };
      const counts = await ingestWithAccess(tx, judged, (kept, forgetAccess) =>
        ingestPage(tx, { tenant, stream, records: kept, forgetAccess, ...rest }),
      );
      const healed = sweep?.kind === 'reading' ? counts : { inserted: 0, updated: 0 };
      // By the database's time, however far off the clock of this process is: only how long ago it asked is its own.
      const reached = new Date(tx.now.getTime() - (deps.clock.now().getTime() - page.readAt.getTime()));
      const goesOn = page.more || (sweep !== null && (await isAwaiting(tx, holder, sweep, page, reached)));
      if (goesOn) await countHealed(tx, holder, { missing: healed.inserted, stale: healed.updated });
      const end = sweep === null || goesOn ? NOTHING : await endReading(tx, holder, withHealed(sweep, healed), grants);
      // What is new was not missed before.
      const found = sweep === null ? 0 : await findAgain(tx, holder, sweep, appeared - counts.inserted);
      const changed = counts.inserted + counts.updated + counts.deleted + end.gone + found;
      return { counts: { records: records.length, changed, quarantined: misfits.length }, held: end.held };
    },
    'sync.keep_page',
  );
}

/**
 * Whether a whole reading that came to its end has to wait: its provider left
 * out what changed just before, so that such a record is in none of its pages.
 * It ends with a later page that reaches the moment of that end.
 */
async function isAwaiting(
  tx: Tx,
  key: SweepKey,
  { kind, awaits }: SweepRow,
  { leavesOut = false }: RecordPage,
  reached: Date,
): Promise<boolean> {
  if (kind !== 'reading' || !leavesOut) return false;
  if (awaits !== null) return reached.getTime() < awaits.getTime();
  await awaitReading(tx, key, tx.now);
  return true;
}

/** What was left out did not appear, and is not to be taken for deleted: a whole reading that is under way proves nothing. */
async function withoutReading(tx: Tx, key: SweepKey): Promise<SweepRow | null> {
  const sweep = await readSweep(tx, key);
  if (sweep?.kind !== 'reading') return sweep;
  await endSweep(tx, { ...key, grants: sweep.carriedGrants });
  return readSweep(tx, key);
}

const withHealed = (sweep: SweepRow, { inserted, updated }: { inserted: number; updated: number }): SweepRow => ({
  ...sweep,
  missingHealed: sweep.missingHealed + inserted,
  staleHealed: sweep.staleHealed + updated,
});

/** What was read after all is no dead letter. */
async function mend(
  tx: Tx,
  { tenant, stream }: SweepKey,
  cursor: Cursor | null,
  records: readonly { readonly id: string }[],
): Promise<void> {
  await removeLetters(tx, { tenant, stream, kind: 'page', names: [pageName(cursor)] });
  await removeLetters(tx, { tenant, stream, kind: 'record', names: records.map(({ id }) => id) });
}

const NOTHING: SweepEnd = { gone: 0, held: null };

/** Held records of which some appeared: if few are left, those are believed to be gone. Returns how many that were. */
async function findAgain(tx: Tx, key: SweepKey, sweep: SweepRow, appeared: number): Promise<number> {
  const { kind, held } = sweep;
  if (kind !== 'held' || held === null || appeared <= 0) return 0;
  const left = { ...held, missing: Math.max(0, held.missing - appeared) };
  const isLeft = held.grantsChanged ? left.missing > 0 : isMany(left);
  if (!isLeft) return (await finishSweep(tx, key, sweep, held.grantsChanged ? sweep.grants : sweep.carriedGrants)).gone;
  await recountHeld(tx, key, left.missing);
  return 0;
}

const isFirstLoad = ({ kind, endedAt }: SweepRow): boolean => kind === null && endedAt === null;

/** At the end of what the provider has: closes a whole reading. */
async function endReading(tx: Tx, key: SweepKey, sweep: SweepRow, grants: string | null): Promise<SweepEnd> {
  if (sweep.kind === 'reading') return finishSweep(tx, key, sweep, grants);
  // A first load had nothing to compare with, and is as good as a comparison from now on.
  if (isFirstLoad(sweep)) await endSweep(tx, { ...key, grants });
  return NOTHING;
}
