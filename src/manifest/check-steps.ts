import { suggest } from '../kernel/index.ts';
import { matchTypes } from './check-models.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { findField, type Scope } from './scope.ts';
import type { FieldType } from '../schema/index.ts';
import type { Model, ModelField, TransformStep } from './types.ts';
import { units, unitsOf } from './units.ts';

interface StepPlace {
  readonly target: ModelField;
  /** Path of the block that has the step's key. */
  readonly path: DocumentPath;
  readonly scope: Scope;
  readonly report: Reporter;
}

/** What a step says for itself, and whether its result can be a value of the field. */
export function checkSteps(
  steps: readonly TransformStep[],
  pathOf: (index: number) => DocumentPath,
  { target, scope, report }: Pick<StepPlace, 'target' | 'scope' | 'report'>,
): void {
  for (const [index, step] of steps.entries()) {
    const place = { target, path: pathOf(index), scope, report };
    const isLast = steps.slice(index + 1).every((later) => later.kind === 'default');
    checkStep(step, place);
    if (step.kind === 'match') checkMatch(step, isLast, place);
    if (isLast) checkResult(step, place);
  }
}

function checkStep(step: TransformStep, { target, path, report }: StepPlace): void {
  if (step.kind === 'split' && step.take === 0) {
    report({
      code: 'manifest_mapping_invalid',
      path: [...path, 'split', 'take'],
      message: 'There is no part 0: parts count from 1, and from -1 at the end.',
      fix: 'Write 1 for the first part, or -1 for the last.',
    });
  }
  if (step.kind === 'money' && step.code !== null && target.currency !== null && step.code !== target.currency) {
    report({
      code: 'manifest_mapping_invalid',
      path: [...path, 'money', 'code'],
      message: `The amounts are in ${step.code}, but \`${target.name}\` is in ${target.currency}, and nothing converts them.`,
      fix: `Map a field in ${target.currency}, or give the model a \`currency_field\`.`,
      suggestions: [target.currency],
    });
  }
  if (step.kind === 'unit') checkUnit(step, path, report);
}

function checkUnit({ from, to }: Extract<TransformStep, { kind: 'unit' }>, path: DocumentPath, report: Reporter): void {
  const [source, result] = [units.get(from), units.get(to)];
  for (const [key, name, found] of [
    ['from', from, source],
    ['to', to, result],
  ] as const) {
    if (found !== undefined) continue;
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'unit', key],
      message: `There is no unit \`${name}\`.`,
      fix: `Use one of: ${[...units.keys()].join(', ')}.`,
      suggestions: unitsLike(name),
    });
  }
  if (source === undefined || result === undefined || source.dimension === result.dimension) return;
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, 'unit', 'to'],
    message: `\`${from}\` measures ${source.dimension} and \`${to}\` ${result.dimension}, so that one cannot become the other.`,
    fix: `Use a unit of ${source.dimension}: ${unitsOf(source.dimension)
      .map(({ name }) => name)
      .join(', ')}.`,
  });
}

/** Names are short, so that somebody who writes a unit out or in another case is close. */
function unitsLike(name: string): string[] {
  const low = name.toLowerCase();
  const spelled = [...units.values()].filter((unit) =>
    [unit.name, ...unit.spellings].some((each) => each.toLowerCase() === low),
  );
  return spelled.length > 0 ? spelled.map((unit) => unit.name) : suggest(name, units.keys());
}

function checkMatch(step: Extract<TransformStep, { kind: 'match' }>, isLast: boolean, place: StepPlace): void {
  const { target, path, scope, report } = place;
  if (!isLast) {
    report({
      code: 'manifest_mapping_invalid',
      path: [...path, 'match'],
      at: 'key',
      message: 'After `match` the value is the key of the record found; a step after it would make it another.',
      fix: 'Make `match` the last step; only `default` may follow.',
    });
  }
  if (target.reference === null) {
    report({
      code: 'manifest_mapping_invalid',
      path: [...path, 'match'],
      at: 'key',
      message: `\`match\` finds the record that a reference leads to; \`${target.name}\` is of type ${target.type}.`,
      fix: 'Map a field of type reference, or use `lookup` for another object of the same system.',
    });
    return;
  }
  const model = scope.models.get(target.reference.to);
  // A reference that leads nowhere is reported where it stands.
  if (model === undefined) return;
  const by = findField(model, step.by, { path: [...path, 'match', 'by'] }, scope, report);
  if (by !== null && !matchTypes[step.as].includes(by.type)) refuseKey(step, model, by, place);
}

function refuseKey(
  { as }: Extract<TransformStep, { kind: 'match' }>,
  model: Model,
  by: ModelField,
  { path, report }: StepPlace,
): void {
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, 'match', 'by'],
    message: `\`${model.name}.${by.name}\` is of type ${by.type}, which cannot be matched as ${as}.`,
    fix: `Name a field of type ${matchTypes[as].join(', ')}.`,
  });
}

/** Types of fields that can never hold what a step gives, whatever the value. */
const misfits: { readonly [kind in TransformStep['kind']]?: readonly FieldType[] } = {
  number: ['boolean', 'date', 'datetime', 'time', 'multi_enum'],
  money: ['boolean', 'date', 'datetime', 'time', 'multi_enum'],
  midpoint: ['boolean', 'date', 'datetime', 'time', 'multi_enum'],
  unit: ['boolean', 'date', 'datetime', 'time', 'multi_enum'],
  date: ['boolean', 'integer', 'number', 'decimal', 'time', 'multi_enum'],
  email_domain: ['boolean', 'integer', 'number', 'decimal', 'date', 'datetime', 'time'],
};

function checkResult(step: TransformStep, { target, path, report }: StepPlace): void {
  if (misfits[step.kind]?.includes(target.type) !== true) return;
  const result = step.kind === 'date' ? 'a date' : step.kind === 'email_domain' ? 'a text' : 'a number';
  report({
    code: 'manifest_mapping_invalid',
    path: [...path, step.kind],
    at: 'key',
    message: `\`${step.kind}\` gives ${result}, which \`${target.name}\` of type ${target.type} cannot hold.`,
    fix: `Remove \`${step.kind}\`, or fill a field of another type.`,
  });
}
