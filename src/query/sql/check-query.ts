import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { checkExpression, checkOrders, type ExpressionPlace } from './check-expression.ts';
import { isUnused, known, listOf, namesIn, refused, spendNode, textOf } from './nodes.ts';
import { checkFrom } from './check-from.ts';
import { expressionPlace, renamed, type QueryPlace } from './query-place.ts';
import { either, mostGrowth, plainFacts, starColumns, type Columns, type Facts, type Scope } from './scope.ts';

/** `{node, named_param_map}`: a whole query with its wrapper. */
export function checkWrapped(node: Json | undefined, place: QueryPlace): Columns {
  const wrapper = known(place.statement, node, 'node named_param_map');
  if (!isUnused(wrapper['named_param_map'])) throw refused(place.statement, wrapper['node'], 'A parameter');
  return checkQuery(wrapper['node'], place);
}

/** Checks a query and gives its output columns. */
function checkQuery(node: Json | undefined, place: QueryPlace): Columns {
  spendNode(place.statement, place.depth, node);
  const type = isJsonObject(node) ? textOf(node, 'type') : '';
  if (type === 'SELECT_NODE') return checkSelect(node, place);
  if (type === 'SET_OPERATION_NODE') return checkSetOperation(node, place);
  throw refused(place.statement, node, type === 'RECURSIVE_CTE_NODE' ? 'WITH RECURSIVE' : `"${type}"`);
}

function checkSelect(node: Json | undefined, outer: QueryPlace): Columns {
  const { statement } = outer;
  const select = known(
    statement,
    node,
    'modifiers cte_map select_list from_table where_clause group_expressions group_sets aggregate_handling having sample qualify',
  );
  if (!isUnused(select['sample'])) throw refused(statement, node, 'SAMPLE');
  const place = withCtes(select['cte_map'], outer);
  const tables = checkFrom(select['from_table'], place, []);
  const inner: Scope = { tables, aliases: new Map(), parent: place.parent };
  const { columns, scope } = checkSelectList(listOf(select, 'select_list'), place, inner);
  const at = expressionPlace(place, scope);
  for (const group of listOf(select, 'group_expressions')) checkExpression(group, at);
  for (const key of ['where_clause', 'having', 'qualify']) {
    if (!isUnused(select[key])) checkExpression(select[key], at);
  }
  // What is ordered are the outputs: there their names come first.
  const ordered: Scope = { ...scope, aliases: new Map([...columns, ...scope.aliases]) };
  checkModifiers(listOf(select, 'modifiers'), expressionPlace(place, ordered));
  return columns;
}

function checkSetOperation(node: Json | undefined, outer: QueryPlace): Columns {
  const { statement } = outer;
  const operation = known(statement, node, 'modifiers cte_map setop_type left right setop_all');
  if (!['UNION', 'EXCEPT', 'INTERSECT', 'UNION_BY_NAME'].includes(textOf(operation, 'setop_type'))) {
    throw refused(statement, node, `"${textOf(operation, 'setop_type')}"`);
  }
  const place = withCtes(operation['cte_map'], { ...outer, depth: outer.depth + 1 });
  const left = checkQuery(operation['left'], place);
  const right = checkQuery(operation['right'], place);
  const named = textOf(operation, 'setop_type') === 'UNION_BY_NAME' ? new Map([...right, ...left]) : left;
  // Which column of one side comes under which of the other does not matter for the bound.
  const growth = mostGrowth([...left.values(), ...right.values()]);
  const columns = new Map([...named].map(([name, facts]) => [name, { ...facts, growth }] as const));
  const scope: Scope = { tables: [{ names: [], columns }], aliases: new Map(), parent: null };
  checkModifiers(listOf(operation, 'modifiers'), expressionPlace(place, scope));
  return columns;
}

