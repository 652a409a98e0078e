import type { FieldType } from '../schema/index.ts';
import type { DuckType } from './catalogue.ts';

/** What a value is while it is mapped: the field types, without the differences that only people see. */
export type Kind =
  'text' | 'boolean' | 'integer' | 'number' | 'decimal' | 'date' | 'datetime' | 'time' | 'list' | 'json';

export function kindOf(type: FieldType): Kind {
  switch (type) {
    case 'id':
    case 'string':
    case 'text':
    case 'enum':
    case 'reference':
      return 'text';
    case 'multi_enum':
      return 'list';
    case 'boolean':
    case 'integer':
    case 'number':
    case 'decimal':
    case 'date':
    case 'datetime':
    case 'time':
    case 'json':
      return type;
  }
}

/**
 * Column type of a field. A stored decimal is a JSON number, exact to at most
 * 16 digits, so 18 digits hold every one of them in 64 bits; beyond 15 digits
 * after the point nothing is exact and DOUBLE says so.
 */
export function duckTypeOf(type: FieldType, scale: number | null): DuckType {
  switch (kindOf(type)) {
    case 'text':
      return 'VARCHAR';
    case 'boolean':
      return 'BOOLEAN';
    case 'integer':
      return 'BIGINT';
    case 'number':
      return 'DOUBLE';
    case 'decimal':
      return decimalType(scale ?? decimalScaleDefault);
    case 'date':
      return 'DATE';
    case 'datetime':
      return 'TIMESTAMP';
    case 'time':
      return 'TIME';
    case 'list':
      return 'VARCHAR[]';
    case 'json':
      return 'JSON';
  }
}

/** Where nobody says how many digits a decimal has after the point. */
export const decimalScaleDefault = 2;
export const decimalScaleMax = 15;
export const decimalDigits = 18;

const decimalType = (scale: number): DuckType =>
  scale > decimalScaleMax ? 'DOUBLE' : `DECIMAL(${decimalDigits},${Math.max(0, scale)})`;
