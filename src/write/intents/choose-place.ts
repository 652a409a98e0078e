import type { VisibleObject } from '../../access/index.ts';
import type { Intent, IntentSource, IntentWay } from '../../connectors/index.ts';
import { GantryError, suggest, type Json } from '../../kernel/index.ts';
import type { FieldInverse, RecordWriter, TenantStream } from '../../mapping/index.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import { mayWrite, writeRights } from '../plan/write-rights.ts';
import { refOf, type IntentRecord } from './read-input.ts';

/** Where an intent is done, and in whose words. */
export interface IntentPlace {
  readonly stream: TenantStream;
  readonly way: IntentWay;
  readonly visible: VisibleObject;
  /** Null: what is asked for is in native terms. */
  readonly writer: RecordWriter | null;
  /** Native field to what it is called in `visible`. */
  readonly names: ReadonlyMap<string, string>;
}

interface Candidate {
  readonly stream: TenantStream;
  readonly way: IntentWay;
  /** Model and native object that the caller sees its records in. */
  readonly visible: readonly VisibleObject[];
}

/**
 * The one system that it is done in: the one that `to` names, or the one whose
 * records are spoken of, or the only one that can. Raises `not_found`,
 * `intent_unsupported`, `write_system_ambiguous`, `bad_request`.
 */
export function choosePlace(
  { intents }: Pick<PlanPorts, 'intents'>,
  asker: Asker,
  intent: Intent,
  { to, records }: { readonly to: string | undefined; readonly records: readonly IntentRecord[] },
): IntentPlace {
  const shown = [...asker.caller.objects.values()].flatMap(({ sources }) => sources);
  const slugs = new Set(shown.map(({ connectionSlug }) => connectionSlug));
  const candidates = asker.streams.flatMap((stream): Candidate[] => {
    // Of a system that it is shown nothing of, the caller is not told that it is there.
    if (!slugs.has(stream.connectionSlug)) return [];
    const way = wayFor(intents.get(stream.provider)?.get(intent.name) ?? [], records);
    if (way === null || way.object !== stream.object.name) return [];
    return [{ stream, way, visible: seenIn(asker, stream) }];
  });
  const named = namedSystem(asker, intent, { to, records });
  const fitting = candidates.filter(
    ({ stream, visible }) =>
      visible.length > 0 && (named === null || stream.connectionSlug === named || stream.integration === named),
  );
  const [first, second] = fitting;
  if (first === undefined) throw unsupported(asker, intent, { named, candidates });
  if (second !== undefined) {
    const allowed = fitting.map(({ stream }) => stream.connectionSlug);
    throw new GantryError('write_system_ambiguous', {
      message: `${intent.name} can be done in ${allowed.join(' and in ')}.`,
      where: 'to',
      allowed,
    });
  }
  return placeIn(asker, intent, first, records);
}

/** One request goes one way: all of its records are of one kind. */
function wayFor(ways: readonly IntentWay[], records: readonly IntentRecord[]): IntentWay | null {
  const found = new Set(records.map(({ input }) => ways.find((way) => holds(way, input)) ?? null));
  const [first = null, second] = found;
  if (second === undefined) return first;
  const by = [...new Set(ways.flatMap(({ when }) => Object.keys(when)))];
  throw new GantryError('bad_request', {
    message: `Records of one request go the same way: these differ in ${by.join(', ')}.`,
    where: 'records',
    fix: 'Prepare one plan for each.',
  });
}

const holds = ({ when }: IntentWay, input: ReadonlyMap<string, Json>): boolean =>
  Object.entries(when).every(([name, values]) => values.some((value) => value === input.get(name)));

const seenIn = ({ caller }: Asker, { stream }: TenantStream): readonly VisibleObject[] =>
  [...caller.objects.values()].filter(({ sources }) => sources.some((source) => source.stream === stream));

/** What the request says of the system; null: nothing. */
function namedSystem(
  { caller }: Asker,
  intent: Intent,
  { to, records }: { readonly to: string | undefined; readonly records: readonly IntentRecord[] },
): string | null {
  const sources = [...caller.objects.values()].flatMap((object) => object.sources);
  const own = sources.find(({ connectionSlug, integration }) => connectionSlug === to || integration === to);
  if (to !== undefined && own === undefined) {
    throw new GantryError('not_found', {
      message: `"${to.slice(0, 100)}" is no system that you know of.`,
      where: 'to',
      suggestions: suggest(to, new Set(sources.map(({ connectionSlug }) => connectionSlug))),
      fix: 'Name a connection that list_connections shows, or leave `to` out.',
    });
  }
  const refs = records.flatMap(({ id, input }) => [
    ...(id === null ? [] : [id]),
    ...Object.entries(intent.input).flatMap(([name, { type }]) => {
      const value = input.get(name);
      return type === 'record' && typeof value === 'string' ? [value] : [];
    }),
  ]);
  const slugs = new Set([
    ...(to === undefined || own === undefined ? [] : [own.connectionSlug]),
    ...refs.flatMap((ref) => refOf(ref)?.slug ?? []),
  ]);
  const [first = null, second] = slugs;
  if (second === undefined) return first;
  throw new GantryError('bad_request', {
    message: `One request is about one system; this one speaks of ${[...slugs].join(' and of ').slice(0, 200)}.`,
    where: 'records',
    fix: 'Name records of the system that it is done in.',
  });
}

