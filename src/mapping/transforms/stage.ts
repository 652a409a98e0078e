import type { Json } from '../../kernel/index.ts';
import type { Kind } from '../kind.ts';

/**
 * One step of a mapping in both of its forms. `sql` wraps a DuckDB expression,
 * `value` does the same to a value in JSON; on equal input they agree, which a
 * property test holds on a real DuckDB. Neither ever fails: what does not fit
 * becomes missing (NULL, null).
 */
export interface Stage {
  /** Kind of the result. */
  readonly kind: Kind;
  readonly sql: (operand: string) => string;
  /** Called with values that are there; a missing value stays missing unless `fills`. */
  readonly value: (operand: Exclude<Json, null>) => Json;
  /** Result for a missing operand: only `default` has one. */
  readonly fills?: Json;
}

export const sameStage = (kind: Kind): Stage => ({ kind, sql: (x) => x, value: (x) => x });

export function runStage(stage: Stage, operand: Json): Json {
  return operand === null ? (stage.fills ?? null) : stage.value(operand);
}

/** `first`, then `second`. */
export const chain = (first: Stage, second: Stage): Stage => ({
  kind: second.kind,
  sql: (x) => second.sql(first.sql(x)),
  value: (x) => runStage(second, first.value(x)),
  ...fillsOf(first, second),
});

function fillsOf(first: Stage, second: Stage): { fills?: Json } {
  const filled = runStage(second, first.fills ?? null);
  return filled === null ? {} : { fills: filled };
}
