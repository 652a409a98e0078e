import type { DocumentPath, Reporter } from './document.ts';
import type { RawMapping, RawStep } from './shapes/integration-shape.ts';
import type { TransformStep } from './types.ts';

/** The order in which transforms written as keys of one mapping apply. */
const keyOrder = ['lookup', 'trim', 'lower', 'email_domain', 'number', 'date', 'value_map', 'default'] as const;
type StepKey = (typeof keyOrder)[number];

/** Transforms written as keys apply in a fixed order; those in `steps` in the order written. Not both. */
export function readSteps(form: RawMapping, path: DocumentPath, report: Reporter): TransformStep[] {
  const inline = keyOrder.filter((key) => form[key] !== undefined);
  if (form.steps === undefined) {
    checkOtherwise(form, path, report);
    return inline.map((key) => toStep(form, key));
  }
  if (inline.length > 0) {
    report({
      code: 'manifest_mapping_invalid',
      path: [...path, inline[0] ?? 'steps'],
      at: 'key',
      message: `\`${inline[0]}\` stands beside \`steps\`, so that its turn is unclear.`,
      fix: 'Move it into `steps`.',
    });
  }
  return form.steps.flatMap((step, index) => {
    const at = [...path, 'steps', index];
    const keys = keyOrder.filter((key) => step[key] !== undefined);
    if (keys.length !== 1) {
      report({
        code: 'manifest_mapping_invalid',
        path: at,
        message: keys.length === 0 ? 'The step names no transform.' : `The step has ${keys.length} transforms.`,
        fix: `Give each step one of: ${keyOrder.join(', ')}.`,
      });
    }
    checkOtherwise(step, at, report);
    return keys.slice(0, 1).map((key) => toStep(step, key));
  });
}

function checkOtherwise(step: RawStep, path: DocumentPath, report: Reporter): void {
  if (step.otherwise === undefined || step.value_map !== undefined) return;
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, 'otherwise'],
    at: 'key',
    message: '`otherwise` belongs to a `value_map`, and there is none.',
    fix: 'Add `value_map`, or remove `otherwise`.',
  });
}

function toStep(step: RawStep, key: StepKey): TransformStep {
  const missing = (): never => {
    throw new Error(`step without ${key}`);
  };
  switch (key) {
    case 'lookup':
      return { kind: 'lookup', ...(step.lookup ?? missing()) };
    case 'number':
      return { kind: 'number', decimal: typeof step.number === 'object' ? step.number.decimal : '.' };
    case 'date':
      return { kind: 'date', order: typeof step.date === 'object' ? step.date.order : 'ymd' };
    case 'value_map':
      return {
        kind: 'value_map',
        map: new Map(Object.entries(step.value_map ?? missing())),
        otherwise: step.otherwise ?? 'null',
      };
    case 'default':
      return { kind: 'default', value: step.default ?? missing() };
    case 'trim':
    case 'lower':
    case 'email_domain':
      return { kind: key };
  }
}
