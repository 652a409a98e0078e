import { limits, type StreamId } from '../../kernel/index.ts';
import {
  endRecheck,
  listAccessStreams,
  movePass,
  noteSettled,
  readDocuments,
  readRecheck,
  scanRecords,
  setClasses,
  setOwnClasses,
  setParents,
  settleChildren,
  unfitFields,
  type AccessConnectionRow,
  type AccessKey,
  type AccessStreamRow,
  type Tx,
} from '../../store/index.ts';
import { judgeOf, type Judge, type JudgedRecord } from './judge.ts';
import { classesOf, keepClasses } from './keep-classes.ts';
import { keepInTurn, readKnown, type AccessObject, type TurnContext } from './turn-context.ts';

/**
 * Works out audiences from the records that are kept: of all of a stream where
 * what they follow from has changed, portion by portion, taken up where the
 * last one ended; and of records that changed when nobody could tell.
 */
export async function settleAudiences(context: TurnContext): Promise<void> {
  const { objects } = await readKnown(context);
  for (const object of objects) {
    let more = object.passPlace !== null;
    while (more) more = await passPortion(context, object);
    if (object.strategy === 'as_user') continue;
    let queued = true;
    while (queued) queued = await recheckPortion(context, object);
  }
}

/** True: there is more of it. */
function passPortion(context: TurnContext, object: AccessObject): Promise<boolean> {
  const { key } = context;
  const at = { tenant: key.tenant, stream: object.stream };
  return keepInTurn(context, 'access.settle_pass', async (tx, access) => {
    const streams = await listAccessStreams(tx, key);
    const plan = streams.find(({ stream }) => stream === object.stream);
    if (plan === undefined || plan.passPlace === null) return false;
    const judge = judgeNow(context, object, plan, access);
    if (judge.kind === 'later') return false;
    const records = await scanRecords(tx, { ...at, afterId: plan.passPlace, limit: limits.accessPortion });
    if (judge.kind === 'by_record') {
      await judgeAgain(tx, key, { streams, stream: object.stream, judge, records });
    } else {
      await forgetClasses(tx, key, object.stream, records);
    }
    const last = records.at(-1)?.id;
    if (last !== undefined && records.length >= limits.accessPortion) {
      await movePass(tx, at, last);
      return true;
    }
    await movePass(tx, at, null);
    // What asks nobody is as old as this.
    await noteSettled(tx, key.tenant, [object.stream], settledBy(plan, access) ?? tx.now);
    return false;
  });
}

/** Kept records get the classes that follow from them now. */
async function judgeAgain(
  tx: Tx,
  key: AccessKey,
  given: {
    readonly streams: readonly AccessStreamRow[];
    readonly stream: StreamId;
    readonly judge: Extract<Judge, { kind: 'by_record' }>;
    readonly records: readonly JudgedRecord[];
  },
): Promise<void> {
  const { streams, stream, judge, records } = given;
  const unfit = await unfitFields(
    tx,
    { tenant: key.tenant, stream },
    records.map(({ id }) => id),
  );
  const audiences = new Map(records.map((record) => [record.id, judge.audienceOf(record, unfit.get(record.id) ?? [])]));
  await keepClasses(tx, key, stream, await classesOf(tx, key, streams, audiences));
}

const settledBy = ({ strategy }: AccessStreamRow, { factsAt }: AccessConnectionRow): Date | null =>
  strategy === 'record' || strategy === 'shares' ? factsAt : null;

/** Of another way of learning nothing stays: nobody is shown what was not found out anew. */
async function forgetClasses(
  tx: Tx,
  key: AccessKey,
  stream: StreamId,
  records: readonly { readonly id: string }[],
): Promise<void> {
  const at = { tenant: key.tenant, stream };
  const nobody = new Map(records.map(({ id }) => [id, null]));
  await setOwnClasses(tx, at, nobody);
  await setParents(tx, at, [...nobody.keys()], []);
  await settleChildren(tx, key, stream, await setClasses(tx, at, nobody));
}

function recheckPortion(context: TurnContext, object: AccessObject): Promise<boolean> {
  const { key } = context;
  const at = { tenant: key.tenant, stream: object.stream };
  return keepInTurn(context, 'access.settle_queued', async (tx, access) => {
    const queued = await readRecheck(tx, at, limits.accessPortion);
    if (queued.length === 0) return false;
    const ids = queued.map(({ id }) => id);
    const streams = await listAccessStreams(tx, key);
    const plan = streams.find(({ stream }) => stream === object.stream);
    const judge = plan === undefined ? null : judgeNow(context, object, plan, access);
    if (judge?.kind === 'later') return false;
    if (judge?.kind === 'by_record') {
      const documents = await readDocuments(tx, at, ids);
      await judgeAgain(tx, key, { streams, stream: object.stream, judge, records: documents });
    }
    await endRecheck(tx, at, ids, tx.now);
    return queued.length >= limits.accessPortion;
  });
}

const judgeNow = (
  { permissions }: TurnContext,
  { schema }: AccessObject,
  plan: AccessStreamRow,
  { facts }: AccessConnectionRow,
): Judge => judgeOf(plan, schema, permissions, facts);
