import { GantryError, isJsonObject, limits, suggest, type Json, type JsonObject } from '../kernel/index.ts';
import type { CompareOp, Filter, Operand, RelatedMeasure } from './ast.ts';
import { attempt, quoted, spend, type FilterPlace } from './filter-place.ts';
import { measureAt, parseOperand } from './parse-operand.ts';
import { parseFilterValue } from './parse-value.ts';

export const compareOps: readonly CompareOp[] = [
  'eq',
  'ne',
  'in',
  'lt',
  'lte',
  'gt',
  'gte',
  'contains',
  'starts_with',
  'is_null',
];

/**
 * The JSON form of a filter, checked. Three forms, freely nested:
 * - `{"and": [..]}`, `{"or": [..]}`, `{"not": {..}}`
 * - `{"field": "account.name", "op": "eq", "value": "Acme"}`, where `field` may
 *   be a measure: `{"count": "account.tickets", "where": {..}}`
 * - shorthand `{"stage": "won", "amount": {"gt": 1000}}`: all of them hold; a
 *   list means `in`, null means missing. `{}` holds for every record.
 *
 * Names are not looked up here: that depends on who asks. Raises
 * `query_shape_invalid`, `query_op_invalid`, `query_value_invalid` or
 * `query_too_large`, each with the JSON path below `where`.
 */
export function parseFilter(json: Json, options: { readonly where: string }): Filter {
  return parseNode(json, startAt(options.where, null));
}

/** What parseFilter does, but with every mistake that can be told apart, in the order of the text. */
export function checkFilter(
  json: Json,
  options: { readonly where: string },
):
  | { readonly kind: 'ok'; readonly filter: Filter }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly GantryError[] } {
  const mistakes: GantryError[] = [];
  const place = startAt(options.where, mistakes);
  try {
    const filter = parseNode(json, place);
    return mistakes.length === 0 ? { kind: 'ok', filter } : { kind: 'mistakes', mistakes };
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    return { kind: 'mistakes', mistakes: [...mistakes, error] };
  }
}

/** A measure standing alone, as an output column: `{"count": "tickets", "as": "n"}`. `also` names keys that the caller reads itself. */
export function parseMeasure(
  json: JsonObject,
  options: { readonly where: string; readonly also: readonly string[] },
): RelatedMeasure {
  return measureAt(json, startAt(options.where, null), options.also);
}

const startAt = (where: string, mistakes: GantryError[] | null): FilterPlace => ({
  where,
  mistakes,
  depth: 1,
  budget: { nodes: limits.filterNodesMax },
  parse: parseNode,
});

function parseNode(json: Json, place: FilterPlace): Filter {
  spend(place);
  if (!isJsonObject(json)) {
    throw new GantryError('query_shape_invalid', {
      message: `A filter is an object, not ${nameOf(json)}.`,
      where: place.where,
      fix: 'Write {"field": "...", "op": "eq", "value": ...} or {"and": [...]}.',
    });
  }
  if ('field' in json && ('op' in json || isJsonObject(json['field']))) return parseComparison(json, place);
  const parts = Object.entries(json).map(([key, value]) => attempt(place, () => parseEntry(key, value, place)));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', all: parts };
}

function parseEntry(key: string, value: Json, place: FilterPlace): Filter {
  const inner: FilterPlace = { ...place, where: `${place.where}.${key}`, depth: place.depth + 1 };
  if (key === 'not') return { kind: 'not', not: parseNode(value, inner) };
  if (key === 'and') return { kind: 'and', all: parseList(key, value, inner) };
  if (key === 'or') return { kind: 'or', any: parseList(key, value, inner) };
  return parseShorthand(key, value, inner);
}

function parseList(key: string, value: Json, place: FilterPlace): Filter[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new GantryError('query_shape_invalid', {
      message: `"${key}" takes a list with at least one filter.`,
      where: place.where,
      fix: `Write {"${key}": [{...}, {...}]}.`,
    });
  }
  return value.map((item, index) =>
    attempt(place, () => parseNode(item, { ...place, where: `${place.where}[${index}]` })),
  );
}

function parseComparison(json: JsonObject, place: FilterPlace): Filter {
  for (const key of Object.keys(json)) {
    if (key === 'field' || key === 'op' || key === 'value') continue;
    throw new GantryError('query_shape_invalid', {
      message: `A comparison has "field", "op" and "value", not ${quoted(key)}.`,
      where: `${place.where}.${key}`,
      suggestions: suggest(key, ['field', 'op', 'value']),
    });
  }
  const operand = parseOperand(json['field'] ?? null, { ...place, where: `${place.where}.field` });
  const at = { op: `${place.where}.op`, value: `${place.where}.value` };
  return compare(operand, json['op'] ?? null, json['value'], at);
}

/** Where operator and value stand in what the caller wrote. */
interface ComparisonPlaces {
  readonly op: string;
  readonly value: string;
}

/** `{"stage": "won"}`, `{"amount": {"gt": 1, "lt": 9}}`. */
function parseShorthand(path: string, value: Json, place: FilterPlace): Filter {
  const operand = parseOperand(path, place);
  if (isJsonObject(value) && !('ago' in value) && !('ahead' in value)) {
    const parts = Object.entries(value).map(([op, item]) => {
      spend(place);
      const at = `${place.where}.${op}`;
      return attempt(place, () => compare(operand, op, item, { op: at, value: at }));
    });
    if (parts.length === 0) {
      throw new GantryError('query_shape_invalid', {
        message: `${quoted(path)} has no operator.`,
        where: place.where,
        allowed: compareOps,
      });
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', all: parts };
  }
  return compare(operand, Array.isArray(value) ? 'in' : 'eq', value, { op: place.where, value: place.where });
}

function compare(operand: Operand, opJson: Json, value: Json | undefined, at: ComparisonPlaces): Filter {
  const op = compareOps.find((name) => name === opJson);
  if (op === undefined) {
    const text = typeof opJson === 'string' ? opJson : '';
    throw new GantryError('query_op_invalid', {
      message: `There is no operator ${quoted(opJson)}.`,
      where: at.op,
      suggestions: spellings.get(text.toLowerCase()) ?? suggest(text, compareOps),
      allowed: compareOps,
    });
  }
  // What people mean by "equals null"; every other operator needs a value.
  if (value === null && (op === 'eq' || op === 'ne')) {
    return { kind: 'compare', operand, op: 'is_null', value: { kind: 'literal', value: op === 'eq' } };
  }
  return { kind: 'compare', operand, op, value: parseFilterValue(op, value, at.value) };
}

/** How other languages spell our operators. */
const spellings: ReadonlyMap<string, readonly string[]> = new Map([
  ['=', ['eq']],
  ['==', ['eq']],
  ['equal', ['eq']],
  ['equals', ['eq']],
  ['is', ['eq', 'is_null']],
  ['!=', ['ne']],
  ['<>', ['ne']],
  ['neq', ['ne']],
  ['not', ['ne']],
  ['not_eq', ['ne']],
  ['not_equal', ['ne']],
  ['not_equals', ['ne']],
  ['<', ['lt']],
  ['<=', ['lte']],
  ['>', ['gt']],
  ['>=', ['gte']],
  ['ge', ['gte']],
  ['le', ['lte']],
  ['like', ['contains', 'starts_with']],
  ['ilike', ['contains', 'starts_with']],
  ['between', ['gte', 'lte']],
  ['not_in', ['in']],
  ['isnull', ['is_null']],
  ['exists', ['is_null']],
]);

function nameOf(json: Json): string {
  if (json === null) return 'null';
  return Array.isArray(json) ? 'a list' : `a ${typeof json}`;
}
