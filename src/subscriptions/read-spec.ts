import { operandsOf, parseFilter, type Filter } from '../filter/index.ts';
import { GantryError, suggest, type JsonObject, type StreamId } from '../kernel/index.ts';
import type { VisibleObject } from '../access/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';
import { accessUnknown, awaitedStreams, followsLinks } from '../query/index.ts';
import { eventTypes, type EventSpec, type Viewer } from './view-change.ts';

/** A wish for events as it is written and stored. */
export interface EventWish {
  readonly object: string;
  readonly filter: JsonObject;
  readonly events: readonly string[];
  readonly fields: readonly string[] | null;
}

/**
 * The wish, checked against what the agent sees. Raises `tool_unknown`, `query_object_unknown`,
 * `access_unknown`, `query_field_unknown`, what parseFilter raises, `query_value_invalid`, and `subscription_unsupported`.
 */
export function readSpec(viewer: Viewer, wish: EventWish): EventSpec {
  // An event tells a whole record, of any that the agent cares to name.
  if (!followsLinks(viewer.caller)) throw readsNoRecords();
  const object = viewer.caller.objects.get(wish.object);
  if (object === undefined) {
    const withheld = viewer.caller.withheld.get(wish.object);
    if (withheld !== undefined) throw accessUnknown(wish.object, withheld, 'object');
    const names = [...viewer.caller.objects.keys()];
    throw new GantryError('query_object_unknown', {
      message: `There is no object "${wish.object}" for this agent.`,
      where: 'object',
      suggestions: suggest(wish.object, names),
    });
  }
  if (object.merge !== undefined) {
    throw unsupported('object', `Records of several systems become one ${object.name}, so that no one change is its.`);
  }
  const filter = Object.keys(wish.filter).length === 0 ? null : parseFilter(wish.filter, { where: 'filter' });
  const told = tellable(viewer, object);
  checkRule(viewer, object, told);
  for (const name of wish.fields ?? []) checkField(object, name, told, 'fields');
  if (filter !== null) for (const name of pathsOf(filter)) checkField(object, name, told, 'filter');
  const events = eventTypes.filter((type) => wish.events.length === 0 || wish.events.includes(type));
  const odd = wish.events.find((name) => !eventTypes.some((type) => type === name));
  if (odd !== undefined) {
    throw new GantryError('query_value_invalid', {
      message: `There is no event "${odd}".`,
      where: 'events',
      suggestions: suggest(odd, eventTypes),
      allowed: eventTypes,
    });
  }
  return { object: object.name, filter, events, fields: wish.fields };
}

/** Whether what the viewer may hear of the object is known in a moment: what is told of before then would never be told. */
export const awaitsRights = ({ caller }: Viewer, object: string): boolean =>
  awaitedStreams(caller.withheld.get(object) ?? []).length > 0;

/** Names of the object's streams. */
export const streamsOf = (object: CatalogueObject): readonly StreamId[] => object.sources.map(({ stream }) => stream);

/** Fields that each system's records tell by themselves; null: nothing is connected that could say so. */
function tellable(viewer: Viewer, object: VisibleObject): ReadonlySet<string> | null {
  const readers = [...(viewer.scope.documents.get(object.name)?.values() ?? [])];
  if (readers.length === 0) return null;
  const [first = new Set<string>(), ...rest] = readers.map((reader) => new Set(reader({}).values.keys()));
  return new Set([...first].filter((name) => rest.every((names) => names.has(name))));
}

/** A rule that looks at related records cannot be judged for a moment in the past. */
function checkRule(viewer: Viewer, object: VisibleObject, told: ReadonlySet<string> | null): void {
  if (object.rowFilter === null) return;
  const own = viewer.scope.objects.get(object.name)?.fields;
  const judged = operandsOf(object.rowFilter).every(
    (operand) =>
      operand.kind === 'path' && own?.has(operand.path) === true && (told === null || told.has(operand.path)),
  );
  if (!judged) {
    throw unsupported('object', `The rule that limits the agent's records of ${object.name} looks at related ones.`);
  }
}

function pathsOf(filter: Filter): string[] {
  return operandsOf(filter).map((operand) => {
    if (operand.kind === 'path') return operand.path;
    throw unsupported('filter', 'A filter on events measures nothing over related records.');
  });
}

function checkField(object: VisibleObject, name: string, told: ReadonlySet<string> | null, where: string): void {
  if (!object.fields.has(name)) {
    const first = name.split('.')[0] ?? '';
    if (first !== name && object.fields.has(first)) {
      throw unsupported(where, `"${name}" leads to another record; name fields of ${object.name} itself.`);
    }
    throw new GantryError('query_field_unknown', {
      message: `${object.name} has no field "${name}".`,
      where,
      suggestions: suggest(name, [...object.fields.keys()]),
    });
  }
  if (told !== null && !told.has(name)) throw unsupported(where, `Other records decide what ${name} says.`);
}

const readsNoRecords = (): GantryError =>
  new GantryError('tool_unknown', {
    message: 'Events are not for this agent: no tool of its grant reads records.',
    where: 'events',
    fix: 'Who owns the grant gives it `query_records` or `get_record`; without these it has its saved queries only.',
  });

const unsupported = (where: string, message: string): GantryError =>
  new GantryError('subscription_unsupported', { message, where });
