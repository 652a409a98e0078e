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
  saveQuarantine,
  type LeaseHolder,
  type StreamPhase,
  type SweepKey,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import type { SyncDeps } from './deps.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { sweepUnseen } from './sweep.ts';

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

/** Records, change rows, quarantine, cursor, and what a whole reading found to be gone: all of them or none. */
export async function keepPage(
  deps: SyncDeps,
  { holder, object, page, phase, version, begins }: PageToKeep,
): Promise<PageCounts> {
  const { tenant, stream, worker } = holder;
  const records = page.records.map((record) => normaliseRecord(object, record));
  const misfits = records.filter((record) => record.misfits.length > 0);
  return deps.db.tenantTx(tenant, async (tx) => {
    await heartbeat(tx, holder, limits.streamLeaseMs);
    await saveQuarantine(tx, { tenant, stream, schemaVersion: version, records: records.map(quarantined) });
    if (begins !== null) await beginSweep(tx, { tenant, stream, kind: 'reading', since: begins.since });
    const sweep = await readSweep(tx, holder);
    // A listing that is under way may have passed the place of a new record: it counts as seen, too.
    if (sweep !== null && sweep.kind !== null) {
      await noteSeen(
        tx,
        holder,
        records.map(({ id }) => id),
      );
    }
    const gone = sweep === null || page.more ? 0 : await endReading(tx, holder, sweep);
    const counts = await ingestPage(tx, {
      tenant,
      stream,
      records,
      cursor: page.cursor,
      phase,
      seenAt: tx.now,
      worker,
      ...(page.more ? {} : { asOf: page.readAt }),
    });
    const changed = counts.inserted + counts.updated + counts.deleted + gone;
    return { records: records.length, changed, quarantined: misfits.length };
  });
}

/** At the end of what the provider has: closes a whole reading. Returns how many records it found to be gone. */
async function endReading(tx: Tx, key: SweepKey, { kind, since, endedAt }: SweepRow): Promise<number> {
  if (kind === 'reading') return sweepUnseen(tx, key, since);
  // A first load had nothing to compare with, and is as good as a comparison from now on.
  if (kind === null && endedAt === null) await endSweep(tx, key);
  return 0;
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
