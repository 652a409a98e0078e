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
      return byMatch(context, asked);
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
    if (second !== undefined)
      return { kind: 'unclear', why: 'Several records have this external id, and nothing tells which is ours.' };
    const made: Settled = { kind: 'applied', recordId: id, created: true };
    if (externalIdOf(item) === item.key) return made;
    const image = images.find((one) => one.id === id);
    const isAsMeant = image !== undefined && standsAsMeant(item, image, sameField);
    return isAsMeant ? made : { kind: 'unclear', why: 'Another record already has this external id.' };
  });
}

/** What create-or-update named is there as it was meant, or may be sent again. */
async function byMatch(context: SessionContext, { object, items }: Asked): Promise<readonly Settled[]> {
  const settled: Settled[] = [];
  for (const item of items) {
    const { match } = item;
    const [id] =
      match === null ? [] : ((await findBy(context, object, match.field, [match.value])).get(match.value) ?? []);
    if (id === undefined) {
      settled.push({ kind: 'not_applied' });
      continue;
    }
    const [image] = await readImages(context, object, [id], Object.keys(item.values));
    // Sending it again would do the same once more: nothing is lost by that.
    const stands = image !== undefined && standsAsMeant(item, image, sameField);
    settled.push(stands ? { kind: 'applied', recordId: id, created: false } : { kind: 'not_applied' });
  }
  return settled;
}

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
    if (now === undefined) return { kind: 'unclear', why: 'The record could not be read.' };
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
