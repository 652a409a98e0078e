import type { ModelField, OnMissing } from '../manifest/index.ts';
import { duckTypeOf } from './kind.ts';
import type { StreamId } from '../kernel/index.ts';
import type { NativeUse, ViewJoin } from './catalogue.ts';
import { derivedTable } from './derived/derived-table.ts';
import { matchName, matchTable } from './match/match-name.ts';
import type { MatchSegment } from './match/plan-match.ts';
import type { NativeTable } from './native-table.ts';
import type { MappingPlan } from './plan-mapping.ts';
import { literal, quoteName, quoteText } from './sql-text.ts';
import { trimSql } from './transforms/parse-text.ts';
import { toModel } from './transforms/to-model.ts';

/** Left joins that one column of a branch collects; each leaves the number of rows as it is. */
export interface Joins {
  readonly clauses: ViewJoin[];
  /** Streams that they read. */
  readonly reads: Set<StreamId>;
  /** Native fields that the expression and they read, but ids. */
  readonly uses: NativeUse[];
  /** What their aliases start with: another for each column. */
  readonly prefix: string;
  /** Tables of the same connection by native object name. */
  readonly tables: ReadonlyMap<string, NativeTable>;
  /** Notes the streams that decide which record the match finds. */
  readonly noteMatch: (segment: MatchSegment, reads: Set<StreamId>) => void;
}

/** The DuckDB expression for one field of a branch over table alias `t`. */
export function mappingSql(
  plan: MappingPlan,
  target: Pick<ModelField, 'type' | 'values'>,
  options: {
    readonly scale: number;
    readonly onMissing: OnMissing;
    readonly table: NativeTable;
    readonly joins: Joins;
  },
): string {
  const { scale, onMissing, table, joins } = options;
  let sql = sourceSql(plan, table);
  for (const field of sourceFields(plan)) noteUse(joins, table, field);
  for (const segment of plan.segments) {
    if (segment.kind === 'stage') sql = segment.stage.sql(sql);
    else if (segment.kind === 'lookup') sql = lookupSql(segment, segment.operand.sql(sql), joins);
    else sql = matchSql(segment, segment.operand.sql(sql), joins);
  }
  const last = toModel(plan, target, scale);
  if (last === null) throw new Error('the plan was made for this field');
  sql = last.sql(sql);
  if (onMissing === 'empty') sql = `coalesce(${sql}, ${target.type === 'multi_enum' ? '[]' : quoteText('')})`;
  return `cast(${sql} as ${duckTypeOf(target.type, scale)})`;
}

/** A missing value of the field's type. */
export const missingSql = (target: Pick<ModelField, 'type'>, scale: number): string =>
  `cast(null as ${duckTypeOf(target.type, scale)})`;

export function columnSql(table: NativeTable, fieldName: string, alias: string): string {
  const column = table.columns.get(fieldName);
  if (column === undefined) throw new Error(`${table.name} has no column for ${fieldName}`);
  return `${alias}.${quoteName(column.name)}`;
}

function sourceFields({ source }: MappingPlan): string[] {
  if (source.kind === 'constant') return [];
  if (source.kind === 'native') return [source.field.name];
  return source.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field.name]));
}

/** Whoever is shown a record knows its id. */
function noteUse({ uses }: Joins, { stream }: NativeTable, field: string): void {
  if (field !== stream.object.idField) uses.push({ stream: stream.stream, field });
}

function sourceSql({ source }: MappingPlan, table: NativeTable): string {
  if (source.kind === 'constant') return literal(source.value as string | number | boolean);
  if (source.kind === 'native') return columnSql(table, source.field.name, 't');
  if (source.kind === 'concat') {
    const texts = source.parts.map(({ field, text }) => trimSql(text.sql(columnSql(table, field.name, 't'))));
    const present = texts.map((text) => `nullif(${text}, '')`).join(', ');
    return `nullif(concat_ws(${quoteText(source.separator)}, ${present}), '')`;
  }
  const texts: string[] = [];
  const parts = source.parts.map((part) => {
    if (typeof part === 'string') return quoteText(part);
    const text = part.text.sql(columnSql(table, part.field.name, 't'));
    texts.push(text);
    return `coalesce(${text}, '')`;
  });
  return `case when coalesce(${texts.join(', ')}) is not null then nullif(${trimSql(parts.join(' || '))}, '') end`;
}

function lookupSql(
  segment: Extract<MappingPlan['segments'][number], { readonly kind: 'lookup' }>,
  operand: string,
  joins: Joins,
): string {
  const table = joins.tables.get(segment.object.name);
  if (table === undefined) throw new Error(`the plan found ${segment.object.name}`);
  const alias = `${joins.prefix}${joins.clauses.length + 1}`;
  const { stream } = table.stream;
  joins.reads.add(stream);
  for (const field of [segment.key, segment.take]) noteUse(joins, table, field.name);
  const from = table.relation;
  if (segment.key.name === segment.object.idField) {
    joins.clauses.push({
      kind: 'lookup',
      stream,
      before: 'left join ',
      from,
      after: ` ${alias} on ${alias}."_id" = ${operand}`,
      key: 's."_id"',
      operand,
    });
    return columnSql(table, segment.take.name, alias);
  }
  const key = segment.keyText.sql(columnSql(table, segment.key.name, 's'));
  const take = columnSql(table, segment.take.name, 's');
  // Keys that are no ids may occur twice: the first by id counts, so that no row is multiplied.
  joins.clauses.push({
    kind: 'lookup',
    stream,
    before: `left join (select distinct on (k) ${key} as k, ${take} as v from `,
    from,
    after: ` s order by k, s."_id") ${alias} on ${alias}.k = ${operand}`,
    key,
    operand,
  });
  return `${alias}.v`;
}

/** No two rows of the table have the same key. */
function matchSql(segment: MatchSegment, operand: string, joins: Joins): string {
  const alias = `${joins.prefix}${joins.clauses.length + 1}`;
  joins.noteMatch(segment, joins.reads);
  joins.clauses.push({
    kind: 'match',
    before: 'left join ',
    from: matchTable(segment),
    after: ` ${alias} on ${alias}.k = ${operand}`,
    model: segment.model,
    by: segment.step.by,
    on: segment.on,
    keys: derivedTable(matchName(segment), 'keys'),
  });
  return `${alias}.v`;
}
