import { suggest, type GantryError, type Json } from '../kernel/index.ts';
import { checkFilter, type Comparison, type Filter, type Operand } from '../filter/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { locateInForm } from './locate-in-form.ts';
import type { Scope } from './scope.ts';
import type { Model, ModelField } from './types.ts';

/** A filter over native fields of one object. Which fields there are is known per tenant only. */
export function nativeFilter(form: object, path: DocumentPath, report: Reporter): Filter | null {
  const filter = readFilter(form, path, report);
  if (filter === null) return null;
  for (const { operand, value } of comparisons(filter)) {
    const said = operandText(operand);
    if (operand.kind === 'measure' || operand.path.includes('.')) {
      invalid(`\`${said}\` crosses to other records.`, 'Use fields of this native object only.', path, report);
    } else if (value.kind === 'relative') {
      invalid(`\`${said}\` is compared with a moment that moves.`, 'Write a fixed date.', path, report);
    }
  }
  return filter;
}

/** A row filter over a native object: its fields and references are known per tenant only. */
export const nativeRowFilter = (
  form: object,
  { path, report }: { readonly path: DocumentPath; readonly report: Reporter },
): Filter | null => readFilter(form, path, report);

/** A row filter over a model; every path and value is resolved. */
export function modelFilter(
  form: object,
  model: Model,
  place: { readonly path: DocumentPath; readonly report: Reporter },
  scope: Scope,
): Filter | null {
  const { path, report } = place;
  const filter = readFilter(form, path, report);
  if (filter !== null) checkOver(filter, model, { path, report, scope });
  return filter;
}

/** Where names are judged: all of them belong to the text at `path`. */
export interface FilterPlace {
  readonly path: DocumentPath;
  readonly report: Reporter;
  readonly scope: Scope;
  /** Texts that stand for what a caller will give: any value fits them. */
  readonly samples?: ReadonlySet<string>;
}

export function checkOver(filter: Filter, model: Model, place: FilterPlace): void {
  for (const comparison of comparisons(filter)) {
    const { operand } = comparison;
    if (operand.kind === 'path') {
      const field = resolvePath(operand.path.split('.'), model, place);
      if (field !== null) checkValues(field, comparison, place);
      continue;
    }
    const steps = operand.relation.split('.');
    const many = steps.pop() ?? '';
    const owner = steps.length === 0 ? model : follow(steps, model, place);
    if (owner === null) continue;
    const relation = owner.many.get(many);
    if (relation === undefined) {
      unknownName(many, `Model \`${owner.name}\` has no to-many relation \`${many}\`.`, owner.many.keys(), place);
      continue;
    }
    const target = place.scope.models.get(relation.model);
    if (target === undefined) continue;
    if (operand.field !== null) resolvePath([operand.field], target, place);
    if (operand.where !== null) checkOver(operand.where, target, place);
  }
}

/** The field at the end of a path over to-one relations; null after reporting that there is none. */
export function resolvePath(steps: readonly string[], model: Model, place: FilterPlace): ModelField | null {
  const owner = steps.length === 1 ? model : follow(steps.slice(0, -1), model, place);
  if (owner === null) return null;
  const name = steps.at(-1) ?? '';
  const field = owner.fields.get(name) ?? null;
  if (field === null && !place.scope.broken.has(`${owner.name}.${name}`)) {
    unknownName(name, `Model \`${owner.name}\` has no field \`${name}\`.`, owner.fields.keys(), place);
  }
  return field;
}

/** The model at the end of to-one relations. */
export function follow(steps: readonly string[], model: Model, place: FilterPlace): Model | null {
  let at = model;
  for (const step of steps) {
    const field = at.fields.get(step);
    if (field === undefined || field.reference === null) {
      if (place.scope.broken.has(`${at.name}.${step}`)) return null;
      const references = [...at.fields.values()].filter((each) => each.reference !== null).map((each) => each.name);
      unknownName(step, `\`${at.name}.${step}\` is no reference that a path can cross.`, references, place);
      return null;
    }
    const next = place.scope.models.get(field.reference.to);
    if (next === undefined) return null;
    at = next;
  }
  return at;
}

function checkValues(field: ModelField, { value }: Comparison, place: FilterPlace): void {
  if (field.values === null) return;
  const written = value.kind === 'list' ? value.values : value.kind === 'literal' ? [value.value] : [];
  for (const each of written) {
    if (typeof each !== 'string' || field.values.includes(each) || place.samples?.has(each) === true) continue;
    place.report({
      code: 'manifest_enum_value_unknown',
      path: place.path,
      message: `\`${each}\` is not a value of \`${field.name}\`.`,
      fix: `Use one of: ${field.values.join(', ')}.`,
      suggestions: suggest(each, field.values),
    });
  }
}

export function unknownName(
  name: string,
  message: string,
  known: Iterable<string>,
  { path, report }: FilterPlace,
): void {
  report({
    code: 'manifest_field_unknown',
    path,
    message,
    fix: 'Correct the name in the filter.',
    suggestions: suggest(name, known),
  });
}

/** A filter in its form, with each mistake reported where it stands. */
export function readFilter(form: object, path: DocumentPath, report: Reporter): Filter | null {
  const checked = checkFilter(form as Json, { where: '' });
  if (checked.kind === 'ok') return checked.filter;
  for (const mistake of checked.mistakes) reportMistake(mistake, { form: form as Json, path, report });
  return null;
}

function reportMistake(
  mistake: GantryError,
  place: { readonly form: Json; readonly path: DocumentPath; readonly report: Reporter },
): void {
  const { where = '', suggestions, allowed } = mistake.details;
  const within = locateInForm(place.form, where);
  const isValue = within.length === 0 || mistake.code === 'query_value_invalid' || where.endsWith('.op');
  place.report({
    code: 'manifest_filter_invalid',
    path: [...place.path, ...within],
    at: isValue ? 'value' : 'key',
    message: mistake.message,
    fix: allowed === undefined ? mistake.toBody().fix : `Use one of: ${allowed.map(plainText).join(', ')}.`,
    suggestions: suggestions ?? [],
  });
}

const plainText = (json: Json): string => (typeof json === 'string' ? json : JSON.stringify(json));

function invalid(message: string, fix: string, path: DocumentPath, report: Reporter): void {
  report({ code: 'manifest_filter_invalid', path, message, fix });
}

/** Every comparison in a filter, those of measures' own filters not included. */
export function comparisons(filter: Filter): Comparison[] {
  switch (filter.kind) {
    case 'and':
      return filter.all.flatMap(comparisons);
    case 'or':
      return filter.any.flatMap(comparisons);
    case 'not':
      return comparisons(filter.not);
    case 'compare':
      return [filter];
  }
}

const operandText = (operand: Operand): string => (operand.kind === 'path' ? operand.path : operand.relation);
