import { limits, type Json, type StreamId, type TenantId } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  addToQuarantine,
  dropFromQuarantine,
  hasOutdated,
  ingestRecords,
  latestSchemaVersion,
  noteTried,
  readSetAside,
  holdStream,
  type SetAsideRecord,
  type Tx,
} from '../store/index.ts';
import { ingestWithAccess } from './access/ingest-with-access.ts';
import type { SyncDeps } from './deps.ts';
import { normaliseRecord, type NormalRecord } from './normalise-record.ts';
import { setAside } from './quarantined.ts';

export interface KeptReplay {
  /** Records with quarantined values that were looked at. */
  readonly records: number;
  /** Values that fit now and are in their records. */
  readonly fitted: number;
  /** Values that do not. */
  readonly left: number;
  /** Values too large to be kept: only reading their records again tells. */
  readonly unkept: number;
}

interface StreamKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

const NOTHING: KeptReplay = { records: 0, fitted: 0, left: 0, unkept: 0 };

/**
 * Tries the values again that were set aside, as they were kept, by the newest
 * schema; the provider is not asked. What fits is a change of its record like
 * any other. Portion by portion; each is kept.
 */
export async function replayQuarantine({ db }: Pick<SyncDeps, 'db'>, key: StreamKey): Promise<KeptReplay> {
  let total = NOTHING;
  let after: string | null = '';
  while (after !== null) {
    const from: string = after;
    const part = await db.tenantTx(key.tenant, (tx) => replayPart(tx, key, from), 'sync.replay_kept');
    total = added(total, part.replay);
    after = part.last;
  }
  return total;
}

/** The same where something was last tried by an older schema than the stream's. */
export async function replayOutdated({ db }: Pick<SyncDeps, 'db'>, key: StreamKey, version: number): Promise<void> {
  const found = await db.tenantRead(key.tenant, (tx) => hasOutdated(tx, key, version));
  if (found) await replayQuarantine({ db }, key);
}

/** `last`: the id to go on after; null: that was all. */
async function replayPart(
  tx: Tx,
  key: StreamKey,
  after: string,
): Promise<{ readonly replay: KeptReplay; readonly last: string | null }> {
  const { tenant, stream } = key;
  // Nothing of the stream is kept in between: what is read here is what is changed here.
  const schema = (await holdStream(tx, tenant, stream)) ? await latestSchemaVersion(tx, tenant, stream) : null;
  if (schema === null) return { replay: NOTHING, last: null };
  const found = await readSetAside(tx, { ...key, after, limit: limits.quarantineReplayMax });
  const tried = found.map((record) => tryAgain(schema.object, record));
  const done = tried.flatMap(({ id, drop }) => drop.map((field) => ({ id, field })));
  await dropFromQuarantine(tx, key, done);
  // A value that was in the record may fit no more: the type of its field is another one now.
  await addToQuarantine(tx, {
    ...key,
    schemaVersion: schema.version,
    records: tried.map(({ id, add }) => ({ id, fields: add })),
  });
  await noteTried(
    tx,
    key,
    found.map(({ id }) => id),
    schema.version,
  );
  const records = tried.flatMap(({ normal }) => (normal === null ? [] : [normal]));
  // Nobody is asked, so that who is shown what changed is worked out a moment later.
  await ingestWithAccess(tx, { ...key, object: schema.object, permissions: null, records }, (kept, forgetAccess) =>
    ingestRecords(tx, { ...key, records: kept, forgetAccess, seenAt: tx.now, compareFirst: true }),
  );
  const count = (what: (one: Tried) => number): number => tried.reduce((sum, one) => sum + what(one), 0);
  const replay = {
    records: found.length,
    fitted: count(({ fitted }) => fitted),
    left: count(({ left }) => left),
    unkept: count(({ unkept }) => unkept),
  };
  return { replay, last: found.length < limits.quarantineReplayMax ? null : (found.at(-1)?.id ?? null) };
}

interface Tried {
  readonly id: string;
  /** The record with what fits now; null where nothing does. */
  readonly normal: NormalRecord | null;
  /** Fields whose values leave the quarantine, and misfits that are new in it. */
  readonly drop: readonly string[];
  readonly add: readonly ReturnType<typeof setAside>[];
  readonly fitted: number;
  readonly left: number;
  readonly unkept: number;
}

function tryAgain(object: NativeObject, { id, doc, srcAt, fields }: SetAsideRecord): Tried {
  // A record that is gone has no values, and one that was never kept comes by itself.
  if (doc === null) {
    return { id, normal: null, drop: fields.map(({ field }) => field), add: [], fitted: 0, left: 0, unkept: 0 };
  }
  const kept = fields.filter((field): field is { field: string; native: string } => field.native !== null);
  const values = Object.fromEntries(kept.map(({ field, native }) => [field, JSON.parse(native) as Json]));
  const normal = normaliseRecord(object, { id, modifiedAt: srcAt, deleted: false, values: { ...doc, ...values } });
  const known = new Set(object.fields.map(({ name }) => name));
  const unfit = new Set(normal.misfits.map(({ field }) => field));
  const fitting = kept.filter(({ field }) => known.has(field) && !unfit.has(field));
  const before = new Set(fields.map(({ field }) => field));
  const add = normal.misfits.filter(({ field }) => !before.has(field)).map(setAside);
  return {
    id,
    normal: fitting.length + add.length === 0 ? null : normal,
    drop: fitting.map(({ field }) => field),
    add,
    fitted: fitting.length,
    left: kept.length - fitting.length + add.length,
    unkept: fields.length - kept.length,
  };
}

const added = (a: KeptReplay, b: KeptReplay): KeptReplay => ({
  records: a.records + b.records,
  fitted: a.fitted + b.fitted,
  left: a.left + b.left,
  unkept: a.unkept + b.unkept,
});
