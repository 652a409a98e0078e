import type { Shaped } from './check-shape.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { readSteps } from './read-steps.ts';
import { checkMappedValues } from './check-mapped-values.ts';
import { checkSteps } from './check-steps.ts';
import type { Scope } from './scope.ts';
import type { RawMapping } from './shapes/integration-shape.ts';
import { parseTemplate } from './template.ts';
import type { FieldMapping, ModelField, NativeFieldRef, OnMissing, SourceMark, TransformStep } from './types.ts';

export interface MappingInput {
  readonly field: string;
  readonly form: string | RawMapping;
  readonly path: DocumentPath;
  readonly at: SourceMark;
  /** The model field that is filled; null where it is unknown, which has been reported. */
  readonly target: ModelField | null;
  readonly isBroken: Shaped<unknown>['isBroken'];
  readonly scope: Scope;
  readonly report: Reporter;
}

export function buildMapping(input: MappingInput): FieldMapping {
  const { field, form, path, at, target, scope, report } = input;
  if (typeof form === 'string') {
    return { field, from: { kind: 'name', name: form }, steps: [], onMissing: 'null', why: null, at };
  }
  checkSource(form, input);
  const source = sourceStep(form, path, report);
  const rest = readSteps(form, { path, target, report });
  const steps = source === null ? rest : [source, ...rest];
  const onMissing: OnMissing = form.on_missing ?? 'null';
  if (target !== null) {
    const listed = form.steps !== undefined;
    // A constant, template or concat stands beside the list, as its first step.
    const before = source === null ? 0 : 1;
    const pathOf = (index: number): DocumentPath =>
      listed && index >= before ? [...path, 'steps', index - before] : path;
    checkMappedValues(target, steps, pathOf, report);
    checkSteps(steps, pathOf, { target, scope, report });
    if (onMissing === 'empty' && !['string', 'text', 'multi_enum'].includes(target.type)) {
      report({
        code: 'manifest_mapping_invalid',
        path: [...path, 'on_missing'],
        message: `\`empty\` is for texts and lists; \`${target.name}\` is of type ${target.type}.`,
        fix: 'Use `null`, or give a `default`.',
      });
    }
  }
  return { field, from: fromOf(form), steps, onMissing, why: form.why ?? null, at };
}

function fromOf({ from }: RawMapping): NativeFieldRef | null {
  if (from === undefined) return null;
  return typeof from === 'string' ? { kind: 'name', name: from } : { kind: 'label', label: from.label };
}

/** Exactly one key says where the value comes from. */
function checkSource(form: RawMapping, { path, isBroken, report, field }: MappingInput): void {
  const keys = ['from', 'constant', 'template', 'concat'] as const;
  const given = keys.filter((key) => form[key] !== undefined);
  if (given.length === 1 || keys.some((key) => isBroken([...path, key]))) return;
  if (given.length === 0) {
    report({
      code: 'manifest_mapping_invalid',
      path,
      at: 'key',
      message: `Nothing says where \`${field}\` comes from.`,
      fix: 'Add `from`, `constant`, `template` or `concat`.',
    });
    return;
  }
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, given[1] ?? ''],
    at: 'key',
    message: `\`${given.join('` and `')}\` contradict each other: a value has one source.`,
    fix: 'Keep one of them.',
  });
}

function sourceStep(form: RawMapping, path: DocumentPath, report: Reporter): TransformStep | null {
  if (form.constant !== undefined) return { kind: 'constant', value: form.constant };
  if (form.concat !== undefined) {
    return { kind: 'concat', fields: form.concat.fields, separator: form.concat.separator ?? ' ' };
  }
  if (form.template === undefined) return null;
  const parts = parseTemplate(form.template);
  if (parts.kind === 'ok') return { kind: 'template', parts: parts.parts };
  report({ code: 'manifest_mapping_invalid', path: [...path, 'template'], message: parts.message, fix: parts.fix });
  return { kind: 'template', parts: [] };
}
