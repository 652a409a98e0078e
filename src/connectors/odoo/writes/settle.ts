import type { SessionContext } from '../../kit/declared-connector.ts';
import { textAt } from '../../kit/answer-values.ts';
import { settleByImage } from '../../kit/write-settle.ts';
import type { RecordImage, Settled, WriteItem, WriteRequest } from '../../writes.ts';
import { odooCall, odooFacts, rowsOf } from '../call.ts';
import { readContext } from '../read-context.ts';
import { findBy, readImages } from './images.ts';
import { odooValues } from './values.ts';
import { markerOf } from './ways.ts';

type Asked = Pick<WriteRequest, 'object' | 'operation' | 'items'>;

/** Finds out by reading what became of writes whose answer was lost. */
export async function settle(
  context: SessionContext,
  { object, operation, items }: Asked,
  before: ReadonlyMap<string, RecordImage>,
): Promise<readonly Settled[]> {
  if (operation === 'create') return settleCreates(context, { object, operation, items });
  if (operation === 'upsert') throw new Error('Odoo has no create-or-update');
  const fields = [...new Set(items.flatMap((item) => Object.keys(item.values)))];
  const ids = items.map(({ recordId }) => recordId ?? '');
  const images = await readImages(context, object, ids, fields);
  return items.map((item, at): Settled => {
    const now = images[at];
    const was = before.get(item.key);
    // Odoo's stamps are whole seconds: an equal one proves nothing, the values do.
    const unstamped = was === undefined ? undefined : { ...was, version: null };
    return now === undefined
      ? { kind: 'unclear', why: 'The record could not be read.' }
      : settleByImage(item, operation, { ...now, version: null }, unstamped);
  });
}

async function settleCreates(context: SessionContext, { object, items }: Asked): Promise<readonly Settled[]> {
  const marker = markerOf(object);
  if (marker !== null) {
    const found = await findBy(
      context,
      object,
      marker.name,
      items.map(({ key }) => key),
    );
    return items.map(({ key }): Settled => {
      const [id, second] = found.get(key) ?? [];
      if (second !== undefined) return { kind: 'unclear', why: 'Several records bear the key of this write.' };
      return id === undefined ? { kind: 'not_applied' } : { kind: 'applied', recordId: id, created: true };
    });
  }
  const settled: Settled[] = [];
  for (const item of items) settled.push(await whoLooksLike(context, object, item));
  return settled;
}

/** Without a marker nothing proves anything: a person is told which record of ours looks like the new one. */
async function whoLooksLike(
  context: SessionContext,
  object: WriteRequest['object'],
  item: WriteItem,
): Promise<Settled> {
  const { uid } = await odooFacts(context);
  const plain = Object.entries(odooValues(object, item.values)).filter(([, value]) => typeof value !== 'object');
  const mine = object.fields.some(({ name }) => name === 'create_uid') ? [['create_uid', '=', uid]] : [];
  const answer = await odooCall(context, object.name, 'search_read', {
    domain: [...plain.map(([name, value]) => [name, '=', value]), ...mine],
    fields: ['id'],
    order: 'id desc',
    limit: 2,
    context: readContext,
  });
  const ids = rowsOf(answer, object.name).map((row) => textAt(row, 'id') ?? '');
  const [id] = ids;
  const seen =
    id === undefined
      ? 'No record of the connected user has these values.'
      : `Record ${ids.join(' and ')} of the connected user has these values.`;
  return { kind: 'unclear', why: `This model has no field for our key, so nothing proves what became of it. ${seen}` };
}
