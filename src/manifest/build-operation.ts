import { suggest } from '../kernel/index.ts';
import { deprecation, humanise } from './build-model.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { checkEnumValues } from './enum-values.ts';
import { modelFilter } from './read-filter.ts';
import { findField, type Scope } from './scope.ts';
import type { RawImpact, RawOperation, RawTerm } from './shapes/operation-shape.ts';
import type { Model } from './types.ts';
import type { ImpactExpression, ImpactTerm, Operation, OperationInput, SetValue } from './write-types.ts';

export interface OperationPlace {
  readonly path: DocumentPath;
  readonly document: YamlDocument;
  readonly scope: Scope;
  readonly report: Reporter;
  /** Names of the model's operations. */
  readonly names: readonly string[];
}

/** An operation of a model, checked against the model's fields. */
export function buildOperation(name: string, raw: RawOperation, model: Model, place: OperationPlace): Operation {
  const { path, document } = place;
  const declared = declaredParts(name, raw, model, place);
  const { input } = declared;
  const sets = buildSets(raw, model, input, place);
  checkUsed(input, sets, place);
  if (raw.on === 'create') requireSets(model, sets, place);
  return { ...declared, on: raw.on, sets, at: document.mark(path, 'key') };
}

/** What operations say of themselves, however they come to what they write. */
export function declaredParts(
  name: string,
  raw: Omit<RawOperation, 'on' | 'sets'>,
  model: Model,
  place: OperationPlace,
): Omit<Operation, 'on' | 'sets' | 'at'> {
  const { path, scope, report } = place;
  const input = new Map<string, OperationInput>();
  for (const [key, form] of Object.entries(raw.input ?? {})) {
    checkEnumValues(form, 'input', { path: [...path, 'input', key], report });
    input.set(key, {
      name: key,
      type: form.type,
      values: form.values ?? null,
      default: form.default ?? null,
      why: form.why ?? null,
      required: form.required ?? form.default === undefined,
    });
  }
  checkReplacement(name, raw, place);
  const preconditions = (raw.preconditions ?? []).map((form, index) => {
    if (typeof form === 'string') return { text: form, where: null };
    const at = [...path, 'preconditions', index, 'where'];
    return { text: form.text, where: modelFilter(form.where, model, { path: at, report }, scope) };
  });
  return {
    name,
    title: raw.title ?? humanise(name),
    why: raw.why ?? null,
    intent: raw.intent ?? null,
    input,
    safety: raw.safety ?? 'gated_write',
    sideEffects: raw.side_effects ?? [],
    preconditions,
    ...(raw.reversibility === undefined ? {} : { reversibility: raw.reversibility }),
    stability: raw.stability ?? 'stable',
    impact: raw.impact === undefined ? null : buildImpact(raw.impact, model, place),
    deprecated: deprecation(raw.deprecated),
  };
}

function buildSets(
  raw: RawOperation,
  model: Model,
  input: ReadonlyMap<string, OperationInput>,
  { path, scope, report }: OperationPlace,
): Map<string, SetValue> {
  const sets = new Map<string, SetValue>();
  for (const [name, form] of Object.entries(raw.sets ?? {})) {
    const at = [...path, 'sets', name];
    const field = findField(model, name, { path: at, at: 'key' }, scope, report);
    if (raw.on === 'delete') {
      report({
        code: 'manifest_key_unknown',
        path: at,
        at: 'key',
        message: 'An operation that deletes sets nothing.',
        fix: 'Remove `sets`, or change `on`.',
      });
    }
    const isInput = typeof form === 'object' && form !== null;
    sets.set(name, isInput ? { kind: 'input', name: form.input } : { kind: 'value', value: form });
    if (isInput && !input.has(form.input)) {
      report({
        code: 'manifest_value_invalid',
        path: [...at, 'input'],
        message: `There is no input \`${form.input}\`.`,
        fix: 'Declare it under `input`, or correct the name.',
        suggestions: suggest(form.input, input.keys()),
      });
    }
    const written = isInput ? (input.get(form.input)?.values ?? []) : typeof form === 'string' ? [form] : [];
    for (const value of written) {
      if (field === null || field.values === null || field.values.includes(value)) continue;
      report({
        code: 'manifest_enum_value_unknown',
        path: isInput ? [...path, 'input', form.input, 'values'] : at,
        message: `\`${value}\` is not a value of \`${model.name}.${name}\`.`,
        fix: `Use one of: ${field.values.join(', ')}.`,
        suggestions: suggest(value, field.values),
      });
    }
  }
  return sets;
}

/** What is asked for and set nowhere would only look as if it did something. */
function checkUsed(
  input: ReadonlyMap<string, OperationInput>,
  sets: ReadonlyMap<string, SetValue>,
  { path, report }: OperationPlace,
): void {
  const used = new Set([...sets.values()].flatMap((set) => (set.kind === 'input' ? [set.name] : [])));
  for (const name of input.keys()) {
    if (used.has(name)) continue;
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'input', name],
      at: 'key',
      message: `No field is set to \`${name}\`.`,
      fix: `Use {input: ${name}} under \`sets\`, or remove it.`,
    });
  }
}

/** A new record has what the model requires, but for the id, which the system gives. */
function requireSets(model: Model, sets: ReadonlyMap<string, SetValue>, { path, report }: OperationPlace): void {
  for (const field of model.fields.values()) {
    if (!field.required || field.type === 'id' || sets.has(field.name)) continue;
    report({
      code: 'manifest_key_missing',
      path: [...path, 'sets', field.name],
      message: `A new ${model.name} needs \`${field.name}\`, which the operation does not set.`,
      fix: `Add \`${field.name}\` under \`sets\`.`,
    });
  }
}

function checkReplacement(
  name: string,
  { deprecated }: Pick<RawOperation, 'deprecated'>,
  { path, names, report }: OperationPlace,
): void {
  const other = typeof deprecated === 'object' ? deprecated.replaced_by : undefined;
  if (other === undefined || (other !== name && names.includes(other))) return;
  report({
    code: 'manifest_reference_invalid',
    path: [...path, 'deprecated', 'replaced_by'],
    message: `There is no other operation \`${other}\` of this model.`,
    fix: 'Name the operation to use instead, or leave `replaced_by` out.',
    suggestions: suggest(
      other,
      names.filter((each) => each !== name),
    ),
  });
}

function buildImpact(raw: RawImpact, model: Model, place: OperationPlace): ImpactExpression {
  if (typeof raw === 'object' && 'sum' in raw)
    return { kind: 'sum', of: raw.sum.map((term) => termOf(term, model, place)) };
  if (typeof raw === 'object' && 'product' in raw) {
    return { kind: 'product', of: raw.product.map((term) => termOf(term, model, place)) };
  }
  return termOf(raw, model, place);
}

function termOf(raw: RawTerm, model: Model, { path, scope, report }: OperationPlace): ImpactTerm {
  if (typeof raw === 'number') return { kind: 'number', value: raw };
  const name = typeof raw === 'string' ? raw : raw.change;
  const at = [...path, 'impact'];
  const field = findField(model, name, { path: at }, scope, report);
  if (field !== null && !['decimal', 'number', 'integer'].includes(field.type)) {
    report({
      code: 'manifest_value_invalid',
      path: at,
      message: `\`${model.name}.${name}\` is ${field.type}, no number.`,
      fix: 'Name a field of type decimal, number or integer.',
    });
  }
  return { kind: typeof raw === 'string' ? 'field' : 'change', field: name };
}
