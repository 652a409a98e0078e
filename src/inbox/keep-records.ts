import { streamId } from '../kernel/index.ts';
import type { RecordsById, SessionPermissions } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  ingestRecords,
  lockStreamOf,
  noteSeen,
  readSweep,
  requestSync,
  saveQuarantine,
  settledSince,
  type InboxEventRow,
  type InboxKey,
  type Tx,
} from '../store/index.ts';
import { ingestWithAccess, normaliseRecord, quarantined, type NormalRecord } from '../sync/index.ts';

export interface ToldRecords {
  readonly key: InboxKey;
  readonly object: NativeObject;
  readonly events: readonly InboxEventRow[];
  readonly read: RecordsById;
  /** Of the session that read them. */
  readonly permissions: SessionPermissions | null;
  /** The database's time before the provider was asked. */
  readonly readAt: Date;
}

/**
 * Keeps records that events named, beside the stream's own pages: the stream's
 * row is locked, and whichever version the provider made later wins, whoever
 * brings it. A record that is missing is gone only where a signed event says so
 * with a time that a later version can be compared with; else its stream is
 * read, and what that finds counts; likewise of one that was found to be gone
 * since it was read here, or that changed since and has no upstream time. Returns how much changed.
 */
export async function keepRecords(tx: Tx, told: ToldRecords): Promise<number> {
  const { key, object, events, read, permissions, readAt } = told;
  const { tenant } = key;
  const locked = await lockStreamOf(tx, key, object.name);
  if (locked === null) return 0;
  const stream = streamId(locked.id);
  const ids = read.records.map(({ id }) => id);
  const settled = await settledSince(tx, { tenant, stream }, ids, readAt);
  const there = read.records.filter(({ id }) => !settled.has(id));
  const found = there.map((record) => normaliseRecord(object, record));
  const gone = read.missing.map((id) => tombstone(id, events)).filter((record) => record !== null);
  const records = [...found, ...gone];
  if (records.length > 0) {
    await saveQuarantine(tx, { tenant, stream, schemaVersion: locked.version, records: records.map(quarantined) });
    // A listing that is under way may have passed the place of a new record.
    const sweep = await readSweep(tx, { tenant, stream });
    if (sweep !== null && sweep.kind !== null) {
      const live = found.filter(({ deleted }) => !deleted).map(({ id }) => id);
      await noteSeen(tx, { tenant, stream }, live);
    }
  }
  const judged = { tenant, stream, object, permissions, records };
  const counts = await ingestWithAccess(tx, judged, (kept, forgetAccess) =>
    ingestRecords(tx, { tenant, stream, records: kept, forgetAccess, seenAt: tx.now }),
  );
  if (settled.size > 0 || gone.length < read.missing.length) await requestSync(tx, { ...key, object: object.name });
  return counts.inserted + counts.updated + counts.deleted;
}

/** The last deletion of this record that was told; null where there is none to believe. */
function tombstone(id: string, events: readonly InboxEventRow[]): NormalRecord | null {
  let last: Date | null = null;
  for (const { recordId, what, at } of events)
    if (recordId === id && what === 'deleted' && at !== null && (last === null || at > last)) last = at;
  if (last === null) return null;
  return { id, hash: '', docText: '{}', srcAt: last, deleted: true, misfits: [] };
}
