import type { FieldType } from '../schema/index.ts';
import type { DocumentPath, Reporter } from './document.ts';
import { findField, findModel, type Scope } from './scope.ts';
import type { MatchKey, Model, ModelField } from './types.ts';

/** Labels, references, to-many relations and replacements of one model, against all models. */
export function checkModel(model: Model, scope: Scope, report: Reporter): void {
  if (model.label !== null) findField(model, model.label, { path: ['label'] }, scope, report);
  for (const field of model.fields.values()) {
    checkReference(model, field, ['fields', field.name], scope, report);
    checkReplacement(model, field, scope, report);
    checkCurrencyField(model, field, ['fields', field.name, 'currency_field'], scope, report);
  }
  checkMatchKeys(model, scope, report);
  checkModelReplacement(model, scope, report);
  for (const relation of model.many.values()) {
    const path = ['many', relation.name];
    const target = findModel(relation.model, [...path, 'model'], scope, report);
    if (target === null) continue;
    const via = findField(target, relation.via, { path: [...path, 'via'] }, scope, report);
    if (via === null || via.reference?.to === model.name) continue;
    // A reference that leads nowhere is reported where it stands.
    if (via.reference !== null && !scope.models.has(via.reference.to)) continue;
    report({
      code: 'manifest_reference_invalid',
      path: [...path, 'via'],
      message: `\`${target.name}.${via.name}\` is no reference to \`${model.name}\`.`,
      fix: `Name a field of ${target.name} with \`type: reference\` and \`to: ${model.name}\`.`,
      suggestions: [...target.fields.values()]
        .filter((field) => field.reference?.to === model.name)
        .map((field) => field.name),
    });
  }
}

/** `path`: the field's block. */
export function checkReference(
  model: Model,
  field: ModelField,
  path: DocumentPath,
  scope: Scope,
  report: Reporter,
): void {
  if (field.reference === null) return;
  const target = findModel(field.reference.to, [...path, 'to'], scope, report);
  if (target === null) return;
  const key = findField(target, field.reference.on, { path: [...path, 'on'] }, scope, report);
  if (key === null) return;
  if (key.type === 'multi_enum' || key.type === 'json' || key.type === 'text') {
    report({
      code: 'manifest_reference_invalid',
      path: [...path, 'on'],
      message: `\`${target.name}.${key.name}\` is of type ${key.type}, which cannot be a key.`,
      fix: 'Refer to a field of type id, string, integer or reference.',
    });
  }
  // A reference takes its values from the key it points to, which may be a reference itself, but not in a circle.
  const chain = chainFrom(model.name, field, scope);
  if (chain === null) return;
  report({
    code: 'manifest_reference_cycle',
    path: [...path, 'on'],
    message: `The reference leads back to itself: ${chain.join(' -> ')}.`,
    fix: 'Let one of them refer to a field that is no reference, such as the id.',
  });
}

/** Types whose values can be told apart at all, by the form in which they are compared. */
export const matchTypes: Readonly<Record<MatchKey['as'], readonly FieldType[]>> = {
  exact: ['id', 'string', 'integer', 'reference', 'enum', 'date'],
  email: ['string', 'id'],
  domain: ['string', 'id'],
};

function checkMatchKeys(model: Model, scope: Scope, report: Reporter): void {
  for (const [index, key] of model.match.entries()) {
    const path = ['match', index];
    const field = findField(model, key.field, { path }, scope, report);
    if (field === null) continue;
    if (model.match.findIndex((each) => each.field === key.field && each.as === key.as) !== index) {
      report({
        code: 'manifest_name_duplicate',
        path,
        message: `\`${key.field}\` as ${key.as} stands twice among the keys.`,
        fix: 'Remove one of the two.',
      });
    }
    if (matchTypes[key.as].includes(field.type)) continue;
    report({
      code: 'manifest_reference_invalid',
      path,
      message: `\`${model.name}.${field.name}\` is of type ${field.type}, which cannot be matched as ${key.as}.`,
      fix: `Name a field of type ${matchTypes[key.as].join(', ')}.`,
      suggestions: [...model.fields.values()]
        .filter((each) => each.name !== field.name && each.type === 'id' && key.as === 'exact')
        .map((each) => each.name),
    });
  }
}

/** The field that holds each record's own currency has to hold texts. `path`: where it is named. */
export function checkCurrencyField(
  model: Model,
  field: ModelField,
  path: DocumentPath,
  scope: Scope,
  report: Reporter,
): void {
  if (field.currencyField === null) return;
  const holder = findField(model, field.currencyField, { path }, scope, report);
  if (holder === null || holder.type === 'string' || holder.type === 'enum') return;
  report({
    code: 'manifest_reference_invalid',
    path,
    message: `\`${model.name}.${holder.name}\` is of type ${holder.type}, and holds no ISO 4217 codes.`,
    fix: 'Name a field of type string or enum.',
    suggestions: [...model.fields.values()].filter((each) => /currency/.test(each.name)).map((each) => each.name),
  });
}

function checkModelReplacement(model: Model, scope: Scope, report: Reporter): void {
  const replacedBy = model.deprecated?.replacedBy ?? null;
  if (replacedBy === null) return;
  const path = ['deprecated', 'replaced_by'];
  if (findModel(replacedBy, path, scope, report) === null || replacedBy !== model.name) return;
  report({
    code: 'manifest_reference_cycle',
    path,
    message: `\`${model.name}\` cannot replace itself.`,
    fix: 'Name a model that stays.',
  });
}

/** The circle that starts at `field`, or null where the chain of keys ends. */
function chainFrom(model: string, field: ModelField, scope: Scope): string[] | null {
  const start = `${model}.${field.name}`;
  const chain = [start];
  let current: ModelField | undefined = field;
  while (current?.reference) {
    const next: string = `${current.reference.to}.${current.reference.on}`;
    if (next === start) return [...chain, start];
    if (chain.includes(next)) return null;
    chain.push(next);
    current = scope.models.get(current.reference.to)?.fields.get(current.reference.on);
  }
  return null;
}

function checkReplacement(model: Model, field: ModelField, scope: Scope, report: Reporter): void {
  const replacedBy = field.deprecated?.replacedBy ?? null;
  if (replacedBy === null) return;
  const path = ['fields', field.name, 'deprecated', 'replaced_by'];
  if (findField(model, replacedBy, { path }, scope, report) === null) return;
  const seen = [field.name];
  let next: string | null = replacedBy;
  while (next !== null && !seen.includes(next)) {
    seen.push(next);
    next = model.fields.get(next)?.deprecated?.replacedBy ?? null;
  }
  if (next !== field.name) return;
  report({
    code: 'manifest_reference_cycle',
    path,
    message: `The replacement leads back to itself: ${[...seen, next].join(' -> ')}.`,
    fix: 'Name a field that stays.',
  });
}
