import { isJsonObject, limits, suggest, type Json, type JsonObject } from '../../kernel/index.ts';
import { checkCast } from './check-cast.ts';
import {
  addingFunctions,
  aggregateFunctions,
  columnLikeFunctions,
  countingFunctions,
  functionNames,
  isAllowedFunction,
  isCombining,
  kindFrom,
  likeFunctions,
  mustBeConstant,
  windowFunctions,
} from './functions.ts';
import { pinsOfCondition, pinsOfGroups, requireComparable, requireOneCurrency, withPins } from './currencies.ts';
import type { ExpressionPlace } from './expression-place.ts';
import { callGrowth, literalGrowth, literalText } from './growth.ts';
import { isUnused, known, listOf, namesIn, refused, spendNode, sqlError, textOf, type Statement } from './nodes.ts';
import { mostGrowth, pinnedFacts, plainFacts, resolveColumn, union, type Facts } from './scope.ts';

/** Checks one expression by lists: what is not known is refused. */
export function checkExpression(node: Json | undefined, place: ExpressionPlace): Facts {
  spendNode(place.statement, place.depth, node);
  const kind = isJsonObject(node) ? textOf(node, 'class') : '';
  const check = checks[kind];
  if (check === undefined) throw refused(place.statement, node, plainNames[kind] ?? `"${kind}"`);
  return check(node, place);
}

type Check = (node: Json | undefined, place: ExpressionPlace) => Facts;

const checks: { readonly [kind: string]: Check } = {
  COLUMN_REF: checkColumn,
  CONSTANT: checkConstant,
  FUNCTION: checkFunction,
  WINDOW: checkWindow,
  COMPARISON: (node, place) => comparison(node, place, ['left', 'right'], comparisonTypes),
  BETWEEN: (node, place) =>
    comparison(node, place, ['input', 'lower', 'upper'], ['COMPARE_BETWEEN', 'COMPARE_NOT_BETWEEN']),
  CONJUNCTION: (node, place) => operator(node, place, ['CONJUNCTION_AND', 'CONJUNCTION_OR']),
  OPERATOR: (node, place) => operator(node, place, operatorTypes),
  CASE: checkCase,
  CAST: (node, place) => {
    const cast = known(place.statement, node, 'child cast_type try_cast');
    return checkCast(place.statement, cast, within(cast['child'], place));
  },
  SUBQUERY: checkSubquery,
};

const plainNames: { readonly [kind: string]: string } = {
  PARAMETER: 'A parameter',
  LAMBDA: 'A lambda or "->"',
  STAR: '* outside the select list',
  POSITIONAL_REFERENCE: 'A column by position (#1)',
  COLLATE: 'COLLATE',
};

const comparisonTypes = [
  'COMPARE_EQUAL',
  'COMPARE_NOTEQUAL',
  'COMPARE_LESSTHAN',
  'COMPARE_GREATERTHAN',
  'COMPARE_LESSTHANOREQUALTO',
  'COMPARE_GREATERTHANOREQUALTO',
  'COMPARE_DISTINCT_FROM',
  'COMPARE_NOT_DISTINCT_FROM',
];

const operatorTypes = [
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_COALESCE',
  'OPERATOR_NULLIF',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
  'GROUPING_FUNCTION',
  'ARRAY_EXTRACT',
];

const within = (node: Json | undefined, place: ExpressionPlace): Facts =>
  checkExpression(node, { ...place, depth: place.depth + 1 });

const all = (nodes: readonly Json[], place: ExpressionPlace): Facts[] => nodes.map((node) => within(node, place));

function checkColumn(node: Json | undefined, { statement, scope }: ExpressionPlace): Facts {
  const column = known(statement, node, 'column_names');
  const parts = namesIn(column, 'column_names');
  const [only = ''] = parts;
  if (parts.length > 1 || !columnLikeFunctions.has(only.toLowerCase())) {
    return pinnedFacts(scope, resolveColumn(statement, scope, column, parts));
  }
  return { ...plainFacts, constant: true };
}

const constantTypes = ['BOOLEAN', 'INTEGER', 'BIGINT', 'HUGEINT', 'UHUGEINT', 'DECIMAL', 'DOUBLE', 'VARCHAR', 'NULL'];

function checkConstant(node: Json | undefined, { statement }: ExpressionPlace): Facts {
  const constant = known(statement, node, 'value');
  const value = known(statement, constant['value'], 'type is_null value');
  const type = isJsonObject(value['type']) ? textOf(value['type'], 'id') : '';
  if (!constantTypes.includes(type)) throw refused(statement, node, `A literal of type ${type}`);
  return { ...plainFacts, constant: true, growth: literalGrowth(value['value'] ?? null) };
}

