import { suggest } from '../kernel/index.ts';
import { checkField, modelField } from './build-model.ts';
import { buildObjectOverlay, type OverlayPlace } from './build-object-overlay.ts';
import { checkLive } from './check-live.ts';
import { checkNewFields } from './check-new-fields.ts';
import { checkLookups } from './check-lookups.ts';
import { checkCurrencyField, checkReference } from './check-models.ts';
import { callLimits, checkTenantLimits } from './check-limits.ts';
import { checkReadScope } from './check-read-scope.ts';
import { checkWriteScope } from './build-write.ts';
import type { Shaped } from './check-shape.ts';
import type { Reporter } from './document.ts';
import { keptSensitive } from './kept-sensitive.ts';
import { manifestFor, modelsFor } from './manifest-for.ts';
import type { KnownNames } from './project.ts';
import { findModel, type Scope } from './scope.ts';
import type { RawField } from './shapes/model-shape.ts';
import type { RawTenant } from './shapes/tenant-shape.ts';
import type { Grant, IntegrationOverlay, Manifest, ModelField, ObjectOverlay, Overlay } from './types.ts';

export interface OverlayContext {
  /** The project that the overlay lies over, as far as it is whole. */
  readonly base: Manifest;
  readonly broken: Scope['broken'];
  readonly liveWays: KnownNames['liveWays'];
  readonly newFieldWays?: KnownNames['newFieldWays'];
  readonly report: Reporter;
}

/** One tenant's differences, checked against the project that they lie over. */
export function buildOverlay(
  { document, raw, isBroken }: Shaped<RawTenant>,
  { base, broken, liveWays, newFieldWays, report }: OverlayContext,
): Overlay | null {
  if (raw === null) return null;
  const place = { document, isBroken, report };
  const models = buildModels(raw, { ...place, scope: { ...base, broken } });
  const effective = { models: modelsFor(base.models, models), integrations: base.integrations, broken };
  checkExtraFields(raw, { ...place, scope: effective });
  const integrations = new Map<string, IntegrationOverlay>();
  for (const [name, block] of Object.entries(raw.integrations ?? {})) {
    const path = ['integrations', name];
    const integration = base.integrations.get(name);
    if (integration === undefined) {
      if (!broken.has(name)) unknownIntegration(name, base, report);
      continue;
    }
    const objects = new Map<string, ObjectOverlay>();
    const kept = keptSensitive(integration, base.models);
    for (const [native, form] of Object.entries(block.objects ?? {})) {
      const at = [...path, 'objects', native];
      const known = integration.objects.get(native) ?? null;
      const object = buildObjectOverlay(native, form, known, { ...place, path: at, scope: effective, kept });
      // What it does not say itself is the project's to put right.
      if (form.sync?.live !== undefined && object.sync !== null && !isBroken([...at, 'sync', 'live'])) {
        const { connector } = integration;
        checkLive({ from: native, sync: object.sync }, at, { connector, ways: liveWays?.get(connector), report });
      }
      if (object.write !== undefined) {
        const { connector } = integration;
        const model = effective.models.get(object.model ?? known?.model ?? '') ?? null;
        const about = { from: native, write: object.write };
        checkNewFields(about, model, at, { connector, ways: newFieldWays?.get(connector), report });
      }
      objects.set(native, object);
    }
    const alsoSync = block.also_sync ?? [];
    checkReadScope(integration, { objects: objects.keys(), alsoSync, under: path }, report);
    checkWriteScope(integration, writable(objects), { under: path, report, hasMode: true });
    const own = callLimits(block.limits);
    checkTenantLimits(own, integration, report);
    integrations.set(name, { integration: name, objects, alsoSync, ...own, at: document.mark(path, 'key') });
  }
  const limits: Overlay['limits'] = new Map(
    Object.entries(raw.limits ?? {}).map(([agent, bounds]) => [
      agent,
      { rowsMax: bounds.rows_max ?? null, callsPerMinute: bounds.calls_per_minute ?? null },
    ]),
  );
  checkLimits(limits, base, broken, report);
  const at = document.mark(['tenant']);
  const overlay: Overlay = { tenant: raw.tenant, why: raw.why ?? null, models, integrations, limits, at };
  const whole = manifestFor(base, overlay);
  for (const [name, own] of integrations) {
    const integration = whole.integrations.get(name);
    if (integration !== undefined) checkLookups(integration, [...own.objects.values()], ['integrations', name], report);
  }
  return overlay;
}

