import type { SessionContext } from '../../kit/declared-connector.ts';
import { isSame, settleByImage, standsAsMeant } from '../../kit/write-settle.ts';
import type { RecordImage, Settled, WriteItem, WriteRequest } from '../../writes.ts';
import { externalIdOf } from './body.ts';
import { findBy } from './find.ts';
import { readImages } from './images.ts';
import { KEY_FIELD } from './ways.ts';

type Asked = Pick<WriteRequest, 'object' | 'operation' | 'items'>;

/** Finds out by reading what became of writes whose answer was lost. */
export async function settle(
  context: SessionContext,
  asked: Asked,
  before: ReadonlyMap<string, RecordImage>,
): Promise<readonly Settled[]> {
  switch (asked.operation) {
    case 'create':
      return byKey(context, asked);
    case 'upsert':
      return byMatch(context, asked, before);
    case 'update':
    case 'delete':
      return byImage(context, asked, asked.operation, before);
  }
}

/** A new record bears its key as external id, or an external id of the customer's own. */
async function byKey(context: SessionContext, { object, items }: Asked): Promise<readonly Settled[]> {
  const found = await findBy(context, object, KEY_FIELD, items.map(externalIdOf));
  const ids = (item: WriteItem): readonly string[] => found.get(externalIdOf(item)) ?? [];
  const foreign = items.filter((item) => externalIdOf(item) !== item.key && ids(item).length === 1);
  const fields = [...new Set(foreign.flatMap((item) => Object.keys(item.values)))];
  const images = foreign.length === 0 ? [] : await readImages(context, object, foreign.flatMap(ids), fields);
  return items.map((item): Settled => {
    const [id, second] = ids(item);
    if (id === undefined) return { kind: 'not_applied' };
    if (second !== undefined) return unclear('Several records have this external id, and nothing tells which is ours.');
    const made: Settled = { kind: 'applied', recordId: id, created: true };
    if (externalIdOf(item) === item.key) return made;
    const image = images.find((one) => one.id === id);
    const isAsMeant = image !== undefined && standsAsMeant(item, image, sameField);
    return isAsMeant ? made : unclear('Another record already has this external id.');
  });
}

/** What create-or-update named is there, or not: only the latter proves that nothing was written. */
async function byMatch(
  context: SessionContext,
  { object, items }: Asked,
  before: ReadonlyMap<string, RecordImage>,
): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  for (const item of items) settled.push(await byValue(context, object, item, before.get(item.key)));
  return settled;
}

/** It is sent where nobody has the value: whoever has it afterwards, standing as it was meant, was made by it. */
async function byValue(
  context: SessionContext,
  object: Asked['object'],
  item: WriteItem,
  was: RecordImage | undefined,
): Promise<Settled> {
  const { match } = item;
  if (match === null) return unclear('Nothing says which record it was about.');
  const [id, second] = (await findBy(context, object, match.field, [match.value])).get(match.value) ?? [];
  if (id === undefined) return { kind: 'not_applied' };
  if (second !== undefined) return unclear('Several records have this value.');
  const [image] = await readImages(context, object, [id], [...Object.keys(item.values), CREATED_FIELD]);
  if (image === undefined || image.missing) return unclear('The record could not be read.');
  if (was !== undefined) return settleByImage(item, 'update', image, was, sameField);
  // A trigger, a person or Zendesk itself may have changed what we sent: that is no proof that we sent nothing.
  if (!standsAsMeant(item, image, sameField))
    return unclear('A record with this value stands there with other values.');
  if (hasTwoNames(object, item) && image.values[CREATED_FIELD] !== image.version)
    return unclear('The person may have been there before, under the other of the two names.');
  return { kind: 'applied', recordId: id, created: true };
}

const CREATED_FIELD = 'created_at';

/** Zendesk takes a person for the same by external id or by address: one of them may have been there without the other. */
const hasTwoNames = ({ name }: Asked['object'], { match, values }: WriteItem): boolean =>
  name === 'users' &&
  [KEY_FIELD, 'email'].some((field) => field !== match?.field && !isSame(field, '', values[field] ?? null));

async function byImage(
  context: SessionContext,
  { object, items }: Asked,
  operation: 'update' | 'delete',
  before: ReadonlyMap<string, RecordImage>,
): Promise<readonly Settled[]> {
  const fields = [...new Set(items.flatMap((item) => Object.keys(item.values)))];
  const images = await readImages(
    context,
    object,
    items.map(({ recordId }) => recordId ?? ''),
    fields,
  );
  return items.map((item, at): Settled => {
    const now = images[at];
    if (now === undefined) return unclear('The record could not be read.');
    return settleByImage(item, operation, now, before.get(item.key), sameField);
  });
}

/** Zendesk keeps tags and addresses in small letters. */
export const sameField: typeof isSame = (field, meant, stands) => {
  if (field === 'tags' && Array.isArray(meant) && Array.isArray(stands)) {
    return isSame(field, meant.map(lower), stands.map(lower));
  }
  if (field === 'email' && typeof meant === 'string') return isSame(field, lower(meant), stands);
  return isSame(field, meant, stands);
};

const lower = (value: unknown): string => String(value).toLowerCase();

const unclear = (why: string): Settled => ({ kind: 'unclear', why });
