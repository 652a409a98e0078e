import type { StreamId } from '../../kernel/index.ts';
import type { CatalogueField, CatalogueObject, ViewPart } from '../catalogue.ts';
import { createPartRestrictor, type PartRestrictor } from './restrict-parts.ts';
import { isHiddenWhole, type Sights } from './sights.ts';
import { reordered } from './visible-match.ts';

/** An object as somebody is shown it. */
export interface RestrictedObject {
  readonly object: CatalogueObject;
  /** Not all records, or not all that they are made of. */
  readonly limited: boolean;
  /** Columns that do not say what they would to those who are shown everything. */
  readonly changed: ReadonlySet<string>;
  /** Fields that are hidden in records of a stream. */
  readonly masked: ReadonlyMap<StreamId, ReadonlySet<string>>;
}

/**
 * Each object without what these sights leave out, and without fields that
 * nothing shown fills; null where nothing is left. Which records make up a
 * model (its conditions and required fields) is decided over the true values:
 * that is the product's to say, as a tenant's rule about rows is. Which records
 * are the same thing is decided over all of them, too (docs/access.md).
 */
export function createRestrictor(
  objects: ReadonlyMap<string, CatalogueObject>,
  sights: Sights,
): (object: CatalogueObject) => RestrictedObject | null {
  const restrictor = createPartRestrictor(objects, sights);
  return (object) => (object.kind === 'native' ? restrictNative(object, sights) : restrictModel(object, restrictor));
}

function restrictNative(object: CatalogueObject, sights: Sights): RestrictedObject | null {
  const [source] = object.sources;
  const sight = source === undefined ? undefined : sights.get(source.stream);
  if (source === undefined || sight === undefined || isHiddenWhole(sight)) return null;
  const { classes, fields } = sight;
  const hidden = [...object.fields.values()].filter(
    ({ name, nativeName, isOwnId }) => fields !== 'all' && isOwnId !== true && !fields.has(nativeName ?? name),
  );
  const limited = classes !== 'all';
  if (!limited && hidden.length === 0) return whole(object);
  const masked = new Set(hidden.map(({ column }) => column));
  return {
    object: { ...object, fields: without(object.fields, new Set(hidden)), native: { classes, masked } },
    limited,
    changed: masked,
    masked: new Map([[source.stream, new Set(hidden.map(({ name }) => name))]]),
  };
}

function restrictModel(object: CatalogueObject, restrictor: PartRestrictor): RestrictedObject | null {
  const { parts = [], merge } = object;
  const shown = restrictor.parts(object, null);
  if (shown.length === 0) return null;
  const same = shown.length === parts.length && shown.every((part, at) => part === parts[at]);
  if (same) return whole(object);
  const streams = new Set(shown.map(({ stream }) => stream));
  const filled = new Set(shown.flatMap(({ columns }) => columns.flatMap((each) => (isTold(each) ? [each.name] : []))));
  const fillable = new Set(
    parts.flatMap(({ columns }) => columns.flatMap((each) => (isTold(each) ? [each.name] : []))),
  );
  const gone = [...object.fields.values()].filter(({ column }) => fillable.has(column) && !filled.has(column));
  const changed = new Set<string>();
  const masked = new Map<StreamId, ReadonlySet<string>>();
  for (const part of shown) {
    const before = new Map(parts[part.member ?? 0]?.columns.map((column) => [column.name, column]));
    for (const column of part.columns) if (before.get(column.name) !== column) changed.add(column.name);
    const hidden = part.columns.filter((column) => column.masked === true).map(({ name }) => name);
    masked.set(part.stream, new Set(hidden));
  }
  return {
    object: {
      ...object,
      fields: without(object.fields, new Set(gone)),
      sources: object.sources.filter(({ stream }) => streams.has(stream)),
      parts: shown,
      ...(merge === undefined ? {} : { merge: reordered(merge, shown) }),
    },
    limited: shown.length < parts.length || shown.some(hidesRecords),
    changed,
    masked,
  };
}

/** Its own, or such as its columns are looked up in. */
const hidesRecords = ({ classes = 'all', columns }: ViewPart): boolean =>
  classes !== 'all' ||
  columns.some(({ joins }) =>
    joins.some((join) => (join.kind === 'match' ? join.visible !== undefined : (join.classes ?? 'all') !== 'all')),
  );

const isTold = ({ uses, masked }: { readonly uses?: unknown; readonly masked?: true }): boolean =>
  uses !== undefined && masked !== true;

const whole = (object: CatalogueObject): RestrictedObject => ({
  object,
  limited: false,
  changed: new Set(),
  masked: new Map(),
});

function without(
  fields: ReadonlyMap<string, CatalogueField>,
  hidden: ReadonlySet<CatalogueField>,
): ReadonlyMap<string, CatalogueField> {
  return hidden.size === 0 ? fields : new Map([...fields].filter(([, field]) => !hidden.has(field)));
}
