import type { SoqlOrg } from '../org.ts';
import type { ObjectDef } from '../schema/object.ts';
import { aggregate, type AggregateRow } from './aggregate.ts';
import type { Path, Query, SelectItem } from './ast.ts';
import { createBinder, type BoundField } from './bind.ts';
import { parseSoql } from './parser.ts';
import { compile, type PredicateContext } from './predicate.ts';
import { createRenderer } from './render.ts';
import { matchRows } from './rows.ts';
import { PlainQueryError, SoqlError } from './soql-error.ts';

const OFFSET_MAX = 2_000;
const FIELDS_LIMIT_MAX = 200;
/** Aggregate answers cannot be paged. */
const AGGREGATE_ROWS_MAX = 2_000;

export type QueryResult =
  | { readonly kind: 'count'; readonly total: number }
  | { readonly kind: 'aggregate'; readonly rows: readonly AggregateRow[] }
  | {
      readonly kind: 'rows';
      readonly rows: readonly number[];
      readonly render: (row: number, base: string) => unknown;
    };

/** A selected field and its name in flat answers: `Name`, `Account.Name`. */
export interface Column {
  readonly name: string;
  readonly field: BoundField;
}

/** A query whose names are resolved. */
export interface PreparedQuery {
  readonly query: Query;
  readonly object: ObjectDef;
  /** Counts or groups instead of listing records. */
  readonly aggregates: boolean;
  /** What is selected, in order; empty when it aggregates. */
  readonly columns: readonly Column[];
  /** Finds what is wrong with the condition without reading a record. Throws SoqlError. */
  check(): void;
  run(includeDeleted: boolean): QueryResult;
}

/** Runs a query. `base` of `render` is `/services/data/vNN.0`. Throws SoqlError or PlainQueryError. */
export function executeSoql(org: SoqlOrg, text: string, includeDeleted: boolean): QueryResult {
  return prepareSoql(org, text).run(includeDeleted);
}

/** Parses a query and resolves its object and selected fields. Throws SoqlError or PlainQueryError. */
export function prepareSoql(whole: SoqlOrg, text: string): PreparedQuery {
  const query = parseSoql(text);
  const org = whole.forQuery?.(query) ?? whole;
  const object = org.schema.object(query.from.name);
  if (object === undefined || !object.queryable) {
    throw new SoqlError('INVALID_TYPE', text, query.from.at, unknownObject(query.from.name));
  }
  checkCounts(query);
  const bind = createBinder(org, object, query);
  const aggregates =
    query.countOnly || query.groupBy.length > 0 || query.select.some((item) => item.kind === 'aggregate');
  const paths = aggregates ? [] : query.select.flatMap((item) => expand(item, object, query));
  const columns = paths.map((path): Column => {
    const field = bind(path);
    return { name: [...field.steps.map((step) => step.name), field.def.name].join('.'), field };
  });
  const context = (): PredicateContext => ({ text, nowMs: org.clock.now().getTime(), bind });
  return {
    query,
    object,
    aggregates,
    columns,
    check: () => {
      if (query.where !== null) compile(query.where, context());
    },
    run: (includeDeleted) => {
      const find = (atMost: number, orderBy: Query['orderBy']): readonly number[] =>
        matchRows(
          { where: query.where, orderBy, includeDeleted, atMost, visible: org.visible?.(object.name) ?? null },
          org.table(object.name),
          context(),
        );
      const limit = query.limit ?? Number.POSITIVE_INFINITY;
      if (query.countOnly) return { kind: 'count', total: find(limit, []).length };
      if (aggregates) return { kind: 'aggregate', rows: groupRows(query, find(Number.POSITIVE_INFINITY, []), bind) };
      const render = createRenderer(
        org,
        object,
        columns.map((column) => column.field),
      );
      return { kind: 'rows', rows: find(query.offset + limit, query.orderBy).slice(query.offset), render };
    },
  };
}

function groupRows(
  query: Query,
  matching: readonly number[],
  bind: (path: Path) => BoundField,
): readonly AggregateRow[] {
  const rows = aggregate(query, matching, bind).slice(
    query.offset,
    query.offset + (query.limit ?? Number.POSITIVE_INFINITY),
  );
  if (rows.length <= AGGREGATE_ROWS_MAX) return rows;
  throw new PlainQueryError(
    'EXCEEDED_ID_LIMIT',
    'aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
  );
}

function checkCounts(query: Query): void {
  if (query.offset > OFFSET_MAX) {
    throw new PlainQueryError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${OFFSET_MAX}`);
  }
  const wide = query.select.find((item) => item.kind === 'fields' && item.which !== 'standard');
  if (wide !== undefined && (query.limit === null || query.limit > FIELDS_LIMIT_MAX)) {
    throw new SoqlError(
      'MALFORMED_QUERY',
      query.text,
      wide.at,
      `The SOQL FIELDS function must have a LIMIT of at most ${FIELDS_LIMIT_MAX}`,
    );
  }
}

function expand(item: SelectItem, object: ObjectDef, query: Query) {
  if (item.kind === 'fields') {
    return object.fields
      .filter((field) => item.which === 'all' || field.custom === (item.which === 'custom'))
      .map((field) => ({ parts: [field.name], at: item.at }));
  }
  if (item.kind === 'field' && item.alias !== null) {
    throw new SoqlError('MALFORMED_QUERY', query.text, item.at, 'only aggregate expressions use field aliasing');
  }
  return [item.path];
}

export function unknownObject(name: string): string {
  return `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`;
}
