import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import type { ModelField, TransformStep } from './types.ts';

/**
 * Values written in a mapping (map results, constants, defaults) must be values
 * of the field that they fill. `pathOf` tells where a step stands.
 */
export function checkMappedValues(
  target: ModelField,
  steps: readonly TransformStep[],
  pathOf: (index: number) => DocumentPath,
  report: Reporter,
): void {
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'value_map') {
      if (!isLastChange(steps, index)) continue;
      for (const [native, value] of step.map) {
        checkValue(target, value, [...pathOf(index), 'value_map', native], report);
      }
    }
    if (step.kind === 'constant' && isLastChange(steps, index)) {
      checkValue(target, step.value, [...pathOf(index), 'constant'], report);
    }
    if (step.kind === 'default' && isLastChange(steps, index)) {
      checkValue(target, step.value, [...pathOf(index), 'default'], report);
    }
  }
}

/** A later `default` only fills gaps; anything else makes the value another one. */
const isLastChange = (steps: readonly TransformStep[], index: number): boolean =>
  steps.slice(index + 1).every((later) => later.kind === 'default');

function checkValue(target: ModelField, value: string | number | boolean, path: DocumentPath, report: Reporter): void {
  if (target.values !== null) {
    if (target.values.includes(String(value))) return;
    report({
      code: 'manifest_enum_value_unknown',
      path,
      message: `\`${String(value)}\` is not a value of \`${target.name}\`.`,
      fix: `Use one of: ${target.values.join(', ')}; or add it to ${target.at.file}.`,
      suggestions: suggest(String(value), target.values),
    });
    return;
  }
  const expected = expectedKind(target, value);
  if (expected === null) return;
  report({
    code: 'manifest_type_wrong',
    path,
    message: `\`${String(value)}\` cannot be a ${target.type}, the type of \`${target.name}\`.`,
    fix: `Write ${expected}.`,
  });
}

/** What should have been written, or null where the value fits. Texts are read as YAML people write them. */
function expectedKind(target: ModelField, value: string | number | boolean): string | null {
  const text = String(value);
  switch (target.type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? null : 'true or false';
    case 'integer':
      return typeof value !== 'boolean' && /^-?\d{1,15}$/.test(text) ? null : 'a whole number';
    case 'number':
    case 'decimal':
      return typeof value !== 'boolean' && /^-?\d+(\.\d+)?$/.test(text) ? null : 'a number';
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? null : 'a date such as 2026-11-20';
    case 'datetime':
      return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z)?$/.test(text)
        ? null
        : 'a moment such as 2026-11-20T08:30:00Z';
    case 'time':
      return /^\d{2}:\d{2}:\d{2}$/.test(text) ? null : 'a time such as 08:30:00';
    case 'id':
    case 'string':
    case 'text':
    case 'reference':
    case 'json':
    case 'enum':
    case 'multi_enum':
      return null;
  }
}
