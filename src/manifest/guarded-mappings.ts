import { operandsOf, type Filter, type Operand } from '../filter/index.ts';
import { canonicalJson } from '../kernel/index.ts';
import { manifestFor } from './manifest-for.ts';
import { toJson } from './manifest-json.ts';
import type { Manifest, Overlay } from './types.ts';

/**
 * Sentences about an overlay: fields by which grants choose records, and that
 * the overlay has come from elsewhere. It may (each customer knows where its
 * own values stand), and whoever applies it is told, since it decides who sees
 * and writes what. Pure.
 */
export function guardedMappings(manifest: Manifest, overlay: Overlay): readonly string[] {
  const own = manifestFor(manifest, overlay);
  const guards = guardedFields(manifest);
  const notes: string[] = [];
  for (const [integration, { objects }] of own.integrations) {
    for (const [object, { model, fields }] of objects) {
      const before = manifest.integrations.get(integration)?.objects.get(object);
      if (model === null) continue;
      for (const [field, agents] of guards.get(model) ?? []) {
        if (textOf(before?.fields.get(field)) === textOf(fields.get(field))) continue;
        const whose = [...agents].toSorted().join(', ');
        notes.push(
          `${overlay.tenant} has ${model}.${field} of ${integration}.${object} come from elsewhere; by that field the grants of ${whose} say which records they have.`,
        );
      }
    }
  }
  return notes;
}

const textOf = (part: unknown): string => canonicalJson(toJson(part ?? null));

type Guards = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** By model and field: agents whose grants ask for it. */
function guardedFields(manifest: Manifest): Guards {
  const guards = new Map<string, Map<string, Set<string>>>();
  const add = (model: string, field: string, agent: string): void => {
    const fields = guards.get(model) ?? new Map<string, Set<string>>();
    guards.set(model, fields.set(field, (fields.get(field) ?? new Set<string>()).add(agent)));
  };
  for (const [agent, { grant }] of manifest.agents) {
    for (const [object, { where }] of [...grant.objects, ...(grant.write ?? [])]) {
      if (where === null) continue;
      for (const [model, field] of fieldsOf(manifest, object, where)) add(model, field, agent);
    }
  }
  return guards;
}

const fieldsOf = (manifest: Manifest, model: string, filter: Filter): (readonly [string, string])[] =>
  operandsOf(filter).flatMap((operand) => operandFields(manifest, model, operand));

function operandFields(manifest: Manifest, start: string, operand: Operand): (readonly [string, string])[] {
  const names = (operand.kind === 'path' ? operand.path : operand.relation).split('.');
  const found: (readonly [string, string])[] = [];
  let model = manifest.models.get(start);
  for (const name of names) {
    if (model === undefined) return found;
    const many = model.many.get(name);
    if (many !== undefined) {
      found.push([many.model, many.via]);
      model = manifest.models.get(many.model);
      continue;
    }
    found.push([model.name, name]);
    const reference = model.fields.get(name)?.reference ?? null;
    model = reference === null ? undefined : manifest.models.get(reference.to);
  }
  if (operand.kind === 'path' || model === undefined) return found;
  const measured =
    operand.field === null ? [] : operandFields(manifest, model.name, { kind: 'path', path: operand.field });
  return [...found, ...measured, ...(operand.where === null ? [] : fieldsOf(manifest, model.name, operand.where))];
}
