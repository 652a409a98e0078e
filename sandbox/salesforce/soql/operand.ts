import { isFilterable, type FieldDef, type FieldType, type Value } from '../schema/field.ts';
import type { Literal } from './ast.ts';
import { namedRange, type TimeRange } from './named-dates.ts';
import { SoqlError } from './soql-error.ts';

export type Comparable = string | number | boolean | null;

/** A literal in the form in which its field is compared. */
export type Operand =
  | { readonly kind: 'value'; readonly value: Comparable }
  | ({ readonly kind: 'range' } & { readonly from: Comparable; readonly to: Comparable });

type Sort = 'text' | 'id' | 'number' | 'boolean' | 'date' | 'datetime' | 'time';

const SORTS: Partial<Record<FieldType, Sort>> = {
  id: 'id',
  reference: 'id',
  int: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  time: 'time',
};

export function sortOf(type: FieldType): Sort {
  return SORTS[type] ?? 'text';
}

/** A field's value in the form in which it is compared: text without case, ids by their 15 characters. */
export function comparable(def: FieldDef, value: Value): Comparable {
  if (value === null || typeof value === 'object' || value === '') return null;
  if (typeof value !== 'string') return value;
  const sort = sortOf(def.type);
  if (sort === 'id') return value.slice(0, 15);
  return sort === 'text' ? value.toLowerCase() : value;
}

/** Checks that the literal fits the field, as the platform does. Throws SoqlError. */
export function operand(def: FieldDef, literal: Literal, text: string, nowMs: number): Operand {
  const fail = (code: string, message: string): never => {
    throw new SoqlError(code, text, literal.at, message);
  };
  if (!isFilterable(def)) fail('INVALID_FIELD', `field '${def.name}' can not be filtered in a query call`);
  if (literal.kind === 'null') return { kind: 'value', value: null };
  const sort = sortOf(def.type);
  const wrong = (): never => {
    const shown = sort === 'datetime' ? 'dateTime' : sort === 'number' ? 'double' : sort === 'id' ? 'string' : sort;
    const quotes =
      sort === 'text' || sort === 'id' ? 'should be enclosed in quotes' : 'should not be enclosed in quotes';
    return fail(
      'INVALID_FIELD',
      `value of filter criterion for field '${def.name}' must be of type ${shown === 'text' ? 'string' : shown} and ${quotes}`,
    );
  };
  switch (sort) {
    case 'text':
      return { kind: 'value', value: literal.kind === 'text' ? literal.value.toLowerCase() || null : wrong() };
    case 'id': {
      const id = literal.kind === 'text' ? literal.value : wrong();
      if (id === '') return { kind: 'value', value: null };
      if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id))
        fail('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${id}`);
      return { kind: 'value', value: id.slice(0, 15) };
    }
    case 'number':
      return { kind: 'value', value: literal.kind === 'number' ? literal.value : wrong() };
    case 'boolean':
      return { kind: 'value', value: literal.kind === 'boolean' ? literal.value : wrong() };
    case 'date':
      if (literal.kind === 'named-date') return dayRange(namedRange(literal.name, literal.count, nowMs));
      return { kind: 'value', value: literal.kind === 'date' ? literal.value : wrong() };
    case 'datetime':
      if (literal.kind === 'named-date') return { kind: 'range', ...namedRange(literal.name, literal.count, nowMs) };
      return { kind: 'value', value: literal.kind === 'datetime' ? literal.value : wrong() };
    case 'time':
      return { kind: 'value', value: literal.kind === 'text' ? literal.value : wrong() };
  }
}

function dayRange(range: TimeRange): Operand {
  return { kind: 'range', from: dayOf(range.from), to: dayOf(range.to) };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
