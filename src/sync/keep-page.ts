import { limits } from '../kernel/index.ts';
import type { RecordPage } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  beginSweep,
  endSweep,
  heartbeat,
  ingestPage,
  noteSeen,
  readSweep,
  recountHeld,
  saveQuarantine,
  type LeaseHolder,
  type StreamPhase,
  type SweepKey,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import type { SyncDeps } from './deps.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { isMany } from './judge-sweep.ts';
import { finishSweep, type SweepEnd } from './sweep.ts';

export interface PageToKeep {
  readonly holder: LeaseHolder;
  readonly object: NativeObject;
  readonly page: RecordPage;
  readonly phase: StreamPhase;
  /** Of the schema, for values that do not fit. */
  readonly version: number | null;
  /** Set on the first page of a reading from the beginning; `since`: where it begins later than that. */
  readonly begins: { readonly since: Date | null } | null;
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

/** Records, change rows, quarantine, cursor, and what a whole reading found to be gone: all of them or none. */
export async function keepPage(
  deps: SyncDeps,
  { holder, object, page, phase, version, begins }: PageToKeep,
): Promise<KeptPage> {
  const { tenant, stream, worker } = holder;
  const records = page.records.map((record) => normaliseRecord(object, record));
  const misfits = records.filter((record) => record.misfits.length > 0);
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      await heartbeat(tx, holder, limits.streamLeaseMs);
      await saveQuarantine(tx, { tenant, stream, schemaVersion: version, records: records.map(quarantined) });
      if (begins !== null) await beginSweep(tx, { tenant, stream, kind: 'reading', since: begins.since });
      const sweep = await readSweep(tx, holder);
      // A listing that is under way may have passed the place of a new record: it counts as seen, too.
      const ids = sweep === null || sweep.kind === null ? [] : records.map(({ id }) => id);
      const appeared = await noteSeen(tx, holder, ids);
      const end = sweep === null || page.more ? NOTHING : await endReading(tx, holder, sweep);
      const counts = await ingestPage(tx, {
        tenant,
        stream,
        records,
        cursor: page.cursor,
        phase,
        seenAt: tx.now,
        worker,
        compareFirst: sweep !== null && !isFirstLoad(sweep),
        ...(page.more ? {} : { asOf: page.readAt }),
      });
      // What is new was not missed before.
      const found = sweep === null ? 0 : await findAgain(tx, holder, sweep, appeared - counts.inserted);
      const changed = counts.inserted + counts.updated + counts.deleted + end.gone + found;
      return { counts: { records: records.length, changed, quarantined: misfits.length }, held: end.held };
    },
    'sync.keep_page',
  );
}

const NOTHING: SweepEnd = { gone: 0, held: null };

/** Held records of which some appeared: if few are left, those are believed to be gone. Returns how many that were. */
async function findAgain(tx: Tx, key: SweepKey, sweep: SweepRow, appeared: number): Promise<number> {
  const { kind, held } = sweep;
  if (kind !== 'held' || held === null || appeared <= 0) return 0;
  const left = { ...held, missing: Math.max(0, held.missing - appeared) };
  if (!isMany(left)) return (await finishSweep(tx, key, sweep)).gone;
  await recountHeld(tx, key, left.missing);
  return 0;
}

const isFirstLoad = ({ kind, endedAt }: SweepRow): boolean => kind === null && endedAt === null;

/** At the end of what the provider has: closes a whole reading. */
async function endReading(tx: Tx, key: SweepKey, sweep: SweepRow): Promise<SweepEnd> {
  if (sweep.kind === 'reading') return finishSweep(tx, key, sweep);
  // A first load had nothing to compare with, and is as good as a comparison from now on.
  if (isFirstLoad(sweep)) await endSweep(tx, key);
  return NOTHING;
}

function quarantined(record: NormalRecord): Parameters<typeof saveQuarantine>[1]['records'][number] {
  return {
    id: record.id,
    fields: record.misfits.map(({ field, reason, value }) => ({
      field,
      reason,
      value: JSON.stringify(value).slice(0, limits.quarantineValueCharsMax),
    })),
  };
}
