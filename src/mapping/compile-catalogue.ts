import { canonicalJson, contentHash, suggest, type Json } from '../kernel/index.ts';
import type { Manifest } from '../manifest/index.ts';
import type { Catalogue, CatalogueDiagnostic, CatalogueObject, LensLayout, TenantStream } from './catalogue.ts';
import { modelObject, nativeObject } from './catalogue-objects.ts';
import { modelViews, type ModelView, type ModelViews } from './model-view.ts';
import { nativeTables, type NativeTable } from './native-table.ts';
import type { MappingPlan } from './plan-mapping.ts';
import { resolveField } from './resolve-field.ts';
import { documentReaders } from './read-document.ts';

/**
 * The manifest joined with what was discovered in one tenant's systems. Pure,
 * and never fails for a tenant: what does not fit becomes a typed empty column
 * and a diagnostic. Streams of integrations that the manifest no longer has
 * are left out.
 */
export function compileCatalogue(manifest: Manifest, streams: readonly TenantStream[]): Catalogue {
  const tables = nativeTables(streams.filter((stream) => manifest.integrations.has(stream.integration)));
  const diagnostics: CatalogueDiagnostic[] = missingObjects(manifest, tables);
  const { views, derived } = modelViews(manifest, tables);
  for (const model of manifest.models.keys()) {
    const view = views.get(model);
    diagnostics.push(...(view === undefined ? [unfed(model)] : view.diagnostics));
  }
  const sensitive = sensitiveFields(views, tables, manifest);
  const objects = new Map<string, CatalogueObject>();
  for (const view of views.values()) {
    const shown = overlaidSensitive(view, { tables, sensitive, integrations: manifest.integrations });
    objects.set(view.model.name, withSensitive(modelObject(view, views, manifest), shown));
  }
  for (const table of tables) {
    objects.set(table.name, nativeObject(table, tables, manifest, sensitive.get(table) ?? new Set()));
  }
  const layout = layoutOf(tables, { views, derived });
  const version = contentHash(canonicalJson([plain(objects), plain(diagnostics), layout.version]));
  return { version, objects, documents: documentReaders(views.values(), tables), layout, diagnostics };
}

function layoutOf(tables: readonly NativeTable[], { views, derived }: ModelViews): LensLayout {
  const content = {
    tables: tables.map(({ table }) => table),
    ...(derived.length === 0 ? {} : { derived }),
    views: [...views.values()].map(({ view }) => view),
  };
  return { version: contentHash(canonicalJson(plain(content))), ...content };
}

/** Objects that the manifest wants and a connection does not have. */
function missingObjects(manifest: Manifest, tables: readonly NativeTable[]): CatalogueDiagnostic[] {
  const diagnostics: CatalogueDiagnostic[] = [];
  const slugs = new Map(tables.map((table) => [table.stream.connectionSlug, table.stream.integration]));
  for (const [slug, integrationName] of slugs) {
    const own = tables.filter((table) => table.stream.connectionSlug === slug).map((table) => table.stream.object.name);
    for (const object of manifest.integrations.get(integrationName)?.objects.values() ?? []) {
      if (own.includes(object.from)) continue;
      const feeds = object.model === null ? '' : `; nothing of it feeds ${object.model}`;
      diagnostics.push({
        code: 'native_object_missing',
        object: `${slug}.${object.from}`,
        field: null,
        message: `Connection ${slug} has no object ${object.from}${feeds}.`,
        suggestions: suggest(object.from, own),
      });
    }
  }
  return diagnostics;
}

const unfed = (model: string): CatalogueDiagnostic => ({
  code: 'native_object_missing',
  object: model,
  field: null,
  message: `Nothing in this tenant's systems feeds ${model}, so that it is left out.`,
  suggestions: [],
});

/** A sensitive field of a model is as sensitive where it comes from: native fields, per table. */
function sensitiveFields(
  views: ReadonlyMap<string, ModelView>,
  tables: readonly NativeTable[],
  { integrations }: Manifest,
): Map<NativeTable, Set<string>> {
  const found = new Map<NativeTable, Set<string>>();
  const add = (table: NativeTable, field: string): void => {
    found.set(table, (found.get(table) ?? new Set()).add(field));
  };
  for (const { model, branches } of views.values()) {
    for (const { table, plans } of branches) {
      for (const [name, { plan }] of plans) {
        if (model.fields.get(name)?.sensitive !== true) continue;
        for (const used of nativeFieldsOf(plan, table, tables)) add(used.table, used.field);
      }
    }
  }
  for (const table of tables) {
    for (const { object, field } of integrations.get(table.stream.integration)?.keptSensitive ?? []) {
      if (object !== table.stream.object.name) continue;
      const resolved = resolveField(field, table.stream.object);
      if (resolved.kind === 'found') add(table, resolved.field.name);
    }
  }
  return found;
}

/**
 * Fields that an overlay maps from what the project keeps sensitive. Where it
 * says so by names, loading the overlay refuses it; labels and what they mean
 * are only known here.
 */
function overlaidSensitive(
  { branches }: ModelView,
  known: {
    readonly tables: readonly NativeTable[];
    readonly sensitive: ReadonlyMap<NativeTable, ReadonlySet<string>>;
    readonly integrations: Manifest['integrations'];
  },
): Set<string> {
  const found = new Set<string>();
  for (const { table, plans } of branches) {
    for (const { object, field } of known.integrations.get(table.stream.integration)?.overlaid ?? []) {
      const plan = object === table.stream.object.name ? plans.get(field)?.plan : undefined;
      const used = plan === undefined ? [] : nativeFieldsOf(plan, table, known.tables);
      if (used.some((each) => known.sensitive.get(each.table)?.has(each.field) === true)) found.add(field);
    }
  }
  return found;
}

function withSensitive(object: CatalogueObject, names: ReadonlySet<string>): CatalogueObject {
  if (names.size === 0) return object;
  const fields = new Map(
    [...object.fields].map(([name, field]) => [name, names.has(name) ? { ...field, sensitive: true } : field]),
  );
  return { ...object, fields };
}

/** The native fields whose values a mapping shows; for a lookup that is the field taken, not the key to it. */
function nativeFieldsOf(
  { source, segments }: MappingPlan,
  table: NativeTable,
  tables: readonly NativeTable[],
): { table: NativeTable; field: string }[] {
  const lookup = segments.findLast((segment) => segment.kind !== 'stage');
  // What a match shows is a field of a model, which is as sensitive as it says itself.
  if (lookup?.kind === 'match') return [];
  if (lookup !== undefined) {
    const own = tables.filter((each) => each.stream.connection === table.stream.connection);
    const from = own.find((each) => each.stream.object.name === lookup.object.name);
    return from === undefined ? [] : [{ table: from, field: lookup.take.name }];
  }
  if (source.kind === 'native') return [{ table, field: source.field.name }];
  if (source.kind === 'constant') return [];
  return source.parts.flatMap((part) => (typeof part === 'string' ? [] : [{ table, field: part.field.name }]));
}

/** Maps as lists of pairs, so that their order counts. */
function plain(value: unknown): Json {
  if (value instanceof Map) return [...value].map(([key, item]) => [key as string, plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value as Json;
}
