import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { globMatches } from './glob.ts';
import { modelFilter, nativeRowFilter } from './read-filter.ts';
import { findField, type Scope } from './scope.ts';
import type { RawAgent } from './shapes/project-shape.ts';
import type { RawWriteGrant } from './shapes/write-shape.ts';
import type { Grant, Integration, ObjectGrant } from './types.ts';
import type { WriteGrant, WriteVerb } from './write-types.ts';

export interface WriteGrantPlace {
  /** Of the agent's `grant`. */
  readonly path: DocumentPath;
  readonly document: YamlDocument;
  readonly scope: Scope;
  readonly report: Reporter;
  /** What the grant lets it see. */
  readonly objects: ReadonlyMap<string, ObjectGrant>;
  /** What people mean in every app, which a grant may name as well; null: not known here. */
  readonly intents: ReadonlySet<string> | null;
}

/** What an agent may write, and which operations it may run. Absent members where nothing is said. */
export function buildWriteGrants(
  { write, operations }: RawAgent['grant'],
  place: WriteGrantPlace,
): Pick<Grant, 'write' | 'operations'> {
  const grants = new Map<string, WriteGrant>();
  for (const [object, raw] of Object.entries(write ?? {})) {
    grants.set(object, buildWriteGrant(object, raw, { ...place, path: [...place.path, 'write', object] }));
  }
  for (const [index, name] of (operations ?? []).entries()) {
    checkOperation(name, { ...place, path: [...place.path, 'operations', index] });
  }
  return {
    ...(write === undefined ? {} : { write: grants }),
    ...(operations === undefined ? {} : { operations }),
  };
}

function buildWriteGrant(object: string, raw: RawWriteGrant, place: WriteGrantPlace): WriteGrant {
  const { path, document, scope, report } = place;
  const model = scope.models.get(object) ?? null;
  checkSeen(object, place);
  for (const verb of raw.operations) checkOffered(object, verb, place);
  const fields = raw.fields === undefined || raw.fields === '*' ? null : raw.fields;
  for (const [index, field] of (model === null ? [] : (fields ?? [])).entries()) {
    if (model !== null) findField(model, field, { path: [...path, 'fields', index] }, scope, report);
  }
  const at = [...path, 'where'];
  const filter =
    raw.where === undefined
      ? null
      : model === null
        ? nativeRowFilter(raw.where, { path: at, report })
        : modelFilter(raw.where, model, { path: at, report }, scope);
  return { operations: [...new Set(raw.operations)], fields, where: filter, at: document.mark(path, 'key') };
}

/** An agent that writes what it cannot see could not say what it changed. */
function checkSeen(object: string, { path, objects, scope, report }: WriteGrantPlace): void {
  const seen = [...objects.keys()].some(
    (granted) => granted === object || (object.includes('.') && globMatches(granted, object)),
  );
  if (seen || scope.broken.has(object)) return;
  report({
    code: 'manifest_object_unknown',
    path,
    at: 'key',
    message: `The grant lets it write \`${object}\`, but not see it.`,
    fix: `Add \`${object}\` to \`objects\` of the grant.`,
    suggestions: suggest(object, objects.keys()),
  });
}

/** Some integration takes such writes: else the grant would only look as if it allowed them. */
function checkOffered(object: string, verb: WriteVerb, { path, scope, report }: WriteGrantPlace): void {
  const [name = '', native] = object.includes('.')
    ? [object.slice(0, object.indexOf('.')), object.slice(object.indexOf('.') + 1)]
    : [object, undefined];
  if (scope.broken.has(name) || scope.broken.has('integrations')) return;
  const offers = ({ objects }: Integration): boolean =>
    [...objects.values()].some(
      ({ from, model, write }) =>
        write?.operations.includes(verb) === true &&
        (native === undefined ? model === object : globMatches(native, from)),
    );
  // A connection may be called otherwise than its integration.
  const candidates = [...scope.integrations.values()].filter(
    (each) => native === undefined || !scope.integrations.has(name) || each.name === name,
  );
  if (candidates.some(offers)) return;
  report({
    code: 'manifest_scope_exceeded',
    path: [...path, 'operations'],
    message: `No integration lets anybody ${verb} \`${object}\`.`,
    fix: `Add \`write: {operations: [${verb}]}\` to an object that feeds it, or take \`${verb}\` out of the grant.`,
  });
}

function checkOperation(name: string, { path, scope, report, intents }: WriteGrantPlace): void {
  if (intents === null ? !name.includes('.') : intents.has(name)) return;
  const [model = '', operation = ''] = name.split('.');
  if (scope.models.get(model)?.operations?.has(operation) === true || scope.broken.has(model)) return;
  if (scope.broken.has(name)) return;
  const known = [...scope.models.values()].flatMap((each) =>
    [...(each.operations?.keys() ?? [])].map((own) => `${each.name}.${own}`),
  );
  report({
    code: 'manifest_value_invalid',
    path,
    message: `There is no operation \`${name}\`.`,
    fix: `Correct the name, or declare it under \`operations\` of the model.`,
    suggestions: suggest(name, [...known, ...(intents ?? [])]),
  });
}
