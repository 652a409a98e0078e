import type { VisibleObject } from '../../access/index.ts';
import { isJsonObject, suggest, type Json } from '../../kernel/index.ts';
import { checkExpression } from './check-expression.ts';
import { isUnused, known, listOf, namesIn, refused, spendColumns, spendNode, sqlError, textOf } from './nodes.ts';
import { expressionPlace, renamed, type QueryPlace } from './query-place.ts';
import { mostGrowth, objectColumns, plainFacts, usedAgain, type Facts, type Scope, type ScopeTable } from './scope.ts';

/** The tables of a FROM. `before`: those to the left, which a sub-select may refer to. */
export function checkFrom(
  node: Json | undefined,
  place: QueryPlace,
  before: readonly ScopeTable[],
): readonly ScopeTable[] {
  spendNode(place.statement, place.depth, node);
  const type = isJsonObject(node) ? textOf(node, 'type') : '';
  if (isJsonObject(node) && !isUnused(node['sample'])) throw refused(place.statement, node, 'SAMPLE');
  switch (type) {
    case 'EMPTY':
      return [];
    case 'BASE_TABLE':
      return [baseTable(node, place)];
    case 'SUBQUERY':
      return [subqueryTable(node, place, before)];
    case 'EXPRESSION_LIST':
      return [valuesTable(node, place)];
    case 'JOIN':
      return joinTables(node, place, before);
    default:
      throw refused(place.statement, node, tableNames[type] ?? `"${type}"`);
  }
}

const tableNames: { readonly [type: string]: string } = {
  TABLE_FUNCTION: 'A table function',
  SHOW_REF: 'DESCRIBE, SHOW or SUMMARIZE',
  PIVOT: 'PIVOT or UNPIVOT',
  COLUMN_DATA: 'Column data',
};

function baseTable(node: Json | undefined, place: QueryPlace): ScopeTable {
  const { statement } = place;
  const table = known(statement, node, 'sample schema_name table_name column_name_alias catalog_name at_clause');
  if (!isUnused(table['at_clause'])) throw refused(statement, node, 'AT');
  const name = textOf(table, 'table_name');
  const schema = textOf(table, 'schema_name');
  const written = [textOf(table, 'catalog_name'), schema, name].filter((part) => part !== '').join('.');
  const alias = textOf(table, 'alias').toLowerCase();
  const cte = written === name ? place.ctes.get(name.toLowerCase()) : undefined;
  const aliases = namesIn(table, 'column_name_alias');
  if (cte !== undefined) {
    spendColumns(statement, node, cte.size);
    return {
      names: [alias === '' ? name.toLowerCase() : alias],
      columns: renamed(usedAgain(cte, statement.nodes), aliases),
    };
  }

  const object = textOf(table, 'catalog_name') === '' ? relationOf(place, schema, name) : undefined;
  if (object === undefined) {
    const unknown = place.withheld.get(written.toLowerCase());
    if (unknown !== undefined) throw unknown();
    const names = [...place.relations.values()].map((visible) => visible.name);
    const meant = schema === '' ? place.relations.get(name.toLowerCase())?.name : undefined;
    throw sqlError(statement, node, {
      code: 'sql_relation_unknown',
      message: `There is no table "${written.slice(0, 100)}" for you.`,
      ...(meant === undefined ? {} : { fix: quotedApart(meant) }),
      suggestions: meant === undefined ? suggest(written, [...names, ...place.ctes.keys()]) : [meant],
    });
  }
  const columns = objectColumns(object, statement.nodes);
  place.used.set(object, [...(place.used.get(object) ?? []), columns]);
  spendColumns(statement, node, object.fields.size);
  const names =
    alias === '' ? [name.toLowerCase(), ...(schema === '' ? [] : [`${schema}.${name}`.toLowerCase()])] : [alias];
  return { names, columns: renamed(columns, aliases) };
}

