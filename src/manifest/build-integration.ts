import { suggest } from '../kernel/index.ts';
import { humanise } from './build-model.ts';
import { buildMapping } from './build-mapping.ts';
import { checkLookups } from './check-lookups.ts';
import type { Shaped } from './check-shape.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { nativeFilter } from './read-filter.ts';
import { findField, findModel, type Scope } from './scope.ts';
import type { RawIntegration, RawObject } from './shapes/integration-shape.ts';
import type { FieldMapping, Integration, IntegrationObject, Model, SyncSettings } from './types.ts';

export interface IntegrationContext {
  readonly name: string;
  readonly connectors: ReadonlySet<string>;
  readonly scope: Scope;
  readonly report: Reporter;
}

export function buildIntegration(shaped: Shaped<RawIntegration>, context: IntegrationContext): Integration | null {
  const { document, raw, isBroken } = shaped;
  const { report, connectors } = context;
  if (raw === null) return null;
  if (!isBroken(['connector']) && !connectors.has(raw.connector)) {
    report({
      code: 'manifest_connector_unknown',
      path: ['connector'],
      message: `There is no connector \`${raw.connector}\`.`,
      fix: `Use one of: ${[...connectors].join(', ')}.`,
      suggestions: suggest(raw.connector, connectors),
    });
  }
  const objects = new Map<string, IntegrationObject>();
  for (const [native, block] of Object.entries(raw.objects)) {
    objects.set(native, buildObject(native, block, shaped, context));
  }
  const integration: Integration = {
    name: context.name,
    title: raw.title ?? humanise(context.name),
    connector: raw.connector,
    trust: raw.trust,
    systemOfRecord: [],
    scope: { read: ['*'], write: [] },
    mode: raw.mode ?? 'read_only',
    onCall: raw.on_call ?? null,
    objects,
    alsoSync: raw.also_sync ?? [],
    at: document.mark(['integration']),
  };
  checkLookups(integration, report);
  return integration;
}

function buildObject(
  native: string,
  block: RawObject,
  { document, isBroken }: Shaped<RawIntegration>,
  { scope, report }: IntegrationContext,
): IntegrationObject {
  const path = ['objects', native];
  const fields = new Map<string, FieldMapping>();
  const modelPath = [...path, 'model'];
  const model = block.model === undefined ? null : findModel(block.model, modelPath, scope, report);
  for (const [field, form] of Object.entries(block.fields ?? {})) {
    const fieldPath = [...path, 'fields', field];
    const target = model === null ? null : findField(model, field, { path: fieldPath, at: 'key' }, scope, report);
    const at = document.mark(fieldPath, 'key');
    fields.set(field, buildMapping({ field, form, path: fieldPath, at, target, isBroken, report }));
  }
  if (!isBroken(modelPath) && !isBroken([...path, 'fields'])) checkPairing(block, path, report);
  if (model !== null && block.fields !== undefined) requireMappings(model, block, path, isBroken, report);
  return {
    from: native,
    sync: syncSettings(block, path, report),
    model: block.model ?? null,
    fields,
    where: block.where === undefined ? null : nativeFilter(block.where, [...path, 'where'], report),
    defaults: new Map(),
    at: document.mark(path, 'key'),
  };
}

/** A model without fields would be empty, and fields or a filter without a model would be ignored. */
function checkPairing(block: RawObject, path: DocumentPath, report: Reporter): void {
  if (block.model === undefined) {
    for (const key of ['fields', 'where'] as const) {
      if (block[key] === undefined) continue;
      report({
        code: 'manifest_key_missing',
        path: [...path, key],
        at: 'key',
        message: `\`${key}\` says how records feed a model, but the object names no \`model\`.`,
        fix: `Add \`model\`, or remove \`${key}\`.`,
      });
    }
  } else if (block.fields === undefined || Object.keys(block.fields).length === 0) {
    report({
      code: 'manifest_key_missing',
      path: [...path, 'fields'],
      message: `The object feeds model \`${block.model}\` but maps no field of it.`,
      fix: 'Add `fields`, or remove `model`.',
    });
  }
}

function requireMappings(
  model: Model,
  block: RawObject,
  path: DocumentPath,
  isBroken: Shaped<RawIntegration>['isBroken'],
  report: Reporter,
): void {
  for (const field of model.fields.values()) {
    const at = [...path, 'fields', field.name];
    if (!field.required || Object.hasOwn(block.fields ?? {}, field.name) || isBroken(at)) continue;
    report({
      code: 'manifest_key_missing',
      path: at,
      message: `\`${model.name}.${field.name}\` is required, but this object does not map it.`,
      fix: `Add \`${field.name}\` under \`fields\`, or make the field optional in ${field.at.file}.`,
    });
  }
}

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const unitDays = { d: 1, w: 7, m: 30, y: 365 } as const;
const everyDefaultS = 300;
const everyMinS = 10;
const everyMaxS = 7 * 86_400;

function syncSettings(block: RawObject, path: DocumentPath, report: Reporter): SyncSettings {
  const { backfill = 'all', every } = block.sync ?? {};
  const everyS = every === undefined ? everyDefaultS : amount(every) * unitSeconds[unit(every, unitSeconds)];
  if (everyS < everyMinS || everyS > everyMaxS) {
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'sync', 'every'],
      message: `\`${every ?? ''}\` is outside 10s to 7d.`,
      fix: 'Choose a time between 10 seconds and 7 days.',
    });
  }
  return {
    backfillDays: backfill === 'all' ? null : amount(backfill) * unitDays[unit(backfill, unitDays)],
    everyS,
  };
}

const amount = (text: string): number => Number(text.slice(0, -1));

/** The shape admits these units only. */
const unit = <Units extends object>(text: string, _units: Units): keyof Units => text.at(-1) as keyof Units;
