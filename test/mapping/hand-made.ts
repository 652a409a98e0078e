import type {
  FieldMapping,
  Integration,
  Manifest,
  MatchForm,
  Model,
  ModelField,
  OnMissing,
  TransformStep,
  Trust,
} from '../../src/manifest/index.ts';
import type { FieldType } from '../../src/schema/index.ts';

/** Manifests put together by hand, for what is about models and mappings only. */

const at = { file: 'test', line: 1, column: 1 };

export function modelField(name: string, type: FieldType, more: Partial<ModelField> = {}): ModelField {
  return {
    name,
    type,
    title: name,
    why: null,
    values: null,
    reference: null,
    currency: null,
    currencyField: null,
    required: false,
    sensitive: false,
    deprecated: null,
    at,
    ...more,
  };
}

export function model(
  name: string,
  fields: readonly ModelField[],
  match: readonly (readonly [field: string, as: MatchForm])[] = [],
): Model {
  return {
    name,
    title: name,
    why: null,
    label: null,
    match: match.map(([field, as]) => ({ field, as, at })),
    fields: new Map(fields.map((field) => [field.name, field])),
    many: new Map(),
    deprecated: null,
    at,
  };
}

export interface Feed {
  readonly model: string | null;
  /** Native field of each model field, or its mapping. */
  readonly fields: { readonly [field: string]: string | Partial<FieldMapping> };
  readonly where?: NonNullable<ReturnType<Integration['objects']['get']>>['where'];
}

export const from = (native: string, steps: readonly TransformStep[] = [], onMissing: OnMissing = 'null') =>
  ({ from: { kind: 'name', name: native }, steps, onMissing }) as const;

export function integration(
  name: string,
  objects: { readonly [object: string]: Feed },
  more: { readonly trust?: Trust; readonly systemOfRecord?: readonly string[] } = {},
): Integration {
  return {
    name,
    title: name,
    connector: 'salesforce',
    trust: 'record',
    systemOfRecord: [],
    scope: { read: ['*'], write: [], writeAs: 'checked' },
    mode: 'read_only',
    onCall: null,
    alsoSync: [],
    at,
    ...more,
    objects: new Map(
      Object.entries(objects).map(([object, feed]) => [
        object,
        {
          from: object,
          sync: { backfillDays: null, everyS: 300 },
          model: feed.model,
          fields: new Map(Object.entries(feed.fields).map(([field, mapping]) => [field, mappingOf(field, mapping)])),
          where: feed.where ?? null,
          defaults: new Map(),
          at,
        },
      ]),
    ),
  };
}

function mappingOf(field: string, mapping: string | Partial<FieldMapping>): FieldMapping {
  return { field, why: null, at, ...from(field), ...(typeof mapping === 'string' ? from(mapping) : mapping) };
}

export function manifestOf(models: readonly Model[], integrations: readonly Integration[]): Manifest {
  return {
    project: 'test',
    title: 'Test',
    models: new Map(models.map((each) => [each.name, each])),
    integrations: new Map(integrations.map((each) => [each.name, each])),
    agents: new Map(),
    policies: { savedQueries: new Map(), rates: null, history: { keepDays: 90 } },
    overlays: new Map(),
  };
}
