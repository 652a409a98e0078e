import { matches, valueKindOf, type Filter } from '../filter/index.ts';
import { GantryError, type Json, type JsonObject, type StreamId } from '../kernel/index.ts';
import type { Model, ModelField } from '../manifest/index.ts';
import type { NativeObject } from '../schema/index.ts';
import { applySteps } from './apply-steps.ts';
import { decimalScale, leavesOut } from './compile-parts.ts';
import type { Branch } from './draft-models.ts';
import { kindOf } from './kind.ts';
import { comparableOf } from './match/plan-match.ts';
import type { ModelView } from './model-view.ts';
import type { NativeTable } from './native-table.ts';
import type { Stage } from './transforms/stage.ts';

/** What a stored document says of an object's record, without looking at anything else. */
export interface DocumentValues {
  /** By field. A field that needs other records (look-ups, matching) is absent: what those were then is not known. */
  readonly values: ReadonlyMap<string, Json>;
  /** Whether the record is one of the object's at all; null where that cannot be told from the document. */
  readonly belongs: boolean | null;
  /**
   * Of a merged object, what the record is recognised by: comparable values, as `merge.by` names their fields.
   * Undefined where other records decide one of them, which is then not known.
   */
  readonly keys: readonly (string | null | undefined)[];
}

export type DocumentReader = (document: JsonObject) => DocumentValues;

/** By object name, then by the stream that the document is of. */
export type DocumentReaders = ReadonlyMap<string, ReadonlyMap<StreamId, DocumentReader>>;

/** How earlier versions of records are read: in TypeScript what the lens's relations say in SQL. */
export function documentReaders(views: Iterable<ModelView>, tables: readonly NativeTable[]): DocumentReaders {
  const readers = new Map<string, ReadonlyMap<StreamId, DocumentReader>>();
  for (const { model, branches, merge } of views) {
    const keys = (merge?.by ?? []).map((name) => comparableField(model, name));
    const own = branches.map((branch): [StreamId, DocumentReader] => [
      branch.table.stream.stream,
      modelReader(branch, { branches, fields: [...model.fields.values()], keys }),
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
    keys: [],
  });
}

interface KeyField {
  readonly name: string;
  readonly stage: Stage;
}

function comparableField(model: Model, name: string): KeyField {
  const field = model.fields.get(name);
  const as = model.match.find((key) => key.field === name)?.as;
  const stage = field === undefined || as === undefined ? null : comparableOf(kindOf(field.type), as);
  if (stage === null) throw new Error(`${model.name} merges by ${name}, which cannot be compared`);
  return { name, stage };
}

function modelReader(
  { table, object, plans }: Branch,
  {
    branches,
    fields,
    keys,
  }: {
    readonly branches: readonly Branch[];
    readonly fields: readonly ModelField[];
    readonly keys: readonly KeyField[];
  },
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
    return {
      values,
      belongs: allOf([passes(object.where, table.stream.object, document), ...kept]),
      keys: keys.map(({ name, stage }) => {
        const value = values.get(name);
        return value === undefined || value === null ? value : (stage.value(value) as string | null);
      }),
    };
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
