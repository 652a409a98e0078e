import type { ConnectionId, StreamId, TenantId } from '../../kernel/index.ts';
import { sharesOfRecord, type SessionPermissions } from '../../connectors/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  accessConnectionOf,
  doubtShares,
  listAccessStreams,
  lockAccess,
  queueRecheck,
  readClasses,
  setOwnClasses,
  setParents,
  settleChildren,
  settleClasses,
  unfitFields,
  wantAccessTurn,
  withoutRepeats,
  type AccessKey,
  type AccessStreamRow,
  type IngestCounts,
  type IngestRecord,
  type RecordClass,
  type Tx,
} from '../../store/index.ts';
import { judgeOf, type Judge } from './judge.ts';
import { classesOf, settleNamed } from './keep-classes.ts';

export interface RecordsToJudge {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly object: NativeObject;
  /** Of the session that read them; null: what needs it is worked out a moment later. */
  readonly permissions: SessionPermissions | null;
  readonly records: readonly IngestRecord[];
}

type Ingest = (records: readonly IngestRecord[], forgetAccess: boolean) => Promise<IngestCounts>;

/**
 * Keeps records with their access classes, in one transaction: no reader ever
 * finds a version of a record beside the audience of another. Where the
 * permissions of its connection are not learned that costs one look-up.
 */
export async function ingestWithAccess(tx: Tx, given: RecordsToJudge, ingest: Ingest): Promise<IngestCounts> {
  const { tenant, stream, object, permissions } = given;
  const records = withoutRepeats(given.records);
  const connection = await accessConnectionOf(tx, given);
  if (connection === null) return ingest(records, false);
  const key = { tenant, connection };
  const access = await lockAccess(tx, key);
  const streams = await listAccessStreams(tx, key);
  const plan = streams.find((each) => each.stream === stream);
  if (access === null || plan === undefined) return ingest(records, false);
  const judge = judgeOf(plan, object, permissions, access.facts);
  const at = { tenant, stream };
  const ids = records.map(({ id }) => id);
  if (judge.kind === 'open') return ingest(records, false);
  const before = await readClasses(tx, at, ids);
  const unfit = await unfitFields(tx, at, ids);
  if (judge.kind !== 'by_record') {
    const counts = await ingest(records, true);
    const after = await readClasses(tx, at, ids);
    // Nobody is shown it, perhaps since something of it was set aside: nobody can tell here whether that is over.
    const undecided = sameContent(records, after).filter(({ id, acl }) => acl === null || unfit.has(id));
    const doubted = judge.kind === 'later' ? undecided : [];
    await askLater(tx, { ...at, connection }, before, after, doubted);
    return counts;
  }
  const judged = await classesOf(tx, key, streams, audiences(judge, records, unfit));
  const counts = await ingest(
    records.map((record) => ({ ...record, acl: judged.own.get(record.id) ?? null })),
    false,
  );
  const after = await readClasses(tx, at, ids);
  const written = changed(before, after);
  const live = new Set(written.filter(({ deleted }) => !deleted).map(({ id }) => id));
  // The content is what it was, but not what had to be left out of it.
  const followers = new Set(judged.parents.map(({ id }) => id));
  const same = sameContent(records, after).filter(({ id }) => !live.has(id));
  const others = same.filter(({ id, own }) => own !== judged.own.get(id));
  await setOwnClasses(tx, at, new Map(others.map(({ id }) => [id, judged.own.get(id) ?? null])));
  for (const { id } of others) live.add(id);
  for (const { id, acl } of same) if (unfit.has(id) || (acl === null && followers.has(id))) live.add(id);
  await setParents(
    tx,
    at,
    [...live],
    judged.parents.filter(({ id }) => live.has(id)),
  );
  // A record that changed hands: the provider may have ended shares with it.
  const handed = written.filter(({ id, own }) => live.has(id) && before.has(id) && before.get(id)?.own !== own);
  await doubtAll(tx, key, { streams, stream, object: object.name, ids: handed.map(({ id }) => id) });
  await settleClasses(tx, key, stream, [...live]);
  await settleFollowers(tx, key, stream, before, written);
  return counts;
}

/** Their own shares, which are settled with them; and what was given with them to records of other streams. */
async function doubtAll(
  tx: Tx,
  key: AccessKey,
  handed: {
    readonly streams: readonly AccessStreamRow[];
    readonly stream: StreamId;
    readonly object: string;
    readonly ids: readonly string[];
  },
): Promise<void> {
  const { stream, object, ids } = handed;
  if (ids.length === 0) return;
  const names = ids.map((id) => sharesOfRecord(object, id));
  for (const each of handed.streams) {
    if (each.strategy !== 'shares') continue;
    const at = { tenant: key.tenant, stream: each.stream };
    if (each.stream === stream) await doubtShares(tx, at, ids);
    if ((await doubtShares(tx, at, names)) > 0) await settleNamed(tx, key, each.stream, names);
  }
}

type Unfit = ReadonlyMap<string, readonly string[]>;

const audiences = (
  { audienceOf }: Extract<Judge, { kind: 'by_record' }>,
  records: readonly IngestRecord[],
  unfit: Unfit,
) =>
  new Map(
    records
      .filter(({ deleted }) => !deleted)
      .map((record) => [record.id, audienceOf(record, unfit.get(record.id) ?? [])]),
  );

/** Live records that are kept just as they came. */
const sameContent = (records: readonly IngestRecord[], after: ReadonlyMap<string, RecordClass>): RecordClass[] =>
  records.flatMap(({ id, hash, deleted }) => {
    const kept = after.get(id);
    return kept === undefined || deleted || kept.deleted || kept.hash !== hash ? [] : [kept];
  });

/** Those that have another version than before; a late page changes nothing. */
const changed = (
  before: ReadonlyMap<string, RecordClass>,
  after: ReadonlyMap<string, RecordClass>,
): readonly RecordClass[] => [...after.values()].filter(({ id, hash }) => before.get(id)?.hash !== hash);

/** Of records whose class the ingest itself changed, and of new ones. */
async function settleFollowers(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly connection: ConnectionId },
  stream: StreamId,
  before: ReadonlyMap<string, RecordClass>,
  written: readonly RecordClass[],
): Promise<void> {
  const moved = written.filter(({ id, acl, deleted }) => {
    const known = before.get(id);
    return known === undefined || known.acl !== acl || known.deleted !== deleted;
  });
  await settleChildren(
    tx,
    key,
    stream,
    moved.map(({ id }) => id),
  );
}

/** Nobody is shown what changed before somebody found out who is; that is due now. */
async function askLater(
  tx: Tx,
  { tenant, stream, connection }: { tenant: TenantId; stream: StreamId; connection: ConnectionId },
  before: ReadonlyMap<string, RecordClass>,
  after: ReadonlyMap<string, RecordClass>,
  doubted: readonly RecordClass[],
): Promise<void> {
  const written = changed(before, after);
  const ids = [...new Set([...written, ...doubted].filter(({ deleted }) => !deleted).map(({ id }) => id))];
  if (ids.length > 0) {
    await queueRecheck(tx, { tenant, stream }, ids);
    await wantAccessTurn(tx, { tenant, connection }, tx.now);
  }
  await settleFollowers(tx, { tenant, connection }, stream, before, written);
}