function checkFunction(node: Json | undefined, place: ExpressionPlace): Facts {
  const { statement } = place;
  const call = known(
    statement,
    node,
    'function_name schema children filter order_bys distinct is_operator export_state catalog',
  );
  const name = allowedName(statement, call, isAllowedFunction);
  if (!isUnused(call['export_state'])) throw refused(statement, node, 'EXPORT_STATE');
  const facts = all(listOf(call, 'children'), place);
  checkArguments(statement, call, name, facts);
  if (!isUnused(call['filter'])) within(call['filter'], place);
  const filtered = withPins(place, pinsOfCondition(call['filter'], place));
  if (call['order_bys'] !== undefined) checkOrders(call['order_bys'], filtered);
  return resultOf(filtered, call, name, facts);
}

function checkWindow(node: Json | undefined, place: ExpressionPlace): Facts {
  const { statement } = place;
  const call = known(
    statement,
    node,
    'function_name schema catalog children partitions orders start end start_expr end_expr offset_expr default_expr ignore_nulls filter_expr exclude_clause distinct arg_orders',
  );
  const name = allowedName(statement, call, (word) => windowFunctions.has(word) || aggregateFunctions.has(word));
  const facts = all(listOf(call, 'children'), place);
  checkArguments(statement, call, name, facts);
  all(listOf(call, 'partitions'), place);
  const parted = withPins(place, pinsOfGroups(listOf(call, 'partitions'), place, ''));
  const filtered = withPins(parted, pinsOfCondition(call['filter_expr'], place));
  for (const key of ['orders', 'arg_orders']) checkOrderList(listOf(call, key), filtered);
  for (const key of ['start_expr', 'end_expr', 'offset_expr']) {
    if (isUnused(call[key])) continue;
    if (!within(call[key], place).constant) throw refused(statement, node, 'A window frame or offset that is computed');
  }
  for (const key of ['default_expr', 'filter_expr']) if (!isUnused(call[key])) within(call[key], place);
  return resultOf(filtered, call, name, facts);
}

function allowedName(statement: Statement, call: JsonObject, isAllowed: (name: string) => boolean): string {
  const name = textOf(call, 'function_name').toLowerCase();
  const schema = textOf(call, 'schema');
  if (isAllowed(name) && (schema === '' || schema === 'main') && isUnused(call['catalog'])) return name;
  throw sqlError(statement, call, {
    code: 'sql_function_refused',
    message: `The function "${name.slice(0, 60)}" is not available here.`,
    suggestions: suggest(name, functionNames()),
  });
}

function checkArguments(statement: Statement, call: JsonObject, name: string, facts: readonly Facts[]): void {
  const children = listOf(call, 'children');
  facts.forEach((fact, position) => {
    if (!mustBeConstant(name, position)) return;
    const child = children[position];
    if (fact.constant && literalLength(child) <= limits.sqlBuildTextCharsMax) return;
    throw refused(
      statement,
      call,
      likeFunctions.has(name)
        ? 'LIKE with a computed or very long pattern'
        : `"${name}" with a computed or very long argument ${position + 1}`,
      likeFunctions.has(name)
        ? 'Write the pattern out, or use contains or starts_with.'
        : 'Write the pattern, path or length out as a short literal.',
    );
  });
  const width = name === 'lpad' || name === 'rpad' ? literalNumber(children[1]) : 0;
  if (width > limits.sqlBuildTextCharsMax)
    throw refused(statement, call, `"${name}" to more than ${limits.sqlBuildTextCharsMax} characters`);
  if (likeFunctions.has(name)) checkWildcards(statement, call, literalText(children[1]) ?? '');
}

function checkWildcards(statement: Statement, call: JsonObject, pattern: string): void {
  if (pattern.split('%').length - 1 <= limits.sqlLikeWildcardsMax) return;
  throw refused(
    statement,
    call,
    `A LIKE pattern with more than ${limits.sqlLikeWildcardsMax} %`,
    'Use contains, starts_with or regexp_matches.',
  );
}

function literalValue(node: Json | undefined): Json {
  const value = isJsonObject(node) && textOf(node, 'class') === 'CONSTANT' ? node['value'] : undefined;
  return isJsonObject(value) ? (value['value'] ?? null) : null;
}

/** What is constant but no literal (an expression of literals) may be of any length. */
function literalLength(node: Json | undefined): number {
  const isLiteral = isJsonObject(node) && textOf(node, 'class') === 'CONSTANT';
  return isLiteral ? JSON.stringify(literalValue(node)).length : Number.POSITIVE_INFINITY;
}

function literalNumber(node: Json | undefined): number {
  const value = literalValue(node);
  return typeof value === 'number' ? value : Number.POSITIVE_INFINITY;
}

