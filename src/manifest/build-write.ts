import type { DocumentPath, Reporter } from './document.ts';
import { globMatches } from './glob.ts';
import { findField, type Scope } from './scope.ts';
import type { RawObjectWrite } from './shapes/write-shape.ts';
import type { Integration, IntegrationObject, Model } from './types.ts';
import type { ObjectWrite, UnmappedRule } from './write-types.ts';

/** What may be written to a native object, from its `write` block, which stands at `path`. */
export function buildWrite(
  raw: RawObjectWrite,
  model: Model | null,
  { path, scope, report }: { readonly path: DocumentPath; readonly scope: Scope; readonly report: Reporter },
): ObjectWrite {
  const unmapped = new Map<string, UnmappedRule>();
  for (const [field, form] of Object.entries(raw.unmapped ?? {})) {
    const at = [...path, 'unmapped', field];
    if (model === null) {
      report({
        code: 'manifest_key_missing',
        path: at,
        at: 'key',
        message: `\`${field}\` would be a model field, but the object names no \`model\`.`,
        fix: 'Add `model`, or remove the line.',
      });
    } else findField(model, field, { path: at, at: 'key' }, scope, report);
    unmapped.set(field, typeof form === 'string' ? { kind: form } : { kind: 'store_in', field: form.store_in });
  }
  return {
    operations: [...new Set(raw.operations)],
    guards: new Map(Object.entries(raw.guards ?? {})),
    unmapped,
    sideEffects: raw.side_effects ?? [],
  };
}

/** Nothing is written outside the fence of `scope.write`, and nothing where nobody said how freely. */
export function checkWriteScope(
  { name, scope }: Pick<Integration, 'name' | 'scope'>,
  objects: readonly Pick<IntegrationObject, 'from' | 'write'>[],
  { under, report, hasMode }: { readonly under: DocumentPath; readonly report: Reporter; readonly hasMode: boolean },
): void {
  for (const { from, write } of objects) {
    if (write === undefined) continue;
    const path = [...under, 'objects', from, 'write'];
    if (!scope.write.some((glob) => globMatches(glob, from))) {
      report({
        code: 'manifest_scope_exceeded',
        path,
        at: 'key',
        message: `\`${from}\` lies outside the write scope of \`${name}\`, which ${scope.write.length === 0 ? 'admits nothing' : `admits ${scope.write.join(', ')}`}.`,
        fix: `Add \`${from}\` to \`scope.write\` of the integration, or remove \`write\`.`,
      });
    }
  }
  const first = objects.find(({ write }) => write !== undefined);
  if (hasMode || first === undefined) return;
  report({
    code: 'manifest_key_missing',
    path: ['mode'],
    message: `\`${first.from}\` may be written, but \`${name}\` does not say how freely: without \`mode\` it is read_only.`,
    fix: 'Add `mode`: gated, autonomous, propose_only, or read_only where nothing shall be written yet.',
  });
}
