import type { IntentSource } from '../../connectors/index.ts';
import { GantryError, isJsonObject, type Json } from '../../kernel/index.ts';
import { findAll, nativeOf, type Wish } from '../plan/lookups.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import type { Mistake } from '../plan/problems.ts';
import { stepResult } from '../steps/step-result.ts';
import { takes, type IntentPlace } from './choose-place.ts';
import { findRecords, type RecordWish } from './find-records.ts';
import { refOf, type IntentRecord } from './read-input.ts';

export interface IntentValues {
  readonly values: { readonly [field: string]: Json };
  /** By input. */
  readonly mistakes: ReadonlyMap<string, Mistake>;
}

/** What each record's input is in the words of its place; all look-ups of a kind together. */
export async function intentValues(
  ports: PlanPorts,
  asker: Asker,
  place: IntentPlace,
  records: readonly IntentRecord[],
): Promise<readonly IntentValues[]> {
  for (const record of records) refuseOdd(place, record);
  const findRecord = await findRecords(
    ports,
    asker,
    records.flatMap((record) => recordWishes(asker, place, record)),
  );
  const find = await findAll(
    ports,
    asker,
    records.flatMap((record) => foundWishes(asker, place, record).map(({ wish }) => wish)),
  );
  return records.map((record) => {
    const mistakes = new Map<string, Mistake>();
    const values: { [field: string]: Json } = {};
    for (const wish of recordWishes(asker, place, record)) {
      if (findRecord(wish) === undefined) mistakes.set(wish.input, unknownRecord(wish.ref));
    }
    for (const { field, input, wish } of foundWishes(asker, place, record)) {
      const found = find(wish.finder, wish.value);
      if (found.kind === 'one') values[field] = found.taken;
      else mistakes.set(input, notFound(input, wish.value, found.kind));
    }
    for (const [native, source] of Object.entries(place.way.sets)) {
      const field = place.names.get(native) ?? native;
      const value = valueOf(source, { place, field, record, find: (wish) => findRecord(wish), asker });
      if (value !== undefined) values[field] = value;
    }
    return { values, mistakes };
  });
}

const unknownRecord = (ref: string): Mistake => ({
  code: 'write_reference_unknown',
  message: `There is no record ${JSON.stringify(ref.slice(0, 100))} for you.`,
  fix: 'Find it with query_records, and give its `_ref`.',
});

const notFound = (input: string, value: Json, kind: 'none' | 'several'): Mistake => ({
  code: kind === 'none' ? 'write_reference_unknown' : 'write_record_ambiguous',
  message: `${kind === 'none' ? 'Nothing is' : 'Several records are'} called ${JSON.stringify(value).slice(0, 100)}: ${input}.`,
  fix: 'Use a name as the system has it.',
});

/** A record that the app has no place for is a mistake, not something to be left out. */
function refuseOdd({ way, stream }: IntentPlace, { item, input }: IntentRecord): void {
  const sources = Object.values(way.sets).filter((source) => source.kind === 'record');
  for (const name of new Set(sources.map((source) => source.name))) {
    const value = input.get(name);
    const own = sources.filter((source) => source.name === name && source.part === 'id');
    if (value === undefined || own.some((source) => takes(source, value))) continue;
    const allowed = own.flatMap(({ of }) => of ?? []);
    throw new GantryError('bad_request', {
      message: `"${name}" of ${way.object} in ${stream.connectionSlug} is a record of ${allowed.join(', ')}.`,
      where: `records[${String(item)}].input.${name}`,
      allowed,
    });
  }
}

type Wanted = RecordWish & { readonly input: string };

function recordWishes(asker: Asker, place: IntentPlace, { input }: IntentRecord): readonly Wanted[] {
  return Object.entries(place.way.sets).flatMap(([native, source]): Wanted[] => {
    const ref = source.kind === 'record' ? input.get(source.name) : undefined;
    if (source.kind !== 'record' || typeof ref !== 'string' || !takes(source, ref)) return [];
    return [{ input: source.name, ...wishFor(place, place.names.get(native) ?? native, ref) }];
  });
}

