import { GantryError, isJsonObject, limits, type ErrorCode, type Json, type JsonObject } from '../../kernel/index.ts';

/** The statement being checked: its text for places, and how much of it was seen. */
export interface Statement {
  readonly text: string;
  nodes: number;
  /** Columns of its tables, and those that `*` stands for. */
  columns: number;
  /** What its names and `*` turned out to stand for. */
  readonly read: Set<object>;
}

/** One node of DuckDB's parse, with the keys (separated by spaces) that we know. A key that we do not know may mean anything: refused. */
export function known(statement: Statement, node: Json | undefined, keys: string): JsonObject {
  if (!isJsonObject(node)) throw new Error('the parse has no node where one belongs');
  const names = keys.split(' ');
  for (const key of Object.keys(node)) {
    if (!names.includes(key) && !everywhere.includes(key)) throw refused(statement, node, `"${key}"`);
  }
  return node;
}

const everywhere = ['class', 'type', 'alias', 'query_location'];

/** Counts a node against the limits. */
export function spendNode(statement: Statement, depth: number, node: Json | undefined): void {
  statement.nodes += 1;
  if (statement.nodes <= limits.sqlNodesMax && depth <= limits.sqlDepthMax) return;
  throw new GantryError('query_too_large', {
    message:
      depth > limits.sqlDepthMax
        ? `The statement is nested deeper than ${limits.sqlDepthMax} levels.`
        : `The statement has more than ${limits.sqlNodesMax} parts.`,
    where: placeOf(statement, node),
  });
}

/** Counts columns against the limit: sub-selects of `*` beside `*` double them at each step, here and in the engine. */
export function spendColumns(statement: Statement, node: Json | undefined, count: number): void {
  statement.columns += count;
  if (statement.columns <= limits.sqlColumnsMax) return;
  throw new GantryError('query_too_large', {
    message: `The tables and * of the statement have more than ${limits.sqlColumnsMax} columns.`,
    where: placeOf(statement, node),
    fix: 'Name the columns that you need in place of *.',
  });
}

export function refused(statement: Statement, node: Json | undefined, what: string, fix?: string): GantryError {
  return sqlError(statement, node, { code: 'sql_refused', message: `${what} is not available here.`, fix });
}

export function sqlError(
  statement: Statement,
  node: Json | undefined,
  details: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly fix?: string | undefined;
    readonly suggestions?: readonly string[];
    readonly allowed?: readonly string[];
  },
): GantryError {
  const { code, ...rest } = details;
  return new GantryError(code, { ...rest, where: placeOf(statement, node) });
}

/** `sql:2:14`: line and column, counted from 1. */
function placeOf(statement: Statement, node: Json | undefined): string {
  const offset = isJsonObject(node) ? node['query_location'] : undefined;
  return placeAt(statement.text, typeof offset === 'number' ? offset : Number.MAX_SAFE_INTEGER);
}

/** DuckDB counts bytes; 2^64-1 stands for "nowhere". */
export function placeAt(text: string, byteOffset: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (byteOffset > bytes.length) return 'sql';
  const before = bytes.subarray(0, byteOffset).toString('utf8');
  const line = before.split('\n').length;
  return `sql:${line}:${before.length - before.lastIndexOf('\n')}`;
}

export const textOf = (node: JsonObject, key: string): string => {
  const value = node[key];
  return typeof value === 'string' ? value : '';
};

export const listOf = (node: JsonObject, key: string): readonly Json[] => {
  const value = node[key];
  return Array.isArray(value) ? value : [];
};

/** Names within a list; anything else in it would be a parse that we do not know. */
export const namesIn = (node: JsonObject, key: string): readonly string[] =>
  listOf(node, key).map((item) => {
    if (typeof item !== 'string') throw new Error(`the parse has something else than names in ${key}`);
    return item;
  });

/** Absent, null, false, empty text or an empty list: a feature that is not used. */
export function isUnused(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === false || value === '';
}
