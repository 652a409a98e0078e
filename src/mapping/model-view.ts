import type { FieldMapping, IntegrationObject, Manifest, Model, ModelField } from '../manifest/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { CatalogueDiagnostic, LensView, ViewPart } from './catalogue.ts';
import { decimalScaleDefault } from './kind.ts';
import { mappingSql, missingSql, type Joins } from './mapping-sql.ts';
import type { NativeTable } from './native-table.ts';
import { planMapping, type MappingPlan } from './plan-mapping.ts';
import { unmappedValues } from './unmapped-values.ts';
import { viewSelect } from './view-select.ts';
import { whereSql } from './where-sql.ts';

/** A model in one tenant: its view, and what is known of its fields there. */
export interface ModelView {
  readonly model: Model;
  readonly view: LensView;
  readonly parts: readonly ViewPart[];
  readonly branches: readonly Branch[];
  readonly diagnostics: readonly CatalogueDiagnostic[];
}

/** One native object of one connection that feeds a model. */
export interface Branch {
  readonly table: NativeTable;
  readonly object: IntegrationObject;
  /** By model field; fields that this org cannot fill are absent. */
  readonly plans: ReadonlyMap<string, { readonly plan: MappingPlan; readonly mapping: FieldMapping }>;
}

/** Null where nothing in this tenant feeds the model: then it does not exist here, rather than being empty. */
export function modelView(model: Model, manifest: Manifest, tables: readonly NativeTable[]): ModelView | null {
  const diagnostics: CatalogueDiagnostic[] = [];
  const branches = tables.flatMap((table) => {
    const { integration, object } = table.stream;
    const declared = manifest.integrations.get(integration)?.objects.get(object.name);
    return declared?.model === model.name ? [branchOf(model, declared, table, tables, diagnostics)] : [];
  });
  if (branches.length === 0) return null;
  reportUnmapped(model, branches, diagnostics);
  const parts = branches.map((branch) => partOf(model, branch, branches, tables, diagnostics));
  const view: LensView = { schema: 'model', name: model.name, select: viewSelect(parts, null) };
  return { model, view, parts, branches, diagnostics };
}

function branchOf(
  model: Model,
  object: IntegrationObject,
  table: NativeTable,
  tables: readonly NativeTable[],
  diagnostics: CatalogueDiagnostic[],
): Branch {
  const plans = new Map<string, { plan: MappingPlan; mapping: FieldMapping }>();
  const byName = siblings(table, tables);
  const objectNamed = (name: string): NativeObject | null => byName.get(name)?.stream.object ?? null;
  for (const field of model.fields.values()) {
    const mapping = object.fields.get(field.name);
    if (mapping === undefined) continue;
    const result = planMapping(mapping, field, table.stream.object, objectNamed);
    if (result.kind === 'ok') {
      plans.set(field.name, { plan: result.plan, mapping });
      diagnostics.push(...unmappedValues(model, field, result.plan, mapping, table));
    } else {
      const message = `${model.name}.${field.name} is empty for records of ${table.name}: ${result.mistake.message}.`;
      diagnostics.push({ ...result.mistake, object: table.name, field: `${model.name}.${field.name}`, message });
    }
  }
  return { table, object, plans };
}

/** Fields that no object maps at all: empty everywhere, which somebody should know. */
function reportUnmapped(model: Model, branches: readonly Branch[], diagnostics: CatalogueDiagnostic[]): void {
  for (const field of model.fields.values()) {
    if (branches.some((branch) => branch.object.fields.has(field.name))) continue;
    diagnostics.push({
      code: 'native_field_missing',
      object: model.name,
      field: `${model.name}.${field.name}`,
      message: `${model.name}.${field.name} is empty: no integration of this tenant maps it.`,
      suggestions: [],
    });
  }
}

function partOf(
  model: Model,
  { table, object, plans }: Branch,
  branches: readonly Branch[],
  tables: readonly NativeTable[],
  diagnostics: CatalogueDiagnostic[],
): ViewPart {
  const joins: Joins = { clauses: [], tables: siblings(table, tables) };
  const columns = [...model.fields.values()].map((field) => {
    const scale = decimalScale(field, branches);
    const entry = plans.get(field.name);
    if (entry === undefined) return { name: field.name, sql: missingSql(field, scale), joins: [] };
    const before = joins.clauses.length;
    const sql = mappingSql(entry.plan, field, { scale, onMissing: entry.mapping.onMissing, table, joins });
    return { name: field.name, sql, joins: joins.clauses.slice(before) };
  });
  return {
    from: table.relation,
    columns,
    where: object.where === null ? null : conditionOf(object, table, model, diagnostics),
    // A field that this org does not have is missing in every record, so `skip` skips every record.
    kept: [...object.fields.values()].filter((each) => each.onMissing === 'skip').map((each) => each.field),
  };
}

/** A condition that cannot be read in this org lets nothing through: too little is seen, too much is not. */
function conditionOf(
  object: IntegrationObject,
  table: NativeTable,
  model: Model,
  diagnostics: CatalogueDiagnostic[],
): string {
  if (object.where === null) return 'true';
  const result = whereSql(object.where, table);
  if (result.kind === 'ok') return result.sql;
  const message = `No record of ${table.name} feeds ${model.name}: ${result.mistake.message}.`;
  diagnostics.push({ ...result.mistake, object: table.name, field: null, message });
  return 'false';
}

/** Tables of the same connection, by native object name. */
function siblings(table: NativeTable, tables: readonly NativeTable[]): Map<string, NativeTable> {
  const own = tables.filter((each) => each.stream.connection === table.stream.connection);
  return new Map(own.map((each) => [each.stream.object.name, each]));
}

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