/** In a model's words a reference is the value of the field that it leads to. */
function wishFor({ visible, writer }: IntentPlace, field: string, ref: string): RecordWish {
  const reference = writer === null ? null : (visible.fields.get(field)?.reference ?? null);
  return reference === null ? { ref, object: null, take: null } : { ref, object: reference.to, take: reference.on };
}

/** Names of native records stand for their ids; a model has its own words for them. */
function foundWishes(
  { scope, streams }: Asker,
  { stream, way, writer, names }: IntentPlace,
  { input }: IntentRecord,
): readonly { readonly field: string; readonly input: string; readonly wish: Wish }[] {
  if (writer !== null) return [];
  return Object.entries(way.sets).flatMap(([native, source]) => {
    const value = source.kind === 'found' ? input.get(source.name) : undefined;
    if (source.kind !== 'found' || value === undefined) return [];
    const sibling = streams.find(
      ({ connection, object }) => connection === stream.connection && object.name === source.object,
    );
    const object = sibling === undefined ? null : nativeOf(scope.objects, sibling);
    const called = (name: string | undefined): string =>
      [...(object?.fields.values() ?? [])].find((field) => (field.nativeName ?? field.name) === name)?.name ?? '';
    const finder = {
      object: object?.name ?? '',
      by: called(source.by),
      take: called(sibling?.object.idField),
    };
    return [{ field: names.get(native) ?? native, input: source.name, wish: { finder, value } }];
  });
}

interface Wording {
  readonly place: IntentPlace;
  /** As `place.visible` calls it. */
  readonly field: string;
  readonly record: IntentRecord;
  readonly find: (wish: RecordWish) => Json | undefined;
  readonly asker: Asker;
}

/** Undefined: nothing is written there. */
function valueOf(source: IntentSource, wording: Wording): Json | undefined {
  const { place, field, record, find } = wording;
  switch (source.kind) {
    case 'value':
      return inWords(place, field, source.value);
    case 'input': {
      const name = source.names.find((each) => record.input.has(each));
      const value = name === undefined ? undefined : record.input.get(name);
      if (name === undefined || value === undefined) return undefined;
      const there = place.stream.object.fields.some((native) => place.names.get(native.name) === field);
      if (source.optional && place.writer === null && !there) return undefined;
      // The model's field of the same name takes what the input takes.
      if (place.writer !== null && name === field) return value;
      const native = source.values === null || typeof value !== 'string' ? value : (source.values[value] ?? value);
      return inWords(place, field, source.html ? asMarkup(native) : native);
    }
    case 'record': {
      const ref = record.input.get(source.name);
      if (typeof ref !== 'string' || !takes(source, ref)) return undefined;
      if (source.part === 'object') return refOf(ref)?.object;
      return find(wishFor(place, field, ref));
    }
    case 'found':
      return place.writer === null ? undefined : record.input.get(source.name);
  }
}

/** A native value as the model calls it; what it has no word for stays, and is told to be none of its values. */
function inWords({ visible, writer }: IntentPlace, field: string, native: Json): Json {
  const inverse = writer?.fields.get(field);
  const words = visible.fields.get(field)?.values;
  if (inverse?.kind !== 'value' || words === null || words === undefined) return native;
  return (
    words.find((word) => {
      const written = inverse.write(word);
      return written.kind === 'ok' && written.value === native;
    }) ?? native
  );
}

/** The text around an earlier step's result, too. */
function asMarkup(value: Json): Json {
  const result = stepResult(value);
  if (result === null || !isJsonObject(value)) return typeof value === 'string' ? asHtml(value) : value;
  return { ...value, text: asHtml(result.text ?? '{id}') };
}

const asHtml = (text: string): string =>
  `<p>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>')}</p>`;
