import type { FieldType } from '../schema/index.ts';
import type { CatalogueField, CatalogueObject } from '../mapping/index.ts';

/**
 * The fields of an object, most telling first. A model's author lists them in
 * that order; a provider lists them in any, so there the type decides. The
 * label always leads; long text, nested data and retired fields come last.
 */
export function tellingFields(object: CatalogueObject): CatalogueField[] {
  const label = labelOf(object);
  const weight = (field: CatalogueField): number => {
    if (field.name === label) return 0;
    if (field.deprecated !== null) return 9;
    if (field.type === 'json' || field.type === 'text') return 8;
    return object.kind === 'model' ? (field.type === 'id' ? 2 : 1) : typeWeights[field.type];
  };
  return [...object.fields.values()]
    .map((field, index) => ({ field, index, weight: weight(field) }))
    .toSorted((a, b) => a.weight - b.weight || a.index - b.index)
    .map((entry) => entry.field);
}

/** The field that names a record to people, guessed where nobody said. */
export function labelOf(object: CatalogueObject): string | null {
  if (object.label !== null) return object.label;
  const names = [...object.fields.values()].filter((field) => field.type === 'string').map((field) => field.name);
  return names.find((name) => ['name', 'subject', 'title'].includes(name.toLowerCase())) ?? null;
}

const typeWeights: Readonly<Record<FieldType, number>> = {
  enum: 1,
  decimal: 2,
  date: 2,
  datetime: 3,
  string: 4,
  reference: 4,
  multi_enum: 5,
  integer: 5,
  number: 5,
  boolean: 6,
  time: 6,
  id: 7,
  text: 8,
  json: 8,
};
