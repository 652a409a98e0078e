import { hash32 } from './random.ts';
import { ControlError } from './provider.ts';

/** Writes to single records that the provider is to refuse, as `POST /__sandbox/fail` takes them. */
export interface FailureRule {
  /** Object as the provider names it. */
  readonly object: string;
  readonly op?: WriteOp;
  /** Only these records; absent: any, also ones that do not exist yet. */
  readonly ids?: readonly string[];
  /** Of the writes that match so large a part, from above 0 to 1; which ones, `seed` decides. Default 1. */
  readonly share?: number;
  readonly seed?: number;
  /** How many writes it refuses; absent: all until `DELETE /__sandbox/fail`. */
  readonly times?: number;
  /** The provider's own code, such as `UNABLE_TO_LOCK_ROW`. */
  readonly error: string;
  /** Words beside the code; absent: the provider's own. */
  readonly message?: string;
}

export type WriteOp = 'create' | 'update' | 'delete';

export interface AttemptedWrite {
  readonly object: string;
  readonly op: WriteOp;
  /** Null: the record has no id yet. */
  readonly id: string | null;
}

export interface Failure {
  readonly error: string;
  readonly message: string | null;
}

/** A provider asks before it writes a single record, also within a batch or a job. */
export interface WriteFailures {
  add(rules: readonly FailureRule[]): number;
  clear(): void;
  /** The failure of the first live rule that hits this write, which this counts as used. */
  take(write: AttemptedWrite): Failure | null;
}

interface LiveRule {
  readonly rule: FailureRule;
  seen: number;
  left: number;
}

export function createWriteFailures(): WriteFailures {
  let live: LiveRule[] = [];
  return {
    add: (rules) => {
      live.push(...rules.map((rule) => ({ rule, seen: 0, left: rule.times ?? Number.POSITIVE_INFINITY })));
      return live.length;
    },
    clear: () => {
      live = [];
    },
    take: (write) => {
      for (const entry of live) {
        if (!hits(entry, write)) continue;
        entry.left -= 1;
        if (entry.left <= 0) live = live.filter((other) => other !== entry);
        return { error: entry.rule.error, message: entry.rule.message ?? null };
      }
      return null;
    },
  };
}

function hits(entry: LiveRule, { object, op, id }: AttemptedWrite): boolean {
  const { rule } = entry;
  if (rule.object.toLowerCase() !== object.toLowerCase()) return false;
  if (rule.op !== undefined && rule.op !== op) return false;
  if (rule.ids !== undefined && (id === null || !rule.ids.includes(id))) return false;
  entry.seen += 1;
  const share = rule.share ?? 1;
  return share >= 1 || hash32(rule.seed ?? 1, entry.seen) / 2 ** 32 < share;
}

/** Reads a rule of the control API. Throws ControlError. */
export function failureRule(input: Readonly<Record<string, unknown>>): FailureRule {
  const { object, op, ids, share, seed, times, error, message } = input;
  if (typeof object !== 'string' || typeof error !== 'string')
    throw new ControlError('fail wants {object, error, op?, ids?, share?, seed?, times?, message?}');
  if (op !== undefined && op !== 'create' && op !== 'update' && op !== 'delete')
    throw new ControlError('op must be create, update or delete');
  if (share !== undefined && !(typeof share === 'number' && share > 0 && share <= 1))
    throw new ControlError('share must be above 0 and at most 1');
  if (times !== undefined && !(Number.isSafeInteger(times) && Number(times) > 0))
    throw new ControlError('times must be a whole number from 1');
  if (ids !== undefined && !Array.isArray(ids)) throw new ControlError('ids must be a list');
  return {
    object,
    error,
    ...(op === undefined ? {} : { op }),
    ...(ids === undefined ? {} : { ids: ids.map(String) }),
    ...(share === undefined ? {} : { share }),
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(times === undefined ? {} : { times: Number(times) }),
    ...(typeof message === 'string' ? { message } : {}),
  };
}
