import { setTimeout as sleep } from 'node:timers/promises';
import { ControlError, type Mutation } from './provider.ts';

/** Many changes one after the other, at a steady rate. */
export interface Burst {
  readonly count: number;
  readonly perSecond: number;
  /** The n-th change, from 1. */
  readonly mutation: (n: number) => Mutation;
}

const COUNT_MAX = 100_000;
const SLICE_MS = 10;

/**
 * Reads `{object, op?, ids?, fields?, count, perSecond?}`: `update` (default) of
 * `ids` in turn, or `create`. `{n}` in texts of the fields becomes the number
 * of the change, so that every change is one.
 */
export function burstOf(input: Readonly<Record<string, unknown>>): Burst {
  const { object, op = 'update', ids = [], fields = {}, count, perSecond = 1_000 } = input;
  if (typeof object !== 'string' || (op !== 'update' && op !== 'create'))
    throw new ControlError('burst wants {object, op: update|create, ids?, fields?, count, perSecond?}');
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > COUNT_MAX)
    throw new ControlError(`count must be a whole number from 1 to ${COUNT_MAX}`);
  if (typeof perSecond !== 'number' || !(perSecond > 0)) throw new ControlError('perSecond must be above 0');
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw new ControlError('ids must be texts');
  if (op === 'update' && ids.length === 0) throw new ControlError('an update needs ids');
  const known = ids as readonly string[];
  return {
    count,
    perSecond,
    mutation: (n) => {
      const filled = numbered(fields, n) as Readonly<Record<string, unknown>>;
      const id = known[(n - 1) % known.length];
      return op === 'create' || id === undefined ? { op, object, fields: filled } : { op, object, id, fields: filled };
    },
  };
}

/** Makes the changes; other calls are answered in between. Resolves with the real milliseconds that it took. */
export async function runBurst(burst: Burst, change: (mutation: Mutation) => void): Promise<{ readonly ms: number }> {
  const started = performance.now();
  let made = 0;
  while (made < burst.count) {
    const due = Math.floor(((performance.now() - started) / 1000) * burst.perSecond) + 1;
    for (; made < Math.min(due, burst.count); made += 1) change(burst.mutation(made + 1));
    if (made < burst.count) await sleep(SLICE_MS);
  }
  return { ms: Math.round(performance.now() - started) };
}

function numbered(value: unknown, n: number): unknown {
  if (typeof value === 'string') return value.replaceAll('{n}', String(n));
  if (Array.isArray(value)) return value.map((each) => numbered(each, n));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, numbered(each, n)]));
}
