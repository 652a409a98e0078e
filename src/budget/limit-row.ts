import type { Clock } from '../kernel/index.ts';
import type { AllowanceReading, CallPurpose } from '../connectors/index.ts';
import { keepBudget, lockBudget, type BudgetKey, type Tx } from '../store/index.ts';
import type { BudgetDeps } from './deps.ts';
import { hearAnswer, hearReading } from './hear.ts';
import { current, giveBack, newWindow, type WindowRule, type WindowState } from './window.ts';

/** Calls of a slice that were handed out and not made. */
export interface UnusedCalls {
  readonly slice: number;
  readonly purpose: CallPurpose;
  readonly count: number;
}

/** What a process has to tell of a limit; it travels with its next transaction. */
interface ToSay {
  readonly unused: readonly UnusedCalls[];
  readonly heard: { readonly reading: AllowanceReading; readonly upTo: number; readonly atMs: number } | null;
  /** An answer since the last refusal: the row of refusals is over. */
  readonly letThrough: boolean;
}

const nothing: ToSay = { unused: [], heard: null, letThrough: false };

/** A limit's row in the database, with what this process still has to add to it. */
export interface LimitRow {
  sayUnused(calls: UnusedCalls): void;
  /** `remaining`: as read, less what is under way or in hand here. */
  sayReading(reading: AllowanceReading, remaining: number): void;
  sayLetThrough(): void;
  /** Calls that were not made and are not given back yet. */
  unusedCount(): number;
  hasToSay(): boolean;
  /** Says everything, then changes the row by `decide`, in one transaction. */
  change<Result>(
    rule: WindowRule,
    place: string,
    decide: (state: WindowState, now: number, tx: Tx) => { readonly state: WindowState; readonly result: Result },
  ): Promise<Result>;
}

export function createLimitRow(
  { db, clock }: Pick<BudgetDeps, 'db' | 'clock'>,
  key: BudgetKey & { readonly provider: string },
): LimitRow {
  let toSay = nothing;
  /** All that had been handed out when the database was last asked. */
  let total = 0;
  return {
    sayUnused: (calls) => {
      toSay = { ...toSay, unused: [...toSay.unused, calls] };
    },
    sayReading: (reading, remaining) => {
      toSay = { ...toSay, heard: { reading, upTo: total + remaining, atMs: clock.monotonicMs() } };
    },
    sayLetThrough: () => {
      toSay = { ...toSay, letThrough: true };
    },
    unusedCount: () => toSay.unused.reduce((all, { count }) => all + count, 0),
    hasToSay: () => toSay !== nothing,
    change: async (rule, place, decide) => {
      const said = toSay;
      toSay = nothing;
      try {
        const done = await db.tx(async (tx) => {
          const now = tx.now.getTime();
          const before = current((await lockBudget<WindowState>(tx, key)) ?? newWindow, rule, now);
          const { state, result } = decide(told(before, rule, said, { now, clock }), now, tx);
          await keepBudget(tx, key, state);
          return { result, total: state.total };
        }, place);
        total = done.total;
        return done.result;
      } catch (error) {
        toSay = {
          unused: [...said.unused, ...toSay.unused],
          heard: toSay.heard ?? said.heard,
          letThrough: toSay.letThrough || said.letThrough,
        };
        throw error;
      }
    },
  };
}

function told(
  before: WindowState,
  rule: WindowRule,
  { unused, heard, letThrough }: ToSay,
  { now, clock }: { readonly now: number; readonly clock: Clock },
): WindowState {
  let state = before;
  for (const calls of unused) state = giveBack(state, calls);
  if (letThrough) state = hearAnswer(state, now);
  if (heard === null) return state;
  const { limit, resetsInMs } = heard.reading;
  const left = resetsInMs === null ? null : Math.max(0, resetsInMs - (clock.monotonicMs() - heard.atMs));
  return hearReading(state, rule, { limit, upTo: heard.upTo, resetsInMs: left }, now);
}