const writable = (objects: ReadonlyMap<string, ObjectOverlay>) =>
  [...objects.values()].map(({ from, write }) => ({ from, ...(write === undefined ? {} : { write }) }));

function buildModels(raw: RawTenant, { document, isBroken, report, scope }: Omit<OverlayPlace, 'path' | 'kept'>) {
  const models = new Map<string, { fields: Map<string, ModelField> }>();
  for (const [name, block] of Object.entries(raw.models ?? {})) {
    const model = findModel(name, ['models', name], scope, report, 'key');
    const fields = new Map<string, ModelField>();
    for (const [fieldName, form] of Object.entries(block.fields)) {
      const path = ['models', name, 'fields', fieldName];
      const field: RawField = typeof form === 'string' ? { type: form } : form;
      if (typeof form !== 'string') checkField(path, field, isBroken, report);
      if (model?.fields.has(fieldName) === true || model?.many.has(fieldName) === true) {
        report({
          code: 'manifest_overlay_invalid',
          path,
          at: 'key',
          message: `Model \`${name}\` has \`${fieldName}\` already; an overlay adds fields and changes none.`,
          fix: `Remove it here and change its mapping instead, or choose another name.`,
        });
      }
      fields.set(fieldName, modelField(fieldName, field, document.mark(path, 'key')));
    }
    models.set(name, { fields });
  }
  return models;
}

/** References and currencies of the fields that the overlay adds; these may lead to one another. */
function checkExtraFields(raw: RawTenant, { scope, report }: Pick<OverlayPlace, 'scope' | 'report'>): void {
  for (const [name, block] of Object.entries(raw.models ?? {})) {
    const model = scope.models.get(name);
    for (const fieldName of Object.keys(block.fields)) {
      const field = model?.fields.get(fieldName);
      if (model === undefined || field === undefined) continue;
      const path = ['models', name, 'fields', fieldName];
      checkReference(model, field, path, scope, report);
      checkCurrencyField(model, field, [...path, 'currency_field'], scope, report);
    }
  }
}

function unknownIntegration(name: string, { integrations }: Manifest, report: Reporter): void {
  report({
    code: 'manifest_integration_unknown',
    path: ['integrations', name],
    at: 'key',
    message: `There is no integration \`${name}\`.`,
    fix: `Correct the name, or add integrations/${name}.yaml to the project.`,
    suggestions: suggest(name, integrations.keys()),
  });
}

/** A bound above the grant's would have no effect, and somebody would believe that it had. */
function checkLimits(limits: Overlay['limits'], base: Manifest, broken: Scope['broken'], report: Reporter): void {
  for (const [name, bounds] of limits) {
    if (name === '*') continue;
    const grant = base.agents.get(name)?.grant;
    if (grant === undefined) {
      if (broken.has('agents') || broken.has(`agent ${name}`)) continue;
      report({
        code: 'manifest_agent_unknown',
        path: ['limits', name],
        at: 'key',
        message: `There is no agent \`${name}\`.`,
        fix: 'Correct the name, or declare the agent in gantry.yaml.',
        suggestions: suggest(name, base.agents.keys()),
      });
      continue;
    }
    above(name, 'rows_max', bounds.rowsMax, grant.rowsMax, report);
    above(name, 'calls_per_minute', bounds.callsPerMinute, grant.callsPerMinute, report);
  }
}

function above(
  agent: string,
  key: 'rows_max' | 'calls_per_minute',
  wanted: number | null,
  granted: Grant['rowsMax'],
  report: Reporter,
): void {
  if (wanted === null || granted === null || wanted <= granted) return;
  report({
    code: 'manifest_overlay_invalid',
    path: ['limits', agent, key],
    message: `\`${wanted}\` is more than the ${granted} that the grant of \`${agent}\` allows.`,
    fix: `Write at most ${granted}, or remove \`${key}\`.`,
  });
}
