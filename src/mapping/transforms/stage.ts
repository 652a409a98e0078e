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
  /**
   * An operand whose result this is, where there is one, for writes; null
   * where there is none. May be wrong: who uses it runs the mapping over what
   * comes out (inverse/). Absent where nothing ever comes back.
   */
  readonly inverse?: Inverse;
}

export type Inverse = (result: Exclude<Json, null>) => Json;

export const same: Inverse = (x) => x;

export const sameStage = (kind: Kind): Stage => ({ kind, sql: (x) => x, value: (x) => x, inverse: same });

/** `body` over a name for `operand`, which is evaluated once however often `body` says it. */
export const once = (operand: string, name: string, body: string): string =>
  `list_transform([${operand}], lambda ${name}: ${body})[1]`;

export function runStage(stage: Stage, operand: Json): Json {
  return operand === null ? (stage.fills ?? null) : stage.value(operand);
}

/** `first`, then `second`. */
export const chain = (first: Stage, second: Stage): Stage => ({
  kind: second.kind,
  sql: (x) => second.sql(first.sql(x)),
  value: (x) => runStage(second, first.value(x)),
  ...fillsOf(first, second),
  ...inverseOfBoth(first, second),
});

function inverseOfBoth({ inverse: first }: Stage, { inverse: second }: Stage): { inverse?: Inverse } {
  if (first === undefined || second === undefined) return {};
  return {
    inverse: (result) => {
      const between = second(result);
      return between === null ? null : first(between);
    },
  };
}

function fillsOf(first: Stage, second: Stage): { fills?: Json } {
  const filled = runStage(second, first.fills ?? null);
  return filled === null ? {} : { fills: filled };
}
