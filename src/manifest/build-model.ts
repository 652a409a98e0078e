import type { Shaped } from './check-shape.ts';
import type { DocumentPath, Reporter } from './document.ts';
import type { RawDeprecated } from './shapes/deprecated-shape.ts';
import type { RawField, RawModel } from './shapes/model-shape.ts';
import type { Deprecation, ManyRelation, Model, ModelField } from './types.ts';

/** A model as far as its own file tells; what leads to other models is checked by check-models.ts. */
export function buildModel(
  { document, raw, isBroken }: Shaped<RawModel>,
  name: string,
  report: Reporter,
): Model | null {
  if (raw === null) return null;
  const fields = new Map<string, ModelField>();
  for (const [fieldName, form] of Object.entries(raw.fields)) {
    const block: RawField = typeof form === 'string' ? { type: form } : form;
    const path = ['fields', fieldName];
    if (typeof form !== 'string') checkField(path, block, isBroken, report);
    fields.set(fieldName, modelField(fieldName, block, document.mark(path, 'key')));
  }
  const many = new Map<string, ManyRelation>();
  for (const [relation, { model, via }] of Object.entries(raw.many ?? {})) {
    const path = ['many', relation];
    if (fields.has(relation)) {
      report({
        code: 'manifest_name_duplicate',
        path,
        at: 'key',
        message: `\`${relation}\` is a field of this model too.`,
        fix: 'Rename the relation or the field.',
      });
    }
    many.set(relation, { name: relation, model, via, at: document.mark(path, 'key') });
  }
  return {
    name,
    title: raw.title ?? humanise(name),
    why: raw.why ?? null,
    label: raw.label ?? null,
    match: (raw.match ?? []).map((key, index) => ({
      field: typeof key === 'string' ? key : key.field,
      as: typeof key === 'string' ? 'exact' : (key.as ?? 'exact'),
      at: document.mark(['match', index]),
    })),
    fields,
    many,
    deprecated: deprecation(raw.deprecated),
    at: document.mark(['model']),
  };
}

export function modelField(name: string, block: RawField, at: ModelField['at']): ModelField {
  return {
    name,
    type: block.type,
    title: block.title ?? humanise(name),
    why: block.why ?? null,
    values: block.values ?? null,
    reference: block.to === undefined || block.on === undefined ? null : { to: block.to, on: block.on },
    currency: block.currency ?? null,
    currencyField: block.currency_field ?? null,
    required: block.required ?? false,
    sensitive: block.sensitive ?? false,
    deprecated: deprecation(block.deprecated),
    at,
  };
}

export function deprecation(form: RawDeprecated | undefined): Deprecation | null {
  if (form === undefined || form === false) return null;
  const { replaced_by = null, sunset = null } = form === true ? {} : form;
  return { replacedBy: replaced_by, sunset };
}

/** What a field's own block tells: keys that its type needs, and those that it has no use for. */
export function checkField(
  path: DocumentPath,
  block: RawField,
  isBroken: (path: DocumentPath) => boolean,
  report: Reporter,
): void {
  const isEnum = block.type === 'enum' || block.type === 'multi_enum';
  const needs = (key: 'values' | 'to' | 'on', what: string): void => {
    if (block[key] !== undefined || isBroken([...path, key])) return;
    report({
      code: 'manifest_key_missing',
      path: [...path, key],
      message: `A field of type ${block.type} needs \`${key}\`.`,
      fix: `Add \`${key}\`: ${what}.`,
    });
  };
  const only = (key: 'values' | 'to' | 'on' | 'currency' | 'currency_field', types: string): void => {
    if (block[key] === undefined) return;
    report({
      code: 'manifest_key_unknown',
      path: [...path, key],
      at: 'key',
      message: `\`${key}\` is for fields of type ${types}; this one is ${block.type}.`,
      fix: `Remove \`${key}\`, or change the type.`,
    });
  };
  if (isBroken([...path, 'type'])) return;
  if (isEnum) needs('values', 'the list of allowed values');
  else only('values', 'enum or multi_enum');
  if (block.type === 'reference') {
    needs('to', 'the model that it leads to');
    needs('on', 'the field of that model which the value equals');
  } else {
    only('to', 'reference');
    only('on', 'reference');
  }
  if (block.type !== 'decimal') {
    only('currency', 'decimal');
    only('currency_field', 'decimal');
  } else if (block.currency !== undefined && block.currency_field !== undefined) {
    report({
      code: 'manifest_value_invalid',
      path: [...path, 'currency_field'],
      at: 'key',
      message: '`currency` and `currency_field` contradict each other: an amount has one currency.',
      fix: 'Keep `currency` where it is always the same, `currency_field` where each record says its own.',
    });
  }
  const seen = new Set<string>();
  for (const [index, value] of (block.values ?? []).entries()) {
    if (seen.has(value)) {
      report({
        code: 'manifest_name_duplicate',
        path: [...path, 'values', index],
        message: `\`${value}\` stands twice among the values.`,
        fix: 'Remove one of the two.',
      });
    }
    seen.add(value);
  }
}

/** `close_date` to `Close date`. */
export function humanise(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
