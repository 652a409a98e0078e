import type { Integration, Manifest, Model, ModelField } from '../manifest/index.ts';
import type { CatalogueField, CatalogueMany, CatalogueObject, CatalogueSource } from './catalogue.ts';
import { cleanDescription, cleanLabel } from './clean-text.ts';
import type { Branch } from './draft-models.ts';
import { decidedBy } from './merge/plan-merge.ts';
import type { ModelView } from './model-view.ts';
import type { NativeColumn, NativeTable } from './native-table.ts';
import { quoteName } from './sql-text.ts';
import { isUntrusted } from './untrusted.ts';

/** A model as agents could be told of it. `views` are the models that exist in this tenant. */
export function modelObject(
  { model, branches, parts, merge }: ModelView,
  views: ReadonlyMap<string, ModelView>,
  manifest: Manifest,
): CatalogueObject {
  const fields = new Map<string, CatalogueField>();
  for (const field of model.fields.values()) fields.set(field.name, modelField(field, branches, views));
  const many = new Map<string, CatalogueMany>();
  for (const relation of model.many.values()) {
    const via = views.get(relation.model)?.model.fields.get(relation.via);
    // A relation to a model that nothing feeds would count zero where nobody knows.
    if (via === undefined || via.reference === null) continue;
    many.set(relation.name, {
      name: relation.name,
      object: relation.model,
      via: relation.via,
      on: via.reference.on,
    });
  }
  return {
    name: model.name,
    kind: 'model',
    title: model.title,
    why: model.why,
    relation: `"model".${quoteName(model.name)}`,
    label: model.label,
    fields,
    many,
    sources: branches.map((branch) => sourceOf(branch.table, manifest, model)),
    parts,
    ...(merge === null ? {} : { merge }),
  };
}

function modelField(
  field: ModelField,
  branches: readonly Branch[],
  views: ReadonlyMap<string, ModelView>,
): CatalogueField {
  const plans = branches.flatMap((branch) => branch.plans.get(field.name) ?? []);
  const target = field.reference === null ? undefined : views.get(field.reference.to);
  const mappingWhy = plans.map(({ mapping }) => mapping.why).find((why) => why !== null) ?? null;
  return {
    name: field.name,
    type: field.type,
    title: field.title,
    why: field.why ?? mappingWhy,
    column: field.name,
    values: field.values,
    currency: field.currency,
    currencyField: field.currencyField,
    sensitive: field.sensitive,
    ...(field.required ? { required: true } : {}),
    deprecated: field.deprecated,
    custom: false,
    ...(isOwnId(branches, field.name) ? { isOwnId: true } : {}),
    reference:
      field.reference === null || target === undefined
        ? null
        : { ...field.reference, unique: isUniqueKey(target, field.reference.on) },
    untrusted: plans.some(({ plan }) => plan.untrusted),
  };
}

/**
 * True where at most one record of the model can have a given value of the
 * field: one branch alone fills it, and straight from the native id, which is
 * unique within a stream.
 */
export function isUniqueKey({ branches }: ModelView, field: string): boolean {
  return branches.filter((branch) => branch.plans.has(field)).length === 1 && isOwnId(branches, field);
}

/** Filled by some branch, and by each that fills it straight from the native id. */
function isOwnId(branches: readonly Branch[], field: string): boolean {
  const filling = branches.filter((branch) => branch.plans.has(field));
  return (
    filling.length > 0 &&
    filling.every(({ plans, table }) => {
      const plan = plans.get(field)?.plan;
      return (
        plan?.source.kind === 'native' &&
        plan.segments.length === 0 &&
        plan.source.field.name === table.stream.object.idField
      );
    })
  );
}

/** A native object, every field of it. `sensitive` are the native fields that a sensitive model field shows. */
export function nativeObject(
  table: NativeTable,
  tables: readonly NativeTable[],
  manifest: Manifest,
  sensitive: ReadonlySet<string>,
): CatalogueObject {
  const { object } = table.stream;
  const fields = new Map<string, CatalogueField>();
  for (const column of table.columns.values()) {
    fields.set(column.name, nativeField(column, table, tables, sensitive.has(column.key)));
  }
  return {
    name: table.name,
    kind: 'native',
    title: cleanLabel(object.label) || table.table.name,
    why: null,
    relation: table.relation,
    label: labelColumn(table),
    fields,
    many: new Map(),
    ...(object.recordTypes === undefined ? {} : { recordTypes: object.recordTypes }),
    ...(object.rules === undefined ? {} : { rules: object.rules }),
    sources: [sourceOf(table, manifest)],
  };
}

function nativeField(
  { name, field }: NativeColumn,
  table: NativeTable,
  tables: readonly NativeTable[],
  sensitive: boolean,
): CatalogueField {
  return {
    name,
    type: field.type,
    title: cleanLabel(field.label) || name,
    why: field.help === undefined ? null : cleanDescription(field.help) || null,
    column: name,
    ...(field.name === name ? {} : { nativeName: field.name }),
    values: field.values?.map((each) => each.value) ?? null,
    currency: null,
    currencyField: null,
    sensitive,
    ...(field.required === true ? { required: true } : {}),
    deprecated: null,
    custom: field.custom,
    ...(field.name === table.stream.object.idField ? { isOwnId: true } : {}),
    reference: nativeReference(field.references, table, tables),
    untrusted: isUntrusted(field),
  };
}

/** Only a reference to exactly one object can be followed; one to several does not say which. */
function nativeReference(
  references: readonly string[] | undefined,
  table: NativeTable,
  tables: readonly NativeTable[],
): CatalogueField['reference'] {
  const [only, ...others] = references ?? [];
  if (only === undefined || others.length > 0) return null;
  const target = tables.find(
    (each) => each.stream.connection === table.stream.connection && each.stream.object.name === only,
  );
  const id = target?.columns.get(target.stream.object.idField);
  return target === undefined || id === undefined ? null : { to: target.name, on: id.name, unique: true };
}

/** Providers call the field that names a record to people by one of few names. */
function labelColumn({ columns }: NativeTable): string | null {
  for (const wanted of ['name', 'title', 'subject']) {
    for (const { name, field } of columns.values()) {
      if (field.name.toLowerCase() === wanted && field.type === 'string') return name;
    }
  }
  return null;
}

function sourceOf({ stream }: NativeTable, manifest: Manifest, model?: Model): CatalogueSource {
  const integration: Integration | undefined = manifest.integrations.get(stream.integration);
  if (integration === undefined) throw new Error('streams of unknown integrations were left out');
  const decides = model === undefined ? undefined : decidedBy(integration, model);
  return {
    stream: stream.stream,
    connectionSlug: stream.connectionSlug,
    integration: stream.integration,
    provider: stream.provider,
    nativeObject: stream.object.name,
    linkTemplate: stream.object.linkTemplate,
    trust: integration.trust,
    ...(decides === undefined ? {} : { decides }),
  };
}
