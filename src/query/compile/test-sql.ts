import type { BoundTest, Scalar, ValueKind } from '../../filter/index.ts';
import { valueSql, type CompileContext } from './context.ts';

/** An expression with how its values compare. */
export interface Typed {
  readonly sql: string;
  readonly kind: ValueKind;
  /** Whole numbers only: literals can stay whole too, which lets DuckDB skip blocks. */
  readonly whole: boolean;
  /** Present where values are amounts of which each record has its own currency. */
  readonly currency?: RecordCurrency;
}

export interface RecordCurrency {
  /** Name of the amount, for errors. */
  readonly amount: string;
  /** Name and SQL of the field with the currency; null where the caller may not see it. */
  readonly field: { readonly name: string; readonly sql: string } | null;
}

/**
 * A bound test as a condition. SQL's third truth value never decides: where it
 * appears it counts as false at the top of a WHERE, and negated tests are
 * written so that a missing value makes them true.
 */
export function testSql(context: CompileContext, operand: Typed, test: BoundTest, negated: boolean): string {
  const { sql } = operand;
  switch (test.kind) {
    case 'missing':
      return negated ? `${sql} is not null` : `${sql} is null`;
    case 'not':
      return testSql(context, operand, test.test, !negated);
    case 'all':
    case 'any': {
      const parts = test.tests.map((part) => testSql(context, operand, part, negated));
      return `(${parts.join((test.kind === 'all') === negated ? ' or ' : ' and ')})`;
    }
    case 'compare': {
      const value = literalSql(context, operand, test.value);
      if (negated && test.op === 'eq') return `${sql} is distinct from ${value}`;
      return unless(negated, `${sql} ${signs[test.op]} ${value}`);
    }
    case 'in':
      return unless(
        negated,
        `${sql} in (${test.values.map((value) => literalSql(context, operand, value)).join(', ')})`,
      );
    case 'has': {
      const values = test.values.map((value) => `cast(${valueSql(context, value)} as varchar)`);
      return unless(negated, `list_has_any(${sql}, [${values.join(', ')}])`);
    }
    case 'contains':
    case 'starts_with':
    default:
      return unless(negated, `${test.kind}(lower(${sql}), lower(cast(${valueSql(context, test.text)} as varchar)))`);
  }
}

/** Also true where `condition` is unknown. */
const unless = (negated: boolean, condition: string): string => (negated ? `(${condition}) is not true` : condition);

const signs = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

function literalSql(context: CompileContext, operand: Typed, value: Scalar): string {
  const type = operand.whole && Number.isSafeInteger(value) ? 'bigint' : sqlTypes[operand.kind];
  return `cast(${valueSql(context, operand.kind === 'datetime' ? String(value).replace('T', ' ').replace('Z', '') : value)} as ${type})`;
}

/** The type in which values of a kind are compared. */
export const sqlTypes: Readonly<Record<ValueKind, string>> = {
  text: 'varchar',
  number: 'double',
  boolean: 'boolean',
  date: 'date',
  datetime: 'timestamp',
  time: 'time',
  list: 'varchar[]',
  json: 'json',
};
