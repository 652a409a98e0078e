import type { Manifest } from '../manifest/index.ts';
import type { CatalogueDiagnostic, LensDerived, LensView, MergeView, ViewPart } from './catalogue.ts';
import { createPartCompiler } from './compile-parts.ts';
import { draftModels, type Branch, type ModelDraft } from './draft-models.ts';
import { derivedTables } from './derived/derived-tables.ts';
import { refuseMatches } from './match/refuse-matches.ts';
import { planMerge, type MergePlan } from './merge/plan-merge.ts';
import type { NativeTable } from './native-table.ts';
import { viewSelect } from './view-select.ts';

/** A model in one tenant: its view, and what is known of its fields there. */
export interface ModelView extends ModelDraft {
  readonly view: LensView;
  readonly parts: readonly ViewPart[];
  /** Set where records of several systems become one row. */
  readonly merge: MergeView | null;
}

export interface ModelViews {
  /** The models that something in this tenant feeds. */
  readonly views: ReadonlyMap<string, ModelView>;
  /** Each after those that it reads. */
  readonly derived: readonly LensDerived[];
}

export function modelViews(manifest: Manifest, tables: readonly NativeTable[]): ModelViews {
  const drafts = new Map<string, ModelDraft>();
  const plans = new Map<string, MergePlan>();
  for (const [name, found] of refuseMatches(draftModels(manifest, tables))) {
    const { draft, merge } = planMerge(found, manifest);
    drafts.set(name, draft);
    if (merge !== null) plans.set(name, merge);
  }
  const merges = new Map([...plans].map(([name, { view }]) => [name, view]));
  const compiler = createPartCompiler(drafts, merges, tables);
  const views = new Map<string, ModelView>();
  for (const [name, draft] of drafts) {
    const parts = compiler.parts(name, null);
    const merge = merges.get(name) ?? null;
    const diagnostics = [...draft.diagnostics, ...unmapped(draft)];
    const view: LensView = { schema: 'model', name, select: viewSelect(parts, merge, null) };
    views.set(name, { ...draft, diagnostics, view, parts, merge });
  }
  return { views, derived: derivedTables(drafts, plans, compiler) };
}

/** Fields that no object maps at all: empty everywhere, which somebody should know. */
function unmapped({ model, branches }: ModelDraft): CatalogueDiagnostic[] {
  const mapped = new Set(branches.flatMap((branch: Branch) => [...branch.object.fields.keys()]));
  return [...model.fields.keys()]
    .filter((field) => !mapped.has(field))
    .map((field) => ({
      code: 'native_field_missing',
      object: model.name,
      field: `${model.name}.${field}`,
      message: `${model.name}.${field} is empty: no integration of this tenant maps it.`,
      suggestions: [],
    }));
}
