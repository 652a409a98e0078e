import type { Integration, Manifest, MatchKey, Model, Trust } from '../../manifest/index.ts';
import type { CatalogueDiagnostic, MergeView } from '../catalogue.ts';
import { derivedTable } from '../derived/derived-table.ts';
import type { Branch, ModelDraft } from '../draft-models.ts';
import { kindOf } from '../kind.ts';
import { comparableOf } from '../match/plan-match.ts';
import type { Stage } from '../transforms/stage.ts';

/** How records of several connections become one; null where each stands alone. */
export interface MergePlan {
  readonly view: MergeView;
  /** Keys that at least two connections fill, strongest first. */
  readonly keys: readonly ComparableKey[];
}

export interface ComparableKey {
  readonly field: string;
  /** A value of the model's field as it is compared. */
  readonly stage: Stage;
}

/** The draft with its branches in the order in which they decide, and how they merge. */
export function planMerge(draft: ModelDraft, manifest: Manifest): { draft: ModelDraft; merge: MergePlan | null } {
  const { model } = draft;
  if (model.match.length === 0 || connectionsOf(draft.branches).size < 2) return { draft, merge: null };
  const diagnostics: CatalogueDiagnostic[] = [];
  const keys = model.match.flatMap((key) => comparableKey(key, draft, diagnostics));
  for (const { table, plans } of draft.branches) {
    if (keys.length === 0 || keys.some((key) => plans.has(key.field))) continue;
    const names = keys.map((key) => `${model.name}.${key.field}`).join(', ');
    const message = `Records of ${table.name} are never recognised as ones of other systems: nothing maps ${names} there.`;
    diagnostics.push({ code: 'match_impossible', object: table.name, field: null, message, suggestions: [] });
  }
  const told = { ...draft, diagnostics: [...draft.diagnostics, ...diagnostics] };
  if (keys.length === 0) return { draft: told, merge: null };
  const branches = inOrder(draft.branches, model.name, manifest);
  const order = new Map<string, readonly number[]>();
  for (const field of model.fields.keys()) {
    const deciding = inOrder(branches, model.name, manifest, field).filter(({ plans }) => plans.has(field));
    order.set(
      field,
      deciding.map((branch) => branches.indexOf(branch)),
    );
  }
  const view: MergeView = {
    groups: derivedTable(model.name, 'groups'),
    keys: derivedTable(model.name, 'keys'),
    by: keys.map((key) => key.field),
    order,
    emptied: new Set([...model.fields.keys()].filter((field) => branches.some((branch) => isEmptied(branch, field)))),
  };
  return { draft: { ...told, branches }, merge: { view, keys } };
}

/** Nothing where fewer than two connections fill the key, or its values cannot be compared. */
function comparableKey(
  { field, as }: MatchKey,
  { model, branches }: ModelDraft,
  diagnostics: CatalogueDiagnostic[],
): ComparableKey[] {
  const declared = model.fields.get(field);
  const stage = declared === undefined ? null : comparableOf(kindOf(declared.type), as);
  const filled = connectionsOf(branches.filter(({ plans }) => plans.has(field)));
  if (stage !== null && filled.size >= 2) return [{ field, stage }];
  const name = `${model.name}.${field}`;
  const reason =
    stage === null ? 'its values cannot be compared' : `${filled.size === 0 ? 'no' : 'only one'} system here fills it`;
  const message = `Records of ${model.name} are not recognised by ${field}: ${reason}.`;
  diagnostics.push({ code: 'match_impossible', object: model.name, field: name, message, suggestions: [] });
  return [];
}

const connectionsOf = (branches: readonly Branch[]): Set<number> =>
  new Set(branches.map(({ table }) => table.stream.connection as number));

const isEmptied = ({ plans }: Branch, field: string): boolean => plans.get(field)?.mapping.onMissing === 'empty';

/** By the narrowest claim, then by trust, then by name: the first decides. Without `field`: whose record names the row. */
function inOrder(branches: readonly Branch[], model: string, manifest: Manifest, field?: string): readonly Branch[] {
  const rank = ({ table: { stream, name } }: Branch): readonly (number | string)[] => {
    const integration = manifest.integrations.get(stream.integration);
    if (integration === undefined) throw new Error('streams of unknown integrations were left out');
    return [claimRank(integration, model, field), trustRank[integration.trust], integration.name, name, stream.stream];
  };
  return branches
    .map((branch) => ({ branch, rank: rank(branch) }))
    .toSorted((a, b) => compareRanks(a.rank, b.rank))
    .map(({ branch }) => branch);
}

function claimRank({ systemOfRecord }: Integration, model: string, field: string | undefined): number {
  if (field !== undefined && systemOfRecord.includes(`${model}.${field}`)) return 0;
  return systemOfRecord.includes(model) ? 1 : 2;
}

const trustRank: Readonly<Record<Trust, number>> = { record: 0, engagement: 1, last_resort: 2 };

function compareRanks(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [at, left] of a.entries()) {
    const right = b[at] ?? '';
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** What a system claims of a model: everything, single fields, or nothing (undefined). */
export function decidedBy({ systemOfRecord }: Integration, model: Model): 'all' | readonly string[] | undefined {
  if (systemOfRecord.includes(model.name)) return 'all';
  const fields = [...model.fields.keys()].filter((field) => systemOfRecord.includes(`${model.name}.${field}`));
  return fields.length === 0 ? undefined : fields;
}