function resultOf(place: ExpressionPlace, call: JsonObject, name: string, facts: readonly Facts[]): Facts {
  const constant = facts.length > 0 && facts.every((fact) => fact.constant) && !aggregateFunctions.has(name);
  if (countingFunctions.has(name)) return plainFacts;
  const currencies = union(...facts);
  if (isCombining(name)) requireOneCurrency(place, call, facts, 'group');
  else if (addingFunctions.has(name)) requireOneCurrency(place, call, facts, 'record');
  // A ratio of two amounts is a plain number, whatever their currencies.
  const isRatio = name === '/' && facts.length === 2 && facts.every((fact) => fact.currencies.size > 0);
  const kind = facts[kindFrom.get(name) ?? -1]?.kind ?? null;
  const growth = callGrowth(place.statement, { node: call, name, children: listOf(call, 'children') }, facts);
  return { constant, kind, currencies: isRatio ? new Set() : currencies, growth };
}

function comparison(
  node: Json | undefined,
  place: ExpressionPlace,
  keys: readonly string[],
  types: readonly string[],
): Facts {
  const compare = known(place.statement, node, keys.join(' '));
  const type = textOf(compare, 'type');
  if (!types.includes(type)) throw refused(place.statement, node, `"${type}"`);
  const facts = keys.map((key) => within(compare[key], place));
  requireComparable(
    place,
    node,
    keys.map((key, index) => ({ node: compare[key], facts: facts[index] ?? plainFacts })),
  );
  return { ...plainFacts, constant: facts.every((fact) => fact.constant) };
}

function operator(node: Json | undefined, place: ExpressionPlace, types: readonly string[]): Facts {
  const call = known(place.statement, node, 'children');
  const type = textOf(call, 'type');
  if (!types.includes(type)) throw refused(place.statement, node, `"${type}"`);
  const facts = all(listOf(call, 'children'), place);
  const keeps = type === 'OPERATOR_COALESCE' || type === 'OPERATOR_NULLIF';
  if (type === 'ARRAY_EXTRACT' && facts[1]?.constant !== true) {
    throw refused(place.statement, node, 'A computed list position');
  }
  if (keeps) requireOneCurrency(place, node, facts, 'record');
  if (type === 'COMPARE_IN' || type === 'COMPARE_NOT_IN') {
    const children = listOf(call, 'children');
    requireComparable(
      place,
      node,
      children.map((child, index) => ({ node: child, facts: facts[index] ?? plainFacts })),
    );
  }
  return {
    constant: facts.every((fact) => fact.constant),
    kind: null,
    currencies: keeps ? union(...facts) : new Set(),
    growth: mostGrowth(facts),
  };
}

function checkCase(node: Json | undefined, place: ExpressionPlace): Facts {
  const cases = known(place.statement, node, 'case_checks else_expr');
  const results: Facts[] = [];
  for (const item of listOf(cases, 'case_checks')) {
    const branch = known(place.statement, item, 'when_expr then_expr');
    within(branch['when_expr'], place);
    results.push(within(branch['then_expr'], withPins(place, pinsOfCondition(branch['when_expr'], place))));
  }
  results.push(within(cases['else_expr'], place));
  requireOneCurrency(place, node, results, 'record');
  return { ...plainFacts, currencies: union(...results), growth: mostGrowth(results) };
}

function checkSubquery(node: Json | undefined, place: ExpressionPlace): Facts {
  const { statement } = place;
  const subquery = known(statement, node, 'subquery_type subquery child comparison_type');
  const type = textOf(subquery, 'subquery_type');
  if (!['SCALAR', 'EXISTS', 'NOT_EXISTS', 'ANY'].includes(type)) throw refused(statement, node, `"${type}"`);
  const comparing = textOf(subquery, 'comparison_type');
  if (comparing !== 'INVALID' && !comparisonTypes.includes(comparing)) throw refused(statement, node, `"${comparing}"`);
  const child = isUnused(subquery['child']) ? plainFacts : within(subquery['child'], place);
  const columns = place.query(subquery['subquery'], place.scope, place.depth + 1);
  const [first = plainFacts] = columns.values();
  if (type !== 'SCALAR') {
    requireOneCurrency(place, node, [child, first], child === plainFacts ? 'record' : 'all');
    return plainFacts;
  }
  return { ...first, constant: false };
}

/** `{"type": "ORDER_MODIFIER", "orders": [...]}`. `outputs`: columns that a number may stand for. */
export function checkOrders(node: Json | undefined, place: ExpressionPlace, outputs: readonly Facts[] = []): void {
  const modifier = known(place.statement, node, 'orders');
  checkOrderList(listOf(modifier, 'orders'), place, outputs);
}

function checkOrderList(orders: readonly Json[], place: ExpressionPlace, outputs: readonly Facts[] = []): void {
  // Within one currency amounts have an order: by currency, then by amount.
  let ordered = place;
  for (const item of orders) {
    const order = known(place.statement, item, 'null_order expression');
    const checked = within(order['expression'], place);
    const facts = outputs[literalNumber(order['expression']) - 1] ?? checked;
    requireOneCurrency(ordered, item, [facts], 'all');
    if (facts.marks !== undefined) ordered = withPins(ordered, new Map([[facts.marks, '']]));
  }
}
