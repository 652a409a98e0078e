import type { RecordImage, SessionWrites } from '../connectors/index.ts';
import { canonicalJson, limits, type Json } from '../kernel/index.ts';
import { coerce, type NativeField, type NativeObject } from '../schema/index.ts';
import type { PlannedWrite } from './types.ts';

/** What stands there right before the send, or why nothing may be sent. */
export type Standing =
  | { readonly kind: 'ready'; readonly image: RecordImage | null }
  | { readonly kind: 'conflict'; readonly code: string; readonly image: RecordImage | null };

/** Reads what the writes are about, by key: fields that they change, all of a record that is to be deleted; and `more`. */
export async function readStandings(
  session: SessionWrites,
  object: NativeObject,
  writes: readonly PlannedWrite[],
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, Standing>> {
  const found = await matched(session, object, writes);
  const ids = new Map<string, string>();
  for (const write of writes) {
    const id = write.recordId ?? found.get(write.key)?.[0];
    if (id !== undefined) ids.set(write.key, id);
  }
  const fields = [...new Set([...fieldsOf(object, writes), ...more])].toSorted();
  const images = await imagesOf(session, object, [...new Set(ids.values())], fields);
  return new Map(
    writes.map((write) => {
      if ((found.get(write.key)?.length ?? 0) > 1) return [write.key, conflict('match_ambiguous', null)];
      const id = ids.get(write.key);
      const image = id === undefined ? null : (images.get(id) ?? null);
      return [write.key, standingOf(write, image)];
    }),
  );
}

/** What stands there, reduced to these fields. */
export function ofFields(
  standings: ReadonlyMap<string, Standing>,
  fields: readonly string[],
): ReadonlyMap<string, Standing> {
  const kept = new Set(fields);
  return new Map(
    [...standings].map(([key, standing]): [string, Standing] => {
      const { image } = standing;
      if (image === null) return [key, standing];
      const values = Object.entries(image.values).filter(([name]) => kept.has(name));
      return [key, { ...standing, image: { ...image, values: Object.fromEntries(values) } }];
    }),
  );
}

/** Records as they stand now, by id, however many. */
export async function imagesOf(
  session: SessionWrites,
  object: NativeObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<ReadonlyMap<string, RecordImage>> {
  const images = new Map<string, RecordImage>();
  for (let at = 0; at < ids.length; at += limits.recordsByIdMax) {
    const part = ids.slice(at, at + limits.recordsByIdMax);
    for (const image of await session.readImages(object, part, fields)) images.set(image.id, spelled(object, image));
  }
  return images;
}

/** As records are kept here: a provider's number of another record is a text, and equal to what the plan was made from. */
function spelled({ fields }: NativeObject, image: RecordImage): RecordImage {
  const values = Object.entries(image.values).map(([name, value]): [string, Json] => {
    const field = fields.find((each) => each.name === name);
    return [name, field === undefined ? value : typed(field, value)];
  });
  return { ...image, values: Object.fromEntries(values) };
}

function typed(field: NativeField, value: Json): Json {
  const coerced = coerce(field, value);
  return coerced.ok ? coerced.value : value;
}

/**
 * Pure: a record as it stands after a send, without what others have put into the fields of this write since; of those it
 * has nothing. The sending of a whole job may have taken minutes, and what stands there then need not be what was sent.
 */
export function withoutOthers(
  { values }: Pick<PlannedWrite, 'values'>,
  image: RecordImage,
  { object, session }: { readonly object: NativeObject; readonly session: Pick<SessionWrites, 'isSpelling'> },
): RecordImage {
  const isOurs = ([name, stands]: [string, Json]): boolean => {
    const sent = values[name];
    const field = object.fields.find((each) => each.name === name);
    if (sent === undefined || equal(sent, stands)) return true;
    if (field === undefined) return false;
    const meant = typed(field, sent);
    return equal(meant, stands) || session.isSpelling?.(field, meant, stands) === true;
  };
  return { ...image, values: Object.fromEntries(Object.entries(image.values).filter(isOurs)) };
}

/** Fields whose value before the write has to be known to take it back. */
export function fieldsOf(object: NativeObject, writes: readonly PlannedWrite[]): string[] {
  if (writes.some(({ operation }) => operation === 'delete')) {
    return writableFields(object);
  }
  return [...new Set(writes.flatMap(({ values }) => Object.keys(values)))].toSorted();
}

/**
 * Fields that are read after the write, so that taking it back can tell what
 * others have made of the record: of one that was made, all that can be
 * written, what the provider itself filled in among them.
 */
export const fieldsAfter = (object: NativeObject, writes: readonly PlannedWrite[]): string[] =>
  writes.some(({ operation }) => operation === 'create' || operation === 'upsert')
    ? writableFields(object)
    : fieldsOf(object, writes);

export const writableFields = ({ fields }: NativeObject): string[] =>
  fields.filter(({ writable }) => writable).map(({ name }) => name);

/** Ids that the values of upserts find, by key. */
async function matched(
  session: SessionWrites,
  object: NativeObject,
  writes: readonly PlannedWrite[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const byField = new Map<string, { readonly key: string; readonly value: Json }[]>();
  for (const { key, recordId, match } of writes) {
    if (recordId !== null || match === null) continue;
    byField.set(match.field, [...(byField.get(match.field) ?? []), { key, value: match.value }]);
  }
  const found = new Map<string, readonly string[]>();
  for (const [field, asked] of byField) {
    const ids = await session.findBy(
      object,
      field,
      asked.map(({ value }) => value),
    );
    for (const { key, value } of asked) found.set(key, ids.get(value) ?? []);
  }
  return found;
}

/** Pure: whether the record is as the plan was made from, as far as the plan changes it. */
export function standingOf(write: PlannedWrite, image: RecordImage | null): Standing {
  const { operation, before, values, recordId, made = [] } = write;
  if (image === null || image.missing) {
    return operation === 'create' ||
      operation === 'create_field' ||
      (operation === 'upsert' && recordId === null && before === null)
      ? { kind: 'ready', image: null }
      : conflict('record_missing', image);
  }
  // Somebody has made it since: what was planned as a new record would change theirs.
  if (before === null) return operation === 'upsert' ? conflict('record_changed', image) : { kind: 'ready', image };
  for (const [field, wanted] of Object.entries(operation === 'delete' ? before : values)) {
    const was = before[field];
    const is = image.values[field];
    if (was === undefined || is === undefined || equal(is, was)) continue;
    if (made.includes(field) && isEmpty(is)) continue;
    if (operation !== 'delete' && equal(is, wanted)) continue;
    return conflict('record_changed', image);
  }
  return { kind: 'ready', image };
}

/** A field that was made a moment ago: providers say `0` or `false` where nobody has entered anything. */
export const isEmpty = (value: Json): boolean => value === 0 || value === false || value === '';

const conflict = (code: string, image: RecordImage | null): Standing => ({ kind: 'conflict', code, image });

export const equal = (one: Json, other: Json): boolean => canonicalJson(one) === canonicalJson(other);