function unsupported(
  asker: Asker,
  intent: Intent,
  { named, candidates }: { readonly named: string | null; readonly candidates: readonly Candidate[] },
): GantryError {
  const can = candidates.filter(({ visible }) => visible.length > 0).map(({ stream }) => stream.connectionSlug);
  // Of connections of which the caller is shown nothing nobody tells it.
  const sources = [...asker.caller.objects.values()].flatMap((object) => object.sources);
  const shown = new Set(sources.map(({ connectionSlug }) => connectionSlug));
  const unseen = candidates.find(({ stream }) => named === null || stream.connectionSlug === named);
  const known = asker.streams.find(
    ({ connectionSlug, integration }) =>
      shown.has(connectionSlug) && (connectionSlug === named || integration === named),
  );
  const why =
    unseen === undefined
      ? `${named ?? 'No system of this customer'} has no way to ${intent.name}${known === undefined ? '' : ` (${known.provider})`}.`
      : `${unseen.stream.connectionSlug} does ${intent.name} with ${unseen.way.object}, which you are not shown.`;
  return new GantryError('intent_unsupported', {
    message: why,
    where: 'operation',
    allowed: can,
    fix:
      can.length > 0
        ? `It can be done in: ${can.join(', ')}.`
        : unseen === undefined
          ? 'Write it with prepare_write, if the system has a place for it.'
          : `The product team may grant ${unseen.stream.connectionSlug}.${unseen.way.object}.`,
  });
}

/** In the words of the model that the object feeds, where it has all that is said and the agent may write it; else in native ones. */
function placeIn(
  asker: Asker,
  intent: Intent,
  { stream, way, visible }: Candidate,
  records: readonly IntentRecord[],
): IntentPlace {
  const fields = Object.entries(way.sets).filter(([field, source]) => isSaid(stream, field, source, records));
  const models = visible.filter(({ kind }) => kind === 'model');
  const lacks: string[] = [];
  for (const model of models) {
    const writer = asker.writers.get(model.name)?.find((each) => each.stream.stream === stream.stream) ?? null;
    if (writer === null || !mayWrite(asker.agent, model, intent.on, intent.name)) continue;
    const names = new Map(fields.map(([field, source]) => [field, modelName(model, writer, field, source)] as const));
    const missing = [...names].filter(([, name]) => name === null).map(([field]) => field);
    lacks.push(...missing.map((field) => `${model.name} does not lead back to ${field}`));
    if (missing.length === 0)
      return {
        stream,
        way,
        visible: model,
        writer,
        names: new Map([...names].map(([field, name]) => [field, name ?? ''])),
      };
  }
  const native = visible.find(({ kind }) => kind === 'native');
  if (native !== undefined) {
    const names = new Map([...native.fields.values()].map(({ name, nativeName }) => [nativeName ?? name, name]));
    return { stream, way, visible: native, writer: null, names };
  }
  const [model] = models;
  if (model !== undefined && lacks.length === 0) writeRights(asker.agent, model, intent.on);
  throw new GantryError('intent_unsupported', {
    message: `${stream.connectionSlug}: ${lacks.slice(0, 5).join('; ') || `nothing leads back to ${way.object}`}.`,
    where: 'operation',
    fix: `The product team may map it, or grant ${stream.connectionSlug}.${way.object}.`,
  });
}

/** Whether anything of the request goes there, and there is such a place. */
function isSaid(
  { object }: TenantStream,
  field: string,
  source: IntentSource,
  records: readonly IntentRecord[],
): boolean {
  if (source.kind === 'value') return true;
  if (source.kind === 'input') {
    if (source.optional && !object.fields.some(({ name }) => name === field)) return false;
    return records.some(({ input }) => source.names.some((name) => input.has(name)));
  }
  if (source.kind === 'found') return records.some(({ input }) => input.has(source.name));
  return records.some(({ input }) => takes(source, input.get(source.name)));
}

export function takes({ of }: Extract<IntentSource, { kind: 'record' }>, value: Json | undefined): boolean {
  const ref = typeof value === 'string' ? refOf(value) : null;
  return ref !== null && (of === null || of.includes(ref.object));
}

/** The model's own field for it: by the input's name, wherever this customer keeps it, else by the native field. */
function modelName(
  model: VisibleObject,
  { fields }: RecordWriter,
  native: string,
  source: IntentSource,
): string | null {
  // Of several inputs the first is what the field is for; the others only stand in for it.
  const asked = source.kind === 'value' ? null : source.kind === 'input' ? source.names[0] : source.name;
  const written = [...fields].filter(
    ([name, { kind }]) => model.fields.has(name) && (kind === 'value' || kind === 'lookup'),
  );
  const own = written.find(([name]) => name === asked) ?? written.find(([, inverse]) => nativeOf(inverse) === native);
  return own?.[0] ?? null;
}

const nativeOf = (inverse: FieldInverse): string | null =>
  inverse.kind === 'value' || inverse.kind === 'lookup' ? inverse.field.name : null;
