import type { VisibleObject } from '../../access/index.ts';
import { valueKindOf, type ValueKind } from '../../filter/index.ts';
import type { Json } from '../../kernel/index.ts';
import { suggest } from '../../kernel/index.ts';
import { refused, sqlError, type Statement } from './nodes.ts';

/** What is known of an expression's value. */
export interface Facts {
  /** Made of literals only. */
  readonly constant: boolean;
  /** Of a plain column; null for everything that was computed. */
  readonly kind: ValueKind | null;
  /** Currencies of the amounts in it: codes, and marks for those that each record has for itself (currencies.ts). */
  readonly currencies: ReadonlySet<string>;
  /** Of a column with the currencies of others: their mark. */
  readonly marks?: string;
  /** How many times the text of one stored value it may hold. */
  readonly growth: number;
}

export const plainFacts: Facts = { constant: false, kind: null, currencies: new Set(), growth: 1 };

/** Columns by lower-case name, in order: DuckDB folds case. */
export type Columns = ReadonlyMap<string, Facts>;

/** A table as FROM names it. */
export interface ScopeTable {
  /** Lower-case qualifiers: `d`, or `opportunity` and `crm.opportunity`. */
  readonly names: readonly string[];
  readonly columns: Columns;
  /** Columns that USING made one with the other side's: without qualifier they mean that one. */
  readonly merged?: ReadonlySet<string>;
}

/** By mark: the code that a condition asks for; where it is only kept the same, null within a group, `''` wherever rows meet. */
export type Pins = ReadonlyMap<string, string | null>;

/** What names mean at one place of the statement. */
export interface Scope {
  readonly tables: readonly ScopeTable[];
  /** Output names of the select list, which later clauses may use. */
  readonly aliases: ReadonlyMap<string, Facts>;
  readonly parent: Scope | null;
  /** What conditions and groups keep at one value here. */
  readonly pins?: Pins;
}

/** `table` tells this use of the object from others in the statement. */
export function objectColumns(object: VisibleObject, table: number): Columns {
  const columns = new Map<string, Facts>();
  // Also where the caller may not see the field: then nothing can pin it.
  const mark = (field: string): string => `#${table}.${field}`;
  const fields = [...object.fields.values()];
  const marking = new Set(fields.map((field) => field.currencyField));
  for (const field of fields) {
    const { currency, currencyField } = field;
    columns.set(field.column.toLowerCase(), {
      constant: false,
      kind: valueKindOf(field.type),
      currencies: new Set(currency !== null ? [currency] : currencyField === null ? [] : [mark(currencyField)]),
      ...(marking.has(field.name) ? { marks: mark(field.name) } : {}),
      growth: 1,
    });
  }
  columns.set('_ref', { ...plainFacts, kind: 'text' });
  columns.set('_at', { ...plainFacts, kind: 'datetime' });
  return columns;
}

/** The columns of one more use of a CTE: what is pinned in one use is not in the other. */
export function usedAgain(columns: Columns, table: number): Columns {
  const again = (one: string): string => (one.startsWith('#') ? `#${table}:${one}` : one);
  return new Map(
    [...columns].map(([name, facts]) => [
      name,
      {
        ...facts,
        currencies: new Set([...facts.currencies].map(again)),
        ...(facts.marks === undefined ? {} : { marks: again(facts.marks) }),
      },
    ]),
  );
}

/** What the engine adds to every table. It comes before an output of the same name, so that no reference to it is accepted. */
const pseudoColumns: ReadonlySet<string> = new Set(['rowid']);

/** What a column reference means; null where nothing has that name, the tables where several have it. */
export function findColumn(scope: Scope, parts: readonly string[]): Facts | readonly ScopeTable[] | null {
  const { name, qualifier } = taken(parts);
  if (pseudoColumns.has(name)) return null;
  for (let place: Scope | null = scope; place !== null; place = place.parent) {
    const holders = place.tables.filter(
      (table) =>
        table.columns.has(name) &&
        (qualifier === '' ? table.merged?.has(name) !== true : table.names.includes(qualifier)),
    );
    const alias = qualifier === '' ? place.aliases.get(name) : undefined;
    if (holders.length > 1 && alias === undefined) return holders;
    const found = holders[0]?.columns.get(name);
    if (found !== undefined) return found;
    if (alias !== undefined) return alias;
  }
  return null;
}

