import { suggest } from '../kernel/index.ts';
import { buildMapping } from './build-mapping.ts';
import { buildObject, permissionsOf, syncSettings, writeOf, type ObjectContext } from './build-object.ts';
import type { DocumentPath } from './document.ts';
import { checkShown, type KeptSensitive } from './kept-sensitive.ts';
import { nativeFilter } from './read-filter.ts';
import { findField, findModel } from './scope.ts';
import type { RawObjectOverlay } from './shapes/integration-shape.ts';
import type { FieldMapping, IntegrationObject, Model, ObjectOverlay } from './types.ts';

export interface OverlayPlace extends ObjectContext {
  /** Of the object's block. */
  readonly path: DocumentPath;
  /** Of the whole integration in the project. */
  readonly kept: readonly KeptSensitive[];
}

/** What a tenant does differently with one native object; `known` is the project's, null where it has none. */
export function buildObjectOverlay(
  native: string,
  raw: RawObjectOverlay,
  known: IntegrationObject | null,
  place: OverlayPlace,
): ObjectOverlay {
  return known === null ? extraObject(native, raw, place) : changedObject(native, raw, known, place);
}

/** An object that the project does not have: all of the rules of the project's own hold for it. */
function extraObject(native: string, raw: RawObjectOverlay, place: OverlayPlace): ObjectOverlay {
  const { path, report, kept, scope } = place;
  const fields: Record<string, Exclude<NonNullable<RawObjectOverlay['fields']>[string], null>> = {};
  for (const [name, form] of Object.entries(raw.fields ?? {})) {
    if (form === null) nothingToRemove(name, `The project does not have \`${native}\``, place, []);
    else fields[name] = form;
  }
  const { fields: _, ...rest } = raw;
  const block = raw.fields === undefined ? rest : { ...rest, fields };
  const { model, sync, where, defaults, at, ...built } = buildObject(native, block, path, { ...place, report });
  const shown = model === null ? null : (scope.models.get(model) ?? null);
  for (const mapping of built.fields.values()) {
    checkShown({ object: native, mapping, model: shown }, kept, [...path, 'fields', mapping.field], report);
  }
  return {
    from: native,
    model,
    fields: built.fields,
    where,
    sync,
    defaults,
    ...(built.permissions === undefined ? {} : { permissions: built.permissions }),
    ...(built.write === undefined ? {} : { write: built.write }),
    at,
  };
}

function changedObject(
  native: string,
  raw: RawObjectOverlay,
  known: IntegrationObject,
  place: OverlayPlace,
): ObjectOverlay {
  const { path, document, scope, report, kept } = place;
  const model = modelOf(raw, known, place);
  const fields = new Map<string, FieldMapping | null>();
  for (const [name, form] of Object.entries(raw.fields ?? {})) {
    const at = [...path, 'fields', name];
    if (form === null) {
      checkRemoval(name, model, known, place);
      fields.set(name, null);
      continue;
    }
    const target = model === null ? null : findField(model, name, { path: at, at: 'key' }, scope, report);
    const mark = document.mark(at, 'key');
    const mapping = buildMapping({ ...place, field: name, form, path: at, at: mark, target });
    checkShown({ object: native, mapping, model }, kept, at, report);
    fields.set(name, mapping);
  }
  return {
    from: native,
    model: raw.model ?? null,
    fields,
    where: raw.where === undefined ? null : nativeFilter(raw.where, [...path, 'where'], report),
    sync: raw.sync === undefined ? null : syncSettings(raw, path, report, known.sync),
    defaults: new Map(Object.entries(raw.defaults ?? {})),
    ...permissionsOf(raw, path, report),
    ...writeOf(raw, model, path, { scope, report }),
    at: document.mark(path, 'key'),
  };
}

/** The model that the object feeds in this tenant, which stays the project's where that names one. */
function modelOf(raw: RawObjectOverlay, known: IntegrationObject, place: OverlayPlace): Model | null {
  const { path, scope, report, isBroken } = place;
  const at = [...path, 'model'];
  if (raw.model !== undefined && known.model !== null && raw.model !== known.model) {
    report({
      code: 'manifest_overlay_invalid',
      path: at,
      message: `In the project, \`${known.from}\` feeds \`${known.model}\`; an overlay cannot turn it to \`${raw.model}\`.`,
      fix: 'Remove `model`.',
      suggestions: [known.model],
    });
    return null;
  }
  const name = raw.model ?? known.model;
  if (name !== null) {
    return raw.model === undefined ? (scope.models.get(name) ?? null) : findModel(name, at, scope, report);
  }
  for (const key of ['fields', 'where'] as const) {
    if (raw[key] === undefined || isBroken(at)) continue;
    report({
      code: 'manifest_key_missing',
      path: [...path, key],
      at: 'key',
      message: `\`${key}\` says how records feed a model, but neither project nor overlay names one for \`${known.from}\`.`,
      fix: `Add \`model\`, or remove \`${key}\`.`,
    });
  }
  return null;
}

function checkRemoval(name: string, model: Model | null, known: IntegrationObject, place: OverlayPlace): void {
  if (!known.fields.has(name)) {
    if (!place.scope.broken.has(`${known.model ?? ''}.${name}`)) {
      nothingToRemove(name, `The project does not map \`${name}\` from \`${known.from}\``, place, known.fields.keys());
    }
    return;
  }
  if (model?.fields.get(name)?.required !== true) return;
  place.report({
    code: 'manifest_overlay_invalid',
    path: [...place.path, 'fields', name],
    at: 'key',
    message: `\`${model.name}.${name}\` is required, so that no tenant can be without it.`,
    fix: 'Map it from another native field, or make it optional in the project.',
  });
}

function nothingToRemove(name: string, why: string, { path, report }: OverlayPlace, known: Iterable<string>): void {
  report({
    code: 'manifest_overlay_invalid',
    path: [...path, 'fields', name],
    at: 'key',
    message: `${why}, so there is nothing to remove.`,
    fix: 'Remove the line, or correct the name.',
    suggestions: suggest(name, known),
  });
}
