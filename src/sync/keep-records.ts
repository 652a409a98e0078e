import type { StreamId, TenantId } from '../kernel/index.ts';
import type { NativeRecord, SessionPermissions } from '../connectors/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  settledSince,
  ingestRecords,
  noteSeen,
  readSweep,
  removeLetters,
  saveQuarantine,
  holdStream,
  type IngestCounts,
  type Tx,
} from '../store/index.ts';
import { ingestWithAccess } from './access/ingest-with-access.ts';
import { normaliseRecord } from './normalise-record.ts';
import { quarantined } from './quarantined.ts';

export interface RecordsToKeep {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly object: NativeObject;
  /** Of the object's schema. */
  readonly version: number | null;
  readonly records: readonly NativeRecord[];
  /** Of the session that read them. */
  readonly permissions: SessionPermissions | null;
  /** The database's time before the provider was asked for them. */
  readonly readAt: Date;
}

/**
 * Keeps single records as they are now, beside the pages of their stream: the
 * same checks, quarantine and order of versions; what was found to be gone since
 * it was read stays gone, and what changed since and has no upstream time stays so. Null where the stream is gone:
 * nothing is kept then.
 */
export async function keepRecords(
  tx: Tx,
  { tenant, stream, object, version, records: native, permissions, readAt }: RecordsToKeep,
): Promise<IngestCounts | null> {
  // Also keeps a comparison from ending in between.
  if (!(await holdStream(tx, tenant, stream))) return null;
  const ids = native.map(({ id }) => id);
  const settled = await settledSince(tx, { tenant, stream }, ids, readAt);
  const there = native.filter(({ id }) => !settled.has(id));
  const byId = new Map(there.map((record) => [record.id, normaliseRecord(object, record)]));
  const records = [...byId.values()];
  const names = [...byId.keys()];
  await saveQuarantine(tx, { tenant, stream, schemaVersion: version, records: records.map(quarantined) });
  await removeLetters(tx, { tenant, stream, kind: 'record', names });
  const sweep = await readSweep(tx, { tenant, stream });
  // A list of ids that is under way may have passed their place.
  if (sweep !== null && sweep.kind !== null) await noteSeen(tx, { tenant, stream }, names);
  const rest = { tenant, stream, seenAt: tx.now, compareFirst: true };
  return ingestWithAccess(tx, { tenant, stream, object, permissions, records }, (kept, forgetAccess) =>
    ingestRecords(tx, { ...rest, records: kept, forgetAccess }),
  );
}
