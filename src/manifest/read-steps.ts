import type { DocumentPath, Reporter } from './document.ts';
import { parseJsonPath } from './json-path.ts';
import type { RawMapping } from './shapes/integration-shape.ts';
import type { RawStep } from './shapes/step-shape.ts';
import type { ModelField, TransformStep } from './types.ts';

/** The order in which transforms written as keys of one mapping apply. */
const keyOrder = [
  'lookup',
  'json_path',
  'split',
  'trim',
  'lower',
  'email_domain',
  'number',
  'money',
  'midpoint',
  'unit',
  'date',
  'value_map',
  'match',
  'default',
] as const;
type StepKey = (typeof keyOrder)[number];

/** Each of these reads the whole text its own way, so that the second of two would find nothing. */
const readers = ['number', 'money', 'midpoint', 'date'] as const;

export interface StepsPlace {
  readonly path: DocumentPath;
  /** The field that is filled; null where it is unknown. */
  readonly target: ModelField | null;
  readonly report: Reporter;
}

/** Transforms written as keys apply in a fixed order; those in `steps` in the order written. Not both. */
export function readSteps(form: RawMapping, place: StepsPlace): TransformStep[] {
  const { path, report } = place;
  const inline = keyOrder.filter((key) => form[key] !== undefined);
  if (form.steps === undefined) {
    checkOtherwise(form, path, report);
    checkReaders(form, path, report);
    return inline.map((key) => toStep(form, key, place));
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
    return keys.slice(0, 1).map((key) => toStep(step, key, { ...place, path: at }));
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

function checkReaders(form: RawMapping, path: DocumentPath, report: Reporter): void {
  const [first, second] = readers.filter((key) => form[key] !== undefined);
  if (first === undefined || second === undefined) return;
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, second],
    at: 'key',
    message: `\`${first}\` and \`${second}\` each read the whole text; one value cannot be both.`,
    fix: 'Keep one of them.',
  });
}

function toStep(step: RawStep, key: StepKey, { path, target, report }: StepsPlace): TransformStep {
  const missing = (): never => {
    throw new Error(`step without ${key}`);
  };
  switch (key) {
    case 'lookup':
      return { kind: 'lookup', ...(step.lookup ?? missing()) };
    case 'json_path':
      return { kind: 'json_path', path: pathIn(step.json_path ?? missing(), [...path, 'json_path'], report) };
    case 'split': {
      const { on, take } = step.split ?? missing();
      return { kind: 'split', separator: on, take };
    }
    case 'number':
      return { kind: 'number', decimal: typeof step.number === 'object' ? step.number.decimal : '.' };
    case 'money': {
      const { decimal, code } = typeof step.money === 'object' ? step.money : {};
      return { kind: 'money', decimal: decimal ?? '.', code: code ?? target?.currency ?? null };
    }
    case 'midpoint':
      return { kind: 'midpoint', decimal: typeof step.midpoint === 'object' ? step.midpoint.decimal : '.' };
    case 'unit':
      return { kind: 'unit', ...(step.unit ?? missing()) };
    case 'date':
      return { kind: 'date', order: typeof step.date === 'object' ? step.date.order : 'ymd' };
    case 'value_map':
      return {
        kind: 'value_map',
        map: new Map(Object.entries(step.value_map ?? missing())),
        otherwise: step.otherwise ?? 'null',
      };
    case 'match': {
      const { by, as } = step.match ?? missing();
      return { kind: 'match', by, as: as ?? 'exact' };
    }
    case 'default':
      return { kind: 'default', value: step.default ?? missing() };
    case 'trim':
    case 'lower':
    case 'email_domain':
      return { kind: key };
  }
}

function pathIn(text: string, at: DocumentPath, report: Reporter): readonly (string | number)[] {
  const parsed = parseJsonPath(text);
  if (parsed.kind === 'ok') return parsed.path;
  report({
    code: 'manifest_mapping_invalid',
    path: at,
    message: parsed.message,
    fix: 'Write keys with dots between them and list places in brackets: items[0].sku, or ["unit price"].',
  });
  return [];
}
