import type { FieldDef, FieldType } from './field.ts';

type More = Partial<Omit<FieldDef, 'name' | 'type' | 'string'>>;

/** A field of a type; `string` is its label. */
export function field(name: string, type: FieldType, string: string, more: More = {}): FieldDef {
  return { name, type, string, ...more };
}

export function many2one(name: string, string: string, relation: string, more: More = {}): FieldDef {
  return { name, type: 'many2one', string, relation, ...more };
}

export function one2many(name: string, string: string, relation: string, relationField: string): FieldDef {
  return { name, type: 'one2many', string, relation, relationField };
}

export function many2many(name: string, string: string, relation: string, more: More = {}): FieldDef {
  return { name, type: 'many2many', string, relation, ...more };
}

export function selection(
  name: string,
  string: string,
  choices: Readonly<Record<string, string>>,
  more: More = {},
): FieldDef {
  return { name, type: 'selection', string, selection: Object.entries(choices), ...more };
}

export function monetary(name: string, string: string, currencyField: string, more: More = {}): FieldDef {
  return { name, type: 'monetary', string, currencyField, ...more };
}

/** Copied from another record whenever somebody asks. */
export function related(def: FieldDef, path: string): FieldDef {
  return { ...def, related: path, store: false, readonly: true };
}

/** Made in Studio, whose names begin with `x_`. */
export function studio(def: FieldDef): FieldDef {
  return { ...def, manual: true };
}

export const active = field('active', 'boolean', 'Active', { default: true });
