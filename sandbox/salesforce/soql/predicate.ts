import type { CompareOperator, Condition, Literal, Path } from './ast.ts';
import type { BoundField } from './bind.ts';
import { comparable, operand, sortOf, type Comparable, type Operand } from './operand.ts';
import { SoqlError } from './soql-error.ts';

export type Predicate = (row: number) => boolean;

export interface PredicateContext {
  readonly text: string;
  readonly nowMs: number;
  bind(path: Path): BoundField;
}

/** Compiles a condition; everything wrong with it is found here, before any row is read. */
export function compile(condition: Condition, context: PredicateContext): Predicate {
  switch (condition.kind) {
    case 'and': {
      const terms = condition.terms.map((term) => compile(term, context));
      return (row) => terms.every((term) => term(row));
    }
    case 'or': {
      const terms = condition.terms.map((term) => compile(term, context));
      return (row) => terms.some((term) => term(row));
    }
    case 'not': {
      const term = compile(condition.term, context);
      return (row) => !term(row);
    }
    case 'compare':
      return condition.operator === 'like'
        ? like(context.bind(condition.path), condition.literal, context)
        : compare(context.bind(condition.path), condition.operator, condition.literal, context);
    case 'in': {
      const field = context.bind(condition.path);
      const wanted = new Set(
        condition.literals.map((literal) => single(operand(field.def, literal, context.text, context.nowMs))),
      );
      return (row) => wanted.has(comparable(field.def, field.read(row))) !== condition.negated;
    }
    case 'includes':
      return includes(context.bind(condition.path), condition.negated, condition.literals, context);
  }
}

function single(value: Operand): Comparable {
  return value.kind === 'value' ? value.value : value.from;
}

/** A null never is less or greater; `!=` is true for it, as on the platform. */
function compare(
  field: BoundField,
  operator: Exclude<CompareOperator, 'like'>,
  literal: Literal,
  context: PredicateContext,
): Predicate {
  const wanted = operand(field.def, literal, context.text, context.nowMs);
  const from = wanted.kind === 'value' ? wanted.value : wanted.from;
  const to = wanted.kind === 'value' ? null : wanted.to;
  const read = (row: number): Comparable => comparable(field.def, field.read(row));
  const within = (value: Comparable): boolean =>
    to === null ? value === from : value !== null && value >= (from ?? '') && value < to;
  const ordered = (test: (value: NonNullable<Comparable>) => boolean): Predicate => {
    if (from === null) return () => false;
    return (row) => {
      const value = read(row);
      return value !== null && test(value);
    };
  };
  const low = from ?? '';
  switch (operator) {
    case '=':
      return (row) => within(read(row));
    case '!=':
      return (row) => !within(read(row));
    case '<':
      return ordered((value) => value < low);
    case '<=':
      return ordered((value) => (to === null ? value <= low : value < to));
    case '>':
      return ordered((value) => (to === null ? value > low : value >= to));
    case '>=':
      return ordered((value) => value >= low);
  }
}

/** `%` stands for any text, `_` for one character; case does not matter. */
function like(field: BoundField, literal: Literal, context: PredicateContext): Predicate {
  if (sortOf(field.def.type) !== 'text' || literal.kind !== 'text') {
    throw new SoqlError(
      'INVALID_QUERY_FILTER_OPERATOR',
      context.text,
      literal.at,
      `invalid operator on ${field.def.type} field`,
    );
  }
  operand(field.def, literal, context.text, context.nowMs);
  const source = literal.value.replace(
    /\\([%_])|([%_])|[.*+?^${}()|[\]\\]/g,
    (match, escaped: string | undefined, wild: string | undefined) => {
      if (escaped !== undefined) return escaped;
      if (wild !== undefined) return wild === '%' ? '[^]*' : '[^]';
      return `\\${match}`;
    },
  );
  const pattern = new RegExp(`^${source}$`, 'iu');
  return (row) => {
    const value = field.read(row);
    return typeof value === 'string' && pattern.test(value);
  };
}

/** Each literal may name several values that must all be chosen, separated by `;`. */
function includes(
  field: BoundField,
  negated: boolean,
  literals: readonly Literal[],
  context: PredicateContext,
): Predicate {
  if (field.def.type !== 'multipicklist') {
    throw new SoqlError(
      'INVALID_QUERY_FILTER_OPERATOR',
      context.text,
      literals[0]?.at ?? 0,
      'includes and excludes need a multi-select picklist',
    );
  }
  const sets = literals.map((literal) => (literal.kind === 'text' ? literal.value.toLowerCase().split(';') : []));
  return (row) => {
    const value = field.read(row);
    const chosen = new Set(typeof value === 'string' ? value.toLowerCase().split(';') : []);
    return sets.some((set) => set.every((one) => chosen.has(one))) !== negated;
  };
}