/** Each CTE sees those before it; one that names itself means the relation of that name, since recursion is refused. */
function withCtes(node: Json | undefined, place: QueryPlace): QueryPlace {
  const entries = listOf(known(place.statement, node, 'map'), 'map');
  const ctes = new Map(place.ctes);
  for (const item of entries) {
    const entry = known(place.statement, item, 'key value');
    const cte = known(place.statement, entry['value'], 'aliases query materialized key_targets');
    if (!isUnused(cte['key_targets'])) throw refused(place.statement, item, 'USING KEY');
    const columns = checkWrapped(cte['query'], { ...place, ctes: new Map(ctes), depth: place.depth + 1 });
    ctes.set(textOf(entry, 'key').toLowerCase(), renamed(columns, namesIn(cte, 'aliases')));
  }
  return { ...place, ctes };
}

function checkSelectList(list: readonly Json[], place: QueryPlace, inner: Scope): { columns: Columns; scope: Scope } {
  const columns = new Map<string, Facts>();
  const aliases = new Map<string, Facts>();
  const scope: Scope = { ...inner, aliases };
  // An output may use the name of any other, also of a later one; what that means is for DuckDB to decide.
  for (const item of list) {
    const alias = isJsonObject(item) ? textOf(item, 'alias').toLowerCase() : '';
    if (alias !== '') aliases.set(alias, plainFacts);
  }
  for (const item of list) {
    if (isJsonObject(item) && textOf(item, 'class') === 'STAR') {
      for (const [name, facts] of checkStar(item, place, scope)) columns.set(name, either(columns.get(name), facts));
      continue;
    }
    const facts = checkExpression(item, expressionPlace(place, scope));
    const name = outputName(item);
    const output = either(columns.get(name), { ...facts, constant: false });
    columns.set(name, output);
    if (aliases.has(name)) aliases.set(name, output);
  }
  return { columns, scope };
}

function outputName(item: Json): string {
  if (!isJsonObject(item)) return '';
  const alias = textOf(item, 'alias');
  return (alias === '' ? (namesIn(item, 'column_names').at(-1) ?? textOf(item, 'function_name')) : alias).toLowerCase();
}

function checkStar(item: JsonObject, place: QueryPlace, scope: Scope): [string, Facts][] {
  const { statement } = place;
  const star = known(
    statement,
    item,
    'relation_name exclude_list replace_list columns expr qualified_exclude_list rename_list',
  );
  for (const key of ['columns', 'expr', 'qualified_exclude_list', 'rename_list']) {
    if (!isUnused(star[key])) throw refused(statement, item, 'COLUMNS(...) or RENAME');
  }
  const excluded = new Set(namesIn(star, 'exclude_list').map((name) => name.toLowerCase()));
  const replaced = new Map<string, Facts>();
  for (const entry of listOf(star, 'replace_list')) {
    const replacement = known(statement, entry, 'key value');
    const facts = checkExpression(replacement['value'], expressionPlace(place, scope));
    replaced.set(textOf(replacement, 'key').toLowerCase(), facts);
  }
  return starColumns(statement, scope, item, textOf(star, 'relation_name'))
    .filter(([name]) => !excluded.has(name))
    .map(([name, facts]) => [name, replaced.get(name) ?? facts]);
}

function checkModifiers(modifiers: readonly Json[], place: ExpressionPlace): void {
  for (const item of modifiers) {
    const type = isJsonObject(item) ? textOf(item, 'type') : '';
    if (type === 'ORDER_MODIFIER') {
      checkOrders(item, place);
    } else if (type === 'DISTINCT_MODIFIER') {
      const distinct = known(place.statement, item, 'distinct_on_targets');
      for (const target of listOf(distinct, 'distinct_on_targets')) checkExpression(target, place);
    } else if (type === 'LIMIT_MODIFIER') {
      const limit = known(place.statement, item, 'limit offset');
      for (const key of ['limit', 'offset']) {
        if (isUnused(limit[key])) continue;
        if (!checkExpression(limit[key], place).constant)
          throw refused(place.statement, limit[key], 'A computed LIMIT');
      }
    } else {
      throw refused(place.statement, item, type === 'LIMIT_PERCENT_MODIFIER' ? 'LIMIT in percent' : `"${type}"`);
    }
  }
}
