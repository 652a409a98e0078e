import { concurrently, GantryError, limits, type Json } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { RecordImage } from '../../writes.ts';
import { eventRecord } from '../event-record.ts';
import { eventIfThere } from '../read-records.ts';
import { placeOf } from './send.ts';

/** Events as they stand now; a cancelled one is gone. The version is Google's etag. */
export async function readImages(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly RecordImage[]> {
  return concurrently(ids, limits.describesAtOnce, async (id) => {
    const place = placeOf({ recordId: id, values: {}, key: '' });
    const entry = place === null ? null : await eventIfThere(context, place.calendar, place.event);
    if (place === null || entry === null) return gone(id);
    const record = eventRecord({ id: place.calendar, ownDomain: null }, entry, object.fields);
    if (record.deleted) return gone(id);
    const values = Object.fromEntries(fields.map((name) => [name, record.values[name] ?? null]));
    return { id, missing: false, version: textAt(entry, 'etag'), values };
  });
}

const gone = (id: string): RecordImage => ({ id, missing: true, version: null, values: {} });

/** Events have no field to be looked up by but their own id. */
export async function findBy(
  context: SessionContext,
  object: NativeObject,
  field: string,
  values: readonly Json[],
): Promise<ReadonlyMap<Json, readonly string[]>> {
  if (field !== object.idField) {
    throw new GantryError('upstream_refused', {
      message: `Google Calendar does not find ${object.label.toLowerCase()} by "${field}".`,
      fix: `Look them up by "${object.idField}", or in the replica.`,
      allowed: [object.idField],
    });
  }
  const ids = values.filter((value): value is string => typeof value === 'string');
  const images = await readImages(context, object, ids, []);
  const there = new Set(images.flatMap(({ id, missing }) => (missing ? [] : [id])));
  return new Map(values.map((value) => [value, typeof value === 'string' && there.has(value) ? [value] : []]));
}
