import { GantryError, isJsonObject, limits, type Json, type JsonObject } from '../kernel/index.ts';
import type { CompareOp, FilterValue } from './ast.ts';

/** The value of a comparison, as far as it can be checked without the field's type. */
export function parseFilterValue(op: CompareOp, value: Json | undefined, where: string): FilterValue {
  if (value === undefined || value === null) return refuse(`"${op}" needs a value.`, where, NULL_FIX);
  if (op === 'in') return parseList(value, where);
  if (op === 'is_null') {
    if (typeof value === 'boolean') return { kind: 'literal', value };
    return refuse('"is_null" takes true or false.', where);
  }
  if (op === 'contains' || op === 'starts_with') {
    if (typeof value === 'string') return { kind: 'literal', value: checkedText(value, where) };
    return refuse(`"${op}" takes a text.`, where);
  }
  if (isJsonObject(value)) return parseRelative(value, where);
  if (Array.isArray(value)) {
    return refuse(`"${op}" takes one value, not a list.`, where, 'Use "in" for several values.');
  }
  return { kind: 'literal', value: scalar(value, where) };
}

function parseList(value: Json, where: string): FilterValue {
  if (!Array.isArray(value) || value.length === 0) {
    return refuse('"in" takes a list with at least one value.', where);
  }
  if (value.length > limits.filterListItemsMax) {
    throw new GantryError('query_too_large', {
      message: `A list has at most ${limits.filterListItemsMax} values; this one has ${value.length}.`,
      where,
    });
  }
  return { kind: 'list', values: value.map((item: Json, index) => scalar(item, `${where}[${index}]`)) };
}

function scalar(value: Json, where: string): boolean | number | string {
  if (typeof value === 'string') return checkedText(value, where);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return refuse('The value is a text, a number, true or false.', where, NULL_FIX);
}

/** PostgreSQL cannot store U+0000 nor half characters, so no record contains them. */
function checkedText(value: string, where: string): string {
  if (!value.includes('\0') && value.isWellFormed()) return value;
  return refuse('The text contains a NUL or half of a surrogate pair, which no record can contain.', where);
}

/** `{"ago": "90d"}`, `{"ahead": "2w"}`. */
function parseRelative(value: JsonObject, where: string): FilterValue {
  const [key, ...rest] = Object.keys(value);
  const text = key === undefined ? undefined : value[key];
  if ((key !== 'ago' && key !== 'ahead') || rest.length > 0 || typeof text !== 'string') {
    return refuse('The value is a plain one or a moment such as {"ago": "90d"} or {"ahead": "2w"}.', where);
  }
  const match = /^(\d{1,5})([hdwmy])$/.exec(text);
  const [, amount, unit] = match ?? [];
  if (amount === undefined || !isUnit(unit)) {
    return refuse(
      'A span is a whole number and one of h, d, w, m, y (hours, days, weeks, months, years).',
      `${where}.${key}`,
      'Write "36h", "90d", "2w", "3m" or "1y".',
    );
  }
  return { kind: 'relative', sign: key === 'ago' ? -1 : 1, amount: Number(amount), unit };
}

const isUnit = (unit: string | undefined): unit is 'h' | 'd' | 'w' | 'm' | 'y' =>
  unit !== undefined && 'hdwmy'.includes(unit);

const NULL_FIX = 'Write {"op": "is_null", "value": true} to ask for missing values.';

function refuse(message: string, where: string, fix?: string): never {
  throw new GantryError('query_value_invalid', { message, where, fix });
}
