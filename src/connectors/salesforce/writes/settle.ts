import type { Json } from '../../../kernel/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { settleByImage, standsAsMeant } from '../../kit/write-settle.ts';
import type { RecordImage, SessionWrites, Settled, WriteItem, WriteOutcome } from '../../writes.ts';
import { ingestInfo } from './ingest-job.ts';
import { jobIn, jobOutcomes } from './job.ts';
import { findBy, readImages } from './look-up.ts';
import { matchOf } from './single.ts';
import { keyFieldOf } from './way.ts';

type Question = Parameters<SessionWrites['settle']>[0];
type Before = ReadonlyMap<string, RecordImage>;

/** What became of records whose answer was lost, by reading alone. */
export async function settle(context: SessionContext, question: Question, before: Before): Promise<readonly Settled[]> {
  if (question.form === 'job') return settleJob(context, question);
  switch (question.operation) {
    case 'create':
      return settleCreate(context, question);
    case 'upsert':
      return settleUpsert(context, question, before);
    case 'update':
    case 'delete':
      return settleKnown(context, question, question.operation, before);
  }
}

async function settleCreate(context: SessionContext, { object, items }: Question): Promise<readonly Settled[]> {
  const key = keyFieldOf(object);
  if (key === null) return items.map(() => unclear('Salesforce has nothing that tells this new record from another.'));
  const found = await findBy(
    context,
    object,
    key.name,
    items.map((item) => item.key),
  );
  return items.map((item) => byIds(found.get(item.key) ?? [], true));
}

async function settleUpsert(
  context: SessionContext,
  { object, items }: Question,
  before: Before,
): Promise<readonly Settled[]> {
  const field = matchOf(items[0] ?? emptyItem).field;
  const found = await findBy(
    context,
    object,
    field,
    items.map((item) => matchOf(item).value as Json),
  );
  const ids = items.map((item) => found.get(matchOf(item).value) ?? []);
  const fields = [...new Set(items.flatMap((item) => Object.keys(item.values)))];
  const images = new Map((await readImages(context, object, ids.flat(), fields)).map((image) => [image.id, image]));
  return items.map((item, at) => {
    const [id, other] = ids[at] ?? [];
    if (id === undefined) return { kind: 'not_applied' };
    const image = images.get(id);
    if (other !== undefined || image === undefined) return byIds(ids[at] ?? [], false);
    const old = before.get(item.key);
    if (old !== undefined) return settleByImage(item, 'update', image, old);
    return standsAsMeant(item, image)
      ? { kind: 'applied', recordId: id, created: true }
      : unclear('A record with that value stands there with other values.');
  });
}

const emptyItem: WriteItem = { key: '', recordId: null, values: {}, match: null, ifVersion: null };

async function settleKnown(
  context: SessionContext,
  { object, items }: Question,
  operation: 'update' | 'delete',
  before: Before,
): Promise<readonly Settled[]> {
  const fields = [...new Set(items.flatMap((item) => Object.keys(item.values)))];
  const ids = items.map((item) => item.recordId ?? '');
  const images = await readImages(context, object, ids, fields);
  return items.map((item, at) => {
    const image = images[at];
    return image === undefined
      ? unclear('Salesforce did not show the record.')
      : settleByImage(item, operation, image, before.get(item.key));
  });
}

/** The job itself knows: what it did, or that it never began. */
async function settleJob(context: SessionContext, question: Question): Promise<readonly Settled[]> {
  const job = jobIn(question.job);
  // It is kept before anything in it can take effect.
  if (job === null) return question.items.map(() => ({ kind: 'not_applied' }));
  const { state } = await ingestInfo(context, job);
  if (state === 'running') return question.items.map(() => unclear('The bulk job is still at work.'));
  if (state === 'gone') return question.items.map(() => unclear('Salesforce no longer has the bulk job.'));
  // Never closed, and by now never will be.
  if (state === 'open') return question.items.map(() => ({ kind: 'not_applied' }));
  return (await jobOutcomes(context, question, job)).map(settled);
}

function settled(outcome: WriteOutcome): Settled {
  if (outcome.kind === 'applied') {
    const { recordId, created } = outcome;
    return { kind: 'applied', recordId, created };
  }
  return outcome.kind === 'unknown' ? unclear('The bulk job says nothing of this record.') : { kind: 'not_applied' };
}

function byIds([id, other]: readonly string[], created: boolean): Settled {
  if (id === undefined) return { kind: 'not_applied' };
  return other === undefined
    ? { kind: 'applied', recordId: id, created }
    : unclear('More than one record has that value.');
}

const unclear = (why: string): Settled => ({ kind: 'unclear', why });
