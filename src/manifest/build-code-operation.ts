import { suggest } from '../kernel/index.ts';
import { declaredParts, type OperationPlace } from './build-operation.ts';
import type { CompiledOperation } from './code-files.ts';
import { findField } from './scope.ts';
import type { RawCodeOperation } from './shapes/code-operation-shape.ts';
import type { Model } from './types.ts';
import type { Operation } from './write-types.ts';

/** An operation in TypeScript, as one of its model. What it writes is known when it has run; what it may is known here. */
export function buildCodeOperation(
  name: string,
  raw: RawCodeOperation,
  model: Model,
  { compiled, ...place }: OperationPlace & { readonly compiled: CompiledOperation },
): Operation {
  const { path, document, scope, report } = place;
  for (const [index, field] of (raw.reads ?? []).entries()) {
    findField(model, field, { path: [...path, 'reads', index] }, scope, report);
  }
  const objects = Object.entries(raw.writes);
  if (!objects.some(([, verbs]) => verbs.length > 0)) {
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'writes'],
      at: 'key',
      message: 'It may write nothing.',
      fix: 'Name each object that it writes, with the operations on it: `writes: { deal: ["update"] }`.',
    });
  }
  for (const [object] of objects) {
    if (object.includes('.') || scope.models.has(object) || scope.broken.has(object)) continue;
    report({
      code: 'manifest_model_unknown',
      path: [...path, 'writes', object],
      at: 'key',
      message: `There is no model \`${object}\`.`,
      suggestions: suggest(object, scope.models.keys()),
    });
  }
  const { js, map, hash } = compiled;
  return {
    ...declaredParts(name, raw, model, place),
    on: raw.writes[model.name]?.[0] ?? 'update',
    sets: new Map(),
    code: {
      file: document.file,
      hash,
      compiled: { js, map },
      takesRecords: raw.records ?? true,
      reads: raw.reads ?? [],
      writes: new Map(objects),
      onFailure: raw.on_failure ?? 'stop',
    },
    at: document.mark(path, 'key'),
  };
}
