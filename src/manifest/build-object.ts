import { daysIn, neverS, secondsIn } from './ages.ts';
import { cronProblem } from './cron.ts';
import { buildMapping } from './build-mapping.ts';
import { buildWrite } from './build-write.ts';
import type { Shaped } from './check-shape.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { syncDefaults } from './manifest-for.ts';
import { nativeFilter } from './read-filter.ts';
import { findField, findModel, type Scope } from './scope.ts';
import type { RawObject } from './shapes/integration-shape.ts';
import type { FieldMapping, IntegrationObject, Model, ObjectPermissions, SyncSettings } from './types.ts';
import type { ObjectWrite } from './write-types.ts';

export interface ObjectContext {
  readonly document: YamlDocument;
  readonly isBroken: Shaped<unknown>['isBroken'];
  readonly scope: Scope;
  readonly report: Reporter;
}

/** One native object from its block, which stands at `path`. */
export function buildObject(
  native: string,
  block: RawObject,
  path: DocumentPath,
  { document, isBroken, scope, report }: ObjectContext,
): IntegrationObject {
  const fields = new Map<string, FieldMapping>();
  const modelPath = [...path, 'model'];
  const model = block.model === undefined ? null : findModel(block.model, modelPath, scope, report);
  for (const [field, form] of Object.entries(block.fields ?? {})) {
    const fieldPath = [...path, 'fields', field];
    const target = model === null ? null : findField(model, field, { path: fieldPath, at: 'key' }, scope, report);
    const at = document.mark(fieldPath, 'key');
    fields.set(field, buildMapping({ field, form, path: fieldPath, at, target, isBroken, scope, report }));
  }
  if (!isBroken(modelPath) && !isBroken([...path, 'fields'])) checkPairing(block, path, report);
  if (model !== null && block.fields !== undefined) requireMappings(model, block, path, isBroken, report);
  return {
    from: native,
    sync: syncSettings(block, path, report),
    model: block.model ?? null,
    fields,
    where: block.where === undefined ? null : nativeFilter(block.where, [...path, 'where'], report),
    defaults: new Map(Object.entries(block.defaults ?? {})),
    ...permissionsOf(block, path, report),
    ...writeOf(block, model, path, { scope, report }),
    at: document.mark(path, 'key'),
  };
}

/** What may be written, where the block says so. */
export function writeOf(
  { write }: Pick<RawObject, 'write'>,
  model: Model | null,
  path: DocumentPath,
  { scope, report }: Pick<ObjectContext, 'scope' | 'report'>,
): { readonly write?: ObjectWrite } {
  return write === undefined ? {} : { write: buildWrite(write, model, { path: [...path, 'write'], scope, report }) };
}

/** Who is shown the records, where the block says so. */
export function permissionsOf(
  { permissions }: Pick<RawObject, 'permissions'>,
  path: DocumentPath,
  report: Reporter,
): { readonly permissions?: ObjectPermissions } {
  if (permissions === undefined) return {};
  if (permissions === 'everyone') return { permissions: { kind: 'everyone' } };
  const { owner = null, team = null, territory = null } = permissions;
  if (owner === null && team === null && territory === null) {
    report({
      code: 'manifest_key_missing',
      path: [...path, 'permissions'],
      message: 'The rule names nobody, so that nobody would be shown a record.',
      fix: 'Name a native field as `owner`, `team` or `territory`, or write `everyone`.',
    });
  }
  return { permissions: { kind: 'rule', owner, team, territory } };
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

/** Every required field of the model has to come from somewhere. */
function requireMappings(
  model: Model,
  block: RawObject,
  path: DocumentPath,
  isBroken: Shaped<unknown>['isBroken'],
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

const everyMinS = 10;
const everyMaxS = 7 * 86_400;

/** What `sync` says, over what holds without it. */
export function syncSettings(
  block: Pick<RawObject, 'sync'>,
  path: DocumentPath,
  report: Reporter,
  unsaid: SyncSettings = syncDefaults,
): SyncSettings {
  const { backfill, every } = block.sync ?? {};
  const everyS = everyOf(block, unsaid);
  if (everyS !== neverS && (everyS < everyMinS || everyS > everyMaxS)) {
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'sync', 'every'],
      message: `\`${every ?? ''}\` is outside 10s to 7d.`,
      fix: 'Choose a time between 10 seconds and 7 days.',
    });
  }
  const { mode = unsaid.mode, reconcile = unsaid.reconcile, live = unsaid.live } = block.sync ?? {};
  const at = timesOf(block, path, report) ?? (every === undefined ? unsaid.at : undefined);
  const days = backfill === 'all' ? null : daysIn(backfill ?? '0d');
  return {
    backfillDays: backfill === undefined ? unsaid.backfillDays : days,
    everyS,
    ...(mode === undefined ? {} : { mode }),
    ...(reconcile === undefined ? {} : { reconcile }),
    ...(live === undefined ? {} : { live }),
    ...(at === undefined ? {} : { at }),
  };
}

function everyOf({ sync }: Pick<RawObject, 'sync'>, unsaid: SyncSettings): number {
  if (sync?.every === 'never') return neverS;
  return sync?.every === undefined ? unsaid.everyS : secondsIn(sync.every);
}

/** `at` with its time zone, checked. */
function timesOf(
  { sync }: Pick<RawObject, 'sync'>,
  path: DocumentPath,
  report: Reporter,
): SyncSettings['at'] | undefined {
  const { at, every, time_zone: timeZone = 'UTC' } = sync ?? {};
  if (at === undefined) return undefined;
  const wrong = every === undefined ? cronProblem({ cron: at, timeZone }) : '`every` and `at` exclude each other.';
  if (wrong === null) return { cron: at, timeZone };
  report({
    code: 'manifest_value_invalid',
    path: [...path, 'sync', 'at'],
    message: wrong,
    fix: 'Write five fields such as "0 6 * * *" (minute, hour, day, month, day of week), and a zone such as Europe/Berlin.',
  });
  return undefined;
}
