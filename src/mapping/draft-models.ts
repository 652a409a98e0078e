import type { FieldMapping, IntegrationObject, Manifest, Model } from '../manifest/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { CatalogueDiagnostic } from './catalogue.ts';
import type { ModelNamed } from './match/plan-match.ts';
import type { NativeTable } from './native-table.ts';
import { planMapping, type MappingPlan } from './plan-mapping.ts';
import { unmappedValues } from './unmapped-values.ts';
import { whereSql } from './where-sql.ts';

/** A model and what feeds it in one tenant, before it is SQL. */
export interface ModelDraft {
  readonly model: Model;
  readonly branches: readonly Branch[];
  readonly diagnostics: readonly CatalogueDiagnostic[];
}

/** One native object of one connection that feeds a model. */
export interface Branch {
  readonly table: NativeTable;
  readonly object: IntegrationObject;
  /** By model field; fields that this org cannot fill are absent. */
  readonly plans: ReadonlyMap<string, { readonly plan: MappingPlan; readonly mapping: FieldMapping }>;
  /** Condition on the native records; null lets all through. */
  readonly where: string | null;
}

/** The models that something feeds here, in the manifest's order. Those that nothing feeds do not exist, rather than being empty. */
export function draftModels(manifest: Manifest, tables: readonly NativeTable[]): Map<string, ModelDraft> {
  const fed = new Map<string, { readonly table: NativeTable; readonly object: IntegrationObject }[]>();
  for (const table of tables) {
    const { integration, object } = table.stream;
    const declared = manifest.integrations.get(integration)?.objects.get(object.name);
    if (declared === undefined || declared.model === null) continue;
    fed.set(declared.model, [...(fed.get(declared.model) ?? []), { table, object: declared }]);
  }
  const modelNamed: ModelNamed = (name) => (fed.has(name) ? (manifest.models.get(name) ?? null) : null);
  const drafts = new Map<string, ModelDraft>();
  for (const model of manifest.models.values()) {
    const feeds = fed.get(model.name);
    if (feeds === undefined) continue;
    const diagnostics: CatalogueDiagnostic[] = [];
    const branches = feeds.map((feed) => ({
      ...feed,
      plans: plansOf(model, feed, tables, modelNamed, diagnostics),
      where: conditionOf(model, feed, diagnostics),
    }));
    drafts.set(model.name, { model, branches, diagnostics });
  }
  return drafts;
}

function plansOf(
  model: Model,
  { table, object }: Pick<Branch, 'table' | 'object'>,
  tables: readonly NativeTable[],
  modelNamed: ModelNamed,
  diagnostics: CatalogueDiagnostic[],
): Branch['plans'] {
  const plans = new Map<string, { plan: MappingPlan; mapping: FieldMapping }>();
  const byName = siblings(table, tables);
  const objectNamed = (name: string): NativeObject | null => byName.get(name)?.stream.object ?? null;
  for (const field of model.fields.values()) {
    const mapping = object.fields.get(field.name);
    if (mapping === undefined) continue;
    const result = planMapping(mapping, field, table.stream.object, objectNamed, modelNamed);
    if (result.kind === 'ok') {
      plans.set(field.name, { plan: result.plan, mapping });
      diagnostics.push(...unmappedValues(model, field, result.plan, mapping, table));
    } else {
      const message = `${model.name}.${field.name} is empty for records of ${table.name}: ${result.mistake.message}.`;
      diagnostics.push({ ...result.mistake, object: table.name, field: `${model.name}.${field.name}`, message });
    }
  }
  return plans;
}

/** A condition that cannot be read in this org lets nothing through: too little is seen, too much is not. */
function conditionOf(
  model: Model,
  { table, object }: Pick<Branch, 'table' | 'object'>,
  diagnostics: CatalogueDiagnostic[],
): string | null {
  if (object.where === null) return null;
  const result = whereSql(object.where, table);
  if (result.kind === 'ok') return result.sql;
  const message = `No record of ${table.name} feeds ${model.name}: ${result.mistake.message}.`;
  diagnostics.push({ ...result.mistake, object: table.name, field: null, message });
  return 'false';
}

/** Tables of the same connection, by native object name. */
export function siblings(table: NativeTable, tables: readonly NativeTable[]): Map<string, NativeTable> {
  const own = tables.filter((each) => each.stream.connection === table.stream.connection);
  return new Map(own.map((each) => [each.stream.object.name, each]));
}
