import type { StreamId } from '../kernel/index.ts';
import type { FieldMapping, ModelField } from '../manifest/index.ts';
import type { MergeView, ViewColumn, ViewPart } from './catalogue.ts';
import { siblings, type Branch, type ModelDraft } from './draft-models.ts';
import { decimalScaleDefault } from './kind.ts';
import { mappingSql, missingSql, type Joins } from './mapping-sql.ts';
import type { MatchSegment } from './match/plan-match.ts';
import type { NativeTable } from './native-table.ts';

export interface PartCompiler {
  /** The parts of a model, with the fields `wanted` (null: all) and those that decide which records are in it. */
  parts(model: string, wanted: ReadonlySet<string> | null): readonly ViewPart[];
}

/**
 * Drafts as SQL. What a `match` reads depends on columns of other models, which
 * are compiled when they are asked for; that this ends was seen to by
 * refuseMatches.
 */
export function createPartCompiler(
  drafts: ReadonlyMap<string, ModelDraft>,
  merges: ReadonlyMap<string, MergeView>,
  tables: readonly NativeTable[],
): PartCompiler {
  function parts(name: string, wanted: ReadonlySet<string> | null): ViewPart[] {
    const draft = drafts.get(name);
    if (draft === undefined) throw new Error(`nothing feeds ${name}`);
    return draft.branches.map((branch) => partOf(draft, branch, wanted));
  }

  function partOf({ model, branches }: ModelDraft, branch: Branch, wanted: ReadonlySet<string> | null): ViewPart {
    // A field that this org does not have is missing in every record, so that every record is left out.
    const kept = [...branch.object.fields.values()].filter(leavesOut).map((each) => each.field);
    const columns = [...model.fields.values()].flatMap((field, index) =>
      wanted === null || wanted.has(field.name) || kept.includes(field.name)
        ? [columnOf(field, `l${index}_`, branch, branches)]
        : [],
    );
    const faults = kept.filter((field) => branch.object.fields.get(field)?.onMissing === 'error');
    const { table, where } = branch;
    const part = { stream: table.stream.stream, from: table.relation, columns, where, kept };
    return faults.length === 0 ? part : { ...part, faults };
  }

  function columnOf(field: ModelField, prefix: string, branch: Branch, branches: readonly Branch[]): ViewColumn {
    const scale = decimalScale(field, branches);
    const { table, plans } = branch;
    const entry = plans.get(field.name);
    const missing = missingSql(field, scale);
    if (entry === undefined) return { name: field.name, sql: missing, joins: [], reads: [], missing };
    const joins: Joins = {
      clauses: [],
      reads: new Set(),
      uses: [],
      prefix,
      tables: siblings(table, tables),
      noteMatch,
    };
    const sql = mappingSql(entry.plan, field, { scale, onMissing: entry.mapping.onMissing, table, joins });
    return { name: field.name, sql, joins: joins.clauses, reads: [...joins.reads], missing, uses: joins.uses };
  }

  function noteMatch({ model, on, step }: MatchSegment, reads: Set<StreamId>): void {
    const deciding = new Set([step.by, on, ...(merges.get(model)?.by ?? [])]);
    for (const part of parts(model, deciding)) {
      for (const stream of [part.stream, ...part.columns.flatMap((column) => column.reads)]) reads.add(stream);
    }
  }

  return { parts };
}

/** Whether a record without a value is left out of the model. */
export const leavesOut = ({ onMissing }: FieldMapping): boolean => onMissing === 'skip' || onMissing === 'error';

/** Digits after the point in the view: as many as the sources have, within reason. */
export function decimalScale(field: ModelField, branches: readonly Branch[]): number {
  const scales = branches.flatMap((branch) => {
    const plan = branch.plans.get(field.name)?.plan;
    if (plan === undefined) return [];
    if (plan.kind === 'integer') return [0];
    return [plan.scale ?? (field.currency === null ? numberScale : decimalScaleDefault)];
  });
  return Math.min(decimalScaleMost, Math.max(decimalScaleDefault, ...scales));
}

/** Where the source is a plain number of no currency. */
const numberScale = 4;
const decimalScaleMost = 6;
