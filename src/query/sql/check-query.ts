import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { checkExpression, checkOrders } from './check-expression.ts';
import { isUnused, known, listOf, namesIn, refused, spendColumns, spendNode, textOf } from './nodes.ts';
import { checkFrom } from './check-from.ts';
import { expressionPlace, renamed, type QueryPlace } from './query-place.ts';
import { pinsOfCondition, pinsOfGroups } from './currencies.ts';
import type { ExpressionPlace } from './expression-place.ts';
import { either, mostGrowth, plainFacts, starColumns, union, type Columns, type Facts, type Scope } from './scope.ts';

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
  const bare: Scope = { tables, aliases: new Map(), parent: place.parent };
  const chosen = pinsOfCondition(select['where_clause'], expressionPlace(place, bare));
  const grouped = pinsOfGroups(groupsOf(select), expressionPlace(place, bare));
  const inner: Scope = { ...bare, pins: new Map([...grouped, ...chosen]) };
  const { columns, scope } = checkSelectList(listOf(select, 'select_list'), place, inner);
  const at = expressionPlace(place, scope);
  for (const group of listOf(select, 'group_expressions')) checkExpression(group, at);
  // Groups are made of what WHERE lets through: there only conditions hold.
  const before = expressionPlace(place, { ...scope, pins: chosen });
  if (!isUnused(select['where_clause'])) checkExpression(select['where_clause'], before);
  for (const key of ['having', 'qualify']) {
    if (!isUnused(select[key])) checkExpression(select[key], at);
  }
  // What is ordered are the outputs: there their names come first.
  const ordered: Scope = { ...scope, aliases: new Map([...columns, ...scope.aliases]) };
  checkModifiers(listOf(select, 'modifiers'), expressionPlace(place, ordered), [...columns.values()]);
  return columns;
}

/** What is grouped by, where each row of the answer is one group: by column, output name or place, or by all that is not aggregated. */
function groupsOf(select: JsonObject): readonly (Json | undefined)[] {
  const list = listOf(select, 'select_list');
  if (textOf(select, 'aggregate_handling') === 'FORCE_AGGREGATES') return list;
  // ROLLUP and its like also make groups of groups.
  if (listOf(select, 'group_sets').length > 1) return [];
  return listOf(select, 'group_expressions').flatMap((group) => {
    if (!isJsonObject(group)) return [group];
    const { value } = group;
    if (isJsonObject(value) && typeof value['value'] === 'number') return [list[value['value'] - 1]];
    const name = namesIn(group, 'column_names').join('.').toLowerCase();
    const named = list.filter((item) => isJsonObject(item) && textOf(item, 'alias').toLowerCase() === name);
    return [group, ...(name === '' ? [] : named)];
  });
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
  const columns = combined(left, right, textOf(operation, 'setop_type') === 'UNION_BY_NAME');
  const scope: Scope = { tables: [{ names: [], columns }], aliases: new Map(), parent: null };
  checkModifiers(listOf(operation, 'modifiers'), expressionPlace(place, scope), [...columns.values()]);
  return columns;
}

/** What is known of the rows of both sides. */
function combined(left: Columns, right: Columns, byName: boolean): Columns {
  // Which column of one side comes under which of the other does not matter for the bound.
  const growth = mostGrowth([...left.values(), ...right.values()]);
  if (byName) {
    const names = new Set([...left.keys(), ...right.keys()]);
    return new Map(
      [...names].map((name) => {
        const [a, b] = [left.get(name), right.get(name)];
        return [name, { ...either(a, b ?? a ?? plainFacts), growth }] as const;
      }),
    );
  }
  const others = [...right.values()];
  const all = union(...left.values(), ...others);
  return new Map(
    [...left].map(([name, facts], index) => {
      const other = others[index];
      const both = { ...either(facts, other ?? plainFacts), constant: facts.constant, kind: facts.kind, growth };
      // Sides that cannot be laid side by side: any column may meet any.
      return [name, left.size === right.size ? both : { ...both, currencies: all }] as const;
    }),
  );
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
  // A second output of the same name keeps its place, under a name that no statement can contain.
  const put = (name: string, facts: Facts): void => {
    const first = columns.get(name);
    columns.set(name, either(first, facts));
    if (first !== undefined) columns.set(`\0${columns.size}`, facts);
  };
  // An output may use the name of any other, also of a later one; what that means is for DuckDB to decide.
  for (const item of list) {
    const alias = isJsonObject(item) ? textOf(item, 'alias').toLowerCase() : '';
    if (alias !== '') aliases.set(alias, plainFacts);
  }
  for (const item of list) {
    if (isJsonObject(item) && textOf(item, 'class') === 'STAR') {
      for (const [name, facts] of checkStar(item, place, scope)) put(name, facts);
      continue;
    }
    const facts = checkExpression(item, expressionPlace(place, scope));
    const name = outputName(item);
    put(name, { ...facts, constant: false });
    if (aliases.has(name)) aliases.set(name, columns.get(name) ?? facts);
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
  const all = starColumns(statement, scope, item, textOf(star, 'relation_name'));
  spendColumns(statement, item, all.length);
  return all.filter(([name]) => !excluded.has(name)).map(([name, facts]) => [name, replaced.get(name) ?? facts]);
}

function checkModifiers(modifiers: readonly Json[], place: ExpressionPlace, outputs: readonly Facts[]): void {
  for (const item of modifiers) {
    const type = isJsonObject(item) ? textOf(item, 'type') : '';
    if (type === 'ORDER_MODIFIER') {
      checkOrders(item, place, outputs);
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
