import { matches, valueKindOf, type Filter } from '../filter/index.ts';
import { GantryError, type Json, type JsonObject, type StreamId } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import { applySteps } from './apply-steps.ts';
import { decimalScale, leavesOut } from './compile-parts.ts';
import type { Branch } from './draft-models.ts';
import type { ModelView } from './model-view.ts';
import type { NativeTable } from './native-table.ts';

/** What a stored document says of an object's record, without looking at anything else. */
export interface DocumentValues {
  /** By field. A field that needs other records (look-ups, matching) is absent: what those were then is not known. */
  readonly values: ReadonlyMap<string, Json>;
  /** Whether the record is one of the object's at all; null where that cannot be told from the document. */
  readonly belongs: boolean | null;
}

export type DocumentReader = (document: JsonObject) => DocumentValues;

/** By object name, then by the stream that the document is of. */
export type DocumentReaders = ReadonlyMap<string, ReadonlyMap<StreamId, DocumentReader>>;

/** How earlier versions of records are read: in TypeScript what the lens's relations say in SQL. */
export function documentReaders(views: Iterable<ModelView>, tables: readonly NativeTable[]): DocumentReaders {
  const readers = new Map<string, ReadonlyMap<StreamId, DocumentReader>>();
  for (const { model, branches } of views) {
    const own = branches.map((branch): [StreamId, DocumentReader] => [
      branch.table.stream.stream,
      modelReader(branch, branches, [...model.fields.values()]),
    ]);
    readers.set(model.name, new Map(own));
  }
  for (const table of tables) readers.set(table.name, new Map([[table.stream.stream, nativeReader(table)]]));
  return readers;
}

function nativeReader({ columns }: NativeTable): DocumentReader {
  return (document) => ({
    values: new Map([...columns.values()].map(({ name, key }) => [name, document[key] ?? null])),
    belongs: true,
  });
}

function modelReader(
  { table, object, plans }: Branch,
  branches: readonly Branch[],
  fields: readonly Parameters<typeof decimalScale>[0][],
): DocumentReader {
  const readable = fields.filter((field) => plans.get(field.name)?.plan.segments.every(isStage) !== false);
  return (document) => {
    const values = new Map<string, Json>();
    for (const field of readable) {
      const entry = plans.get(field.name);
      const { plan, mapping } = entry ?? {};
      const value =
        plan === undefined || mapping === undefined
          ? null
          : applySteps({
              plan,
              target: field,
              scale: decimalScale(field, branches),
              onMissing: mapping.onMissing,
              document,
              lookup: () => null,
            });
      values.set(field.name, value);
    }
    const kept = [...object.fields.values()]
      .filter(leavesOut)
      .map(({ field }) => (values.has(field) ? values.get(field) !== null : null));
    return { values, belongs: allOf([passes(object.where, table.stream.object, document), ...kept]) };
  };
}

const isStage = (segment: { readonly kind: string }): boolean => segment.kind === 'stage';

/** False where one is; else null where one is not known. */
const allOf = (facts: readonly (boolean | null)[]): boolean | null =>
  facts.includes(false) ? false : facts.includes(null) ? null : true;

/** The condition under which native records feed the model. Like its SQL: one that cannot be read here lets nothing through. */
function passes(where: Filter | null, object: NativeObject, document: JsonObject): boolean {
  if (where === null) return true;
  try {
    return matches(where, {
      // The manifest admits fixed values only, so that the time is never read.
      now: new Date(0),
      where: object.name,
      read: (operand) => {
        const field = operand.kind === 'path' ? object.fields.find(({ name }) => name === operand.path) : undefined;
        if (field === undefined) throw new GantryError('query_field_unknown', { message: 'no such field' });
        return { kind: valueKindOf(field.type), value: document[field.name] ?? null };
      },
    });
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}
