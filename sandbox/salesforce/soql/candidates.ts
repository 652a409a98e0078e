import { parseSalesforceId } from '../../world/index.ts';
import type { Table } from '../rows/table.ts';
import type { CompareOperator, Condition, Literal } from './ast.ts';
import type { PredicateContext } from './predicate.ts';

/**
 * Untouched base rows that can match a condition. `exact` means that all of
 * them do, so that no row need be looked at.
 */
export type Candidates =
  | { readonly kind: 'range'; readonly from: number; readonly to: number; readonly exact: boolean }
  | { readonly kind: 'list'; readonly rows: readonly number[] };

type Range = Extract<Candidates, { kind: 'range' }>;

/**
 * Base rows are ordered by id and, at the same time, by modification time.
 * Conditions on the two therefore cut out ranges, found by binary search; that
 * is what makes paging through a million records cheap.
 */
export function candidates(condition: Condition | null, table: Table, context: PredicateContext): Candidates {
  const everything: Range = { kind: 'range', from: 0, to: table.baseCount(), exact: true };
  if (condition === null) return everything;
  const terms = condition.kind === 'and' ? condition.terms : [condition];
  for (const term of terms) {
    const rows = lookedUp(term, table, context);
    if (rows !== null) return { kind: 'list', rows };
  }
  return rangeOf(condition, table, context);
}

function rangeOf(condition: Condition, table: Table, context: PredicateContext): Range {
  const all: Range = { kind: 'range', from: 0, to: table.baseCount(), exact: false };
  switch (condition.kind) {
    case 'and': {
      const parts = condition.terms.map((term) => rangeOf(term, table, context));
      const from = Math.max(...parts.map((part) => part.from));
      const to = Math.max(from, Math.min(...parts.map((part) => part.to)));
      return { kind: 'range', from, to, exact: parts.every((part) => part.exact) };
    }
    case 'or':
      return union(condition.terms.map((term) => rangeOf(term, table, context)));
    case 'compare': {
      const field = context.bind(condition.path);
      if (field.steps.length > 0 || condition.operator === 'like') return all;
      return comparedRange(field.def.storage, condition.operator, condition.literal, table) ?? all;
    }
    case 'not':
    case 'in':
    case 'includes':
      return all;
  }
}

/** The smallest range that holds all; exact only if they leave no gap. */
function union(parts: readonly Range[]): Range {
  const filled = parts.filter((part) => part.to > part.from).toSorted((a, b) => a.from - b.from);
  const first = filled[0];
  if (first === undefined) return { kind: 'range', from: 0, to: 0, exact: parts.every((part) => part.exact) };
  let { to } = first;
  let exact = parts.every((part) => part.exact);
  for (const part of filled) {
    if (part.from > to) exact = false;
    to = Math.max(to, part.to);
  }
  return { kind: 'range', from: first.from, to, exact };
}

function comparedRange(
  storage: string,
  operator: Exclude<CompareOperator, 'like'>,
  literal: Literal,
  table: Table,
): Range | null {
  const count = table.baseCount();
  if (storage === 'IsDeleted' && literal.kind === 'boolean' && operator === '=') {
    return { kind: 'range', from: 0, to: literal.value ? 0 : count, exact: true };
  }
  if ((storage === 'SystemModstamp' || storage === 'LastModifiedDate') && literal.kind === 'datetime') {
    return sliced(operator, table.firstFrom(literal.value), table.firstFrom(literal.value + 1), count);
  }
  if (storage !== 'Id' || literal.kind !== 'text' || table.object === 'Organization') return null;
  const parsed = parseSalesforceId(literal.value);
  if (parsed === null || (count > 0 && !table.id(0).startsWith(parsed.prefix))) return null;
  return sliced(operator, Math.min(parsed.index, count), Math.min(parsed.index + 1, count), count);
}

/** Rows `first` up to `next` equal the literal. */
function sliced(operator: Exclude<CompareOperator, 'like'>, first: number, next: number, count: number): Range | null {
  switch (operator) {
    case '=':
      return { kind: 'range', from: first, to: next, exact: true };
    case '<':
      return { kind: 'range', from: 0, to: first, exact: true };
    case '<=':
      return { kind: 'range', from: 0, to: next, exact: true };
    case '>':
      return { kind: 'range', from: next, to: count, exact: true };
    case '>=':
      return { kind: 'range', from: first, to: count, exact: true };
    case '!=':
      return null;
  }
}

/** Base rows named by `Id = / IN` or by a look-up field with an index; null when the term is neither. */
function lookedUp(term: Condition, table: Table, context: PredicateContext): readonly number[] | null {
  const equal = term.kind === 'compare' && term.operator === '=';
  if (!equal && !(term.kind === 'in' && !term.negated)) return null;
  const field = context.bind(term.path);
  if (field.steps.length > 0) return null;
  const literals = term.kind === 'in' ? term.literals : [term.literal];
  const ids = literals.flatMap((literal) => (literal.kind === 'text' ? [literal.value] : []));
  if (ids.length < literals.length) return null;
  if (field.def.storage === 'Id') {
    const rows = ids.map((id) => table.rowOf(id)).filter((row) => row !== null);
    return ascending(rows.filter((row) => row < table.baseCount() && !table.isTouched(row)));
  }
  if (field.def.type !== 'reference') return null;
  const lists = ids.map((id) => table.children(field.def.storage, id));
  return lists.includes(null) ? null : ascending(lists.flatMap((rows) => rows ?? []));
}

function ascending(rows: readonly number[]): readonly number[] {
  return [...new Set(rows)].toSorted((a, b) => a - b);
}