const taken = (parts: readonly string[]): { readonly name: string; readonly qualifier: string } => ({
  name: parts.at(-1)?.toLowerCase() ?? '',
  qualifier: parts.slice(0, -1).join('.').toLowerCase(),
});

/** The same for a column that has to be there. Raises `sql_column_unknown`, `sql_column_ambiguous`. */
export function resolveColumn(statement: Statement, scope: Scope, node: Json, parts: readonly string[]): Facts {
  const found = findColumn(scope, parts);
  if (found === null) throw columnUnknown(statement, scope, node, { ...taken(parts), written: parts.join('.') });
  if (isSeveral(found)) throw ambiguous(statement, node, taken(parts).name, found);
  statement.read.add(found);
  return found;
}

const isSeveral = (found: Facts | readonly ScopeTable[]): found is readonly ScopeTable[] => Array.isArray(found);

function ambiguous(statement: Statement, node: Json, name: string, holders: readonly ScopeTable[]): Error {
  return sqlError(statement, node, {
    code: 'sql_column_ambiguous',
    message: `"${name}" is a column of several tables here.`,
    suggestions: holders.map((table) => `${table.names.at(-1) ?? ''}.${name}`),
  });
}

function columnUnknown(
  statement: Statement,
  scope: Scope,
  node: Json,
  wanted: { readonly name: string; readonly qualifier: string; readonly written: string },
): Error {
  const tables: ScopeTable[] = [];
  for (let place: Scope | null = scope; place !== null; place = place.parent) tables.push(...place.tables);
  const qualified = tables.filter((table) => table.names.includes(wanted.qualifier));
  if (wanted.qualifier !== '' && qualified.length === 0) {
    const names = tables.flatMap((table) => table.names);
    return sqlError(statement, node, {
      code: 'sql_column_unknown',
      message: `"${wanted.written}" names no table of this FROM.`,
      suggestions: suggest(wanted.qualifier, names),
    });
  }
  const names = (qualified.length > 0 ? qualified : tables)
    .flatMap((table) => [...table.columns.keys()])
    .filter((name) => !name.startsWith('\0'));
  return sqlError(statement, node, {
    code: 'sql_column_unknown',
    message: `There is no column "${wanted.written}".`,
    suggestions: suggest(wanted.name, new Set(names)),
  });
}

/** The columns that `*` or `t.*` stands for. */
export function starColumns(statement: Statement, scope: Scope, node: Json, relation: string): [string, Facts][] {
  const tables = scope.tables.filter((table) => relation === '' || table.names.includes(relation.toLowerCase()));
  if (tables.length === 0) throw refused(statement, node, relation === '' ? '* without FROM' : `"${relation}.*"`);
  // Columns that USING made one appear once.
  return tables.flatMap((table) =>
    [...table.columns]
      .filter(([name]) => relation !== '' || table.merged?.has(name) !== true)
      .map(([name, facts]): [string, Facts] => {
        statement.read.add(facts);
        return [name, pinnedFacts(scope, facts)];
      }),
  );
}

/** The growth of something that is one of these. */
export const mostGrowth = (facts: Iterable<Facts>): number => Math.max(0, ...[...facts].map((item) => item.growth));

/** What is known of a name that stands for one of two outputs. */
export const either = (a: Facts | undefined, b: Facts): Facts =>
  a === undefined
    ? b
    : {
        constant: a.constant && b.constant,
        kind: a.kind === b.kind ? a.kind : null,
        currencies: union(a, b),
        ...(a.marks !== undefined && a.marks === b.marks ? { marks: a.marks } : {}),
        growth: Math.max(a.growth, b.growth),
      };

export function union(...facts: readonly Facts[]): ReadonlySet<string> {
  return new Set(facts.flatMap((item) => [...item.currencies]));
}

export const isMark = (currency: string): boolean => currency.startsWith('#');

/** What a mark is pinned to here; undefined where it is not. */
export function pinOf(scope: Scope, mark: string): string | null | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const pin = at.pins?.get(mark);
    if (pin !== undefined) return pin;
  }
  return undefined;
}

/** Currencies that a condition fixes, under their own names. */
export function pinnedFacts(scope: Scope, facts: Facts): Facts {
  if (![...facts.currencies].some(isMark)) return facts;
  return { ...facts, currencies: new Set([...facts.currencies].map((one) => pinOf(scope, one) || one)) };
}