/** A name in one part is a model; a dot within quotes does not make two. */
function relationOf(place: QueryPlace, schema: string, name: string): VisibleObject | undefined {
  const object = place.relations.get((schema === '' ? name : `${schema}.${name}`).toLowerCase());
  return object !== undefined && object.name.includes('.') === (schema !== '') ? object : undefined;
}

/** For a name in two parts that was written in one pair of quotes. */
const quotedApart = (name: string): string =>
  `One pair of quotes makes one name: write it without quotes, or ${name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')}.`;

function subqueryTable(node: Json | undefined, place: QueryPlace, before: readonly ScopeTable[]): ScopeTable {
  const table = known(place.statement, node, 'sample subquery column_name_alias');
  const parent: Scope = { tables: before, aliases: new Map(), parent: place.parent };
  const columns = place.check(table['subquery'], { ...place, parent, depth: place.depth + 1 });
  return {
    names: [textOf(table, 'alias').toLowerCase()],
    columns: renamed(columns, namesIn(table, 'column_name_alias')),
  };
}

function valuesTable(node: Json | undefined, place: QueryPlace): ScopeTable {
  const table = known(place.statement, node, 'sample expected_names expected_types values column_name_alias');
  const scope: Scope = { tables: [], aliases: new Map(), parent: place.parent };
  const facts: Facts[] = [];
  let width = 0;
  for (const row of listOf(table, 'values')) {
    if (!Array.isArray(row)) throw refused(place.statement, node, 'That VALUES list');
    for (const value of row as readonly Json[]) facts.push(checkExpression(value, expressionPlace(place, scope)));
    width = row.length;
  }
  const fact = { ...plainFacts, growth: mostGrowth(facts) };
  const columns = new Map(Array.from({ length: width }, (_, index) => [`col${index}`, fact] as const));
  return { names: [textOf(table, 'alias').toLowerCase()], columns };
}

const joinKinds = ['REGULAR', 'CROSS', 'ASOF'];
const joinTypes = ['INNER', 'LEFT', 'RIGHT', 'OUTER', 'FULL', 'SEMI', 'ANTI'];

function joinTables(node: Json | undefined, place: QueryPlace, before: readonly ScopeTable[]): readonly ScopeTable[] {
  const { statement } = place;
  const join = known(
    statement,
    node,
    'sample left right condition join_type ref_type using_columns delim_flipped duplicate_eliminated_columns',
  );
  const kind = textOf(join, 'ref_type');
  if (!joinKinds.includes(kind) || !joinTypes.includes(textOf(join, 'join_type'))) {
    throw refused(statement, node, `A ${kind.toLowerCase()} join`, 'Write join ... on a.x = b.y.');
  }
  if (!isUnused(join['delim_flipped']) || !isUnused(join['duplicate_eliminated_columns'])) {
    throw refused(statement, node, 'That join');
  }
  const deeper = { ...place, depth: place.depth + 1 };
  const left = checkFrom(join['left'], deeper, before);
  const right = checkFrom(join['right'], deeper, [...before, ...left]);
  const tables = [...left, ...right];
  const at = expressionPlace(place, { tables, aliases: new Map(), parent: place.parent });
  if (!isUnused(join['condition'])) checkExpression(join['condition'], at);
  const using = namesIn(join, 'using_columns');
  for (const column of using) {
    const name = column.toLowerCase();
    for (const { columns } of tables) statement.read.add(columns.get(name) ?? plainFacts);
    if (left.some((table) => table.columns.has(name)) && right.some((table) => table.columns.has(name))) continue;
    throw sqlError(statement, node, {
      code: 'sql_column_unknown',
      message: `USING (${name}) needs a column of that name on both sides.`,
    });
  }
  if (['SEMI', 'ANTI'].includes(textOf(join, 'join_type'))) return left;
  const merged = new Set(using.map((column) => column.toLowerCase()));
  return [...left, ...right.map((table) => ({ ...table, merged: new Set([...merged, ...(table.merged ?? [])]) }))];
}
