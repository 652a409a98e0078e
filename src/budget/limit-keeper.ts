import type { AllowanceReading, CallPurpose } from '../connectors/index.ts';
import { tellBudgets } from '../store/index.ts';
import type { BackgroundWork } from './background-work.ts';
import type { BudgetDeps } from './deps.ts';
import { forecast } from './forecast.ts';
import { hearRefusal, refusedForMs } from './hear.ts';
import { createLimitRow, type LimitRow } from './limit-row.ts';
import { createPortions, PORTION_MAX, type Portion, type Portions } from './portions.ts';
import { callsOf, portionMsOf, sliceAt, take, type WindowRule, type WindowState } from './window.ts';

export interface LimitOf {
  readonly account: string;
  readonly provider: string;
  readonly name: string;
}

/** One limit of one account, as this process sees it. */
export interface LimitKeeper {
  /** A call now, or how many ms to wait before asking again. */
  spend(rule: WindowRule, purpose: CallPurpose): Promise<Spent>;
  /** The provider refused a call. `statedMs`: as it said. */
  refused(rule: WindowRule, statedMs: number | null): void;
  /** Another process was refused. */
  block(forMs: number): void;
  /** The provider let a call through. `reading`: what it says is left. */
  answered(reading: AllowanceReading | null): void;
}

export type Spent =
  { readonly kind: 'call'; readonly call: SpentCall } | { readonly kind: 'wait'; readonly ms: number };

/** Ended exactly once. */
export interface SpentCall {
  done(): void;
  /** It was not made after all. */
  giveBack(): void;
}

/**
 * Takes portions from the database, so that most calls cost no statement, and
 * gives back what was not used. What one process hears from the provider goes
 * to the database with its next portion; a refusal goes at once.
 */
export function createLimitKeeper(deps: BudgetDeps, of: LimitOf, work: BackgroundWork): LimitKeeper {
  const { clock } = deps;
  const row = createLimitRow(deps, of);
  const portions = createPortions(clock);
  const refill = refillOf({ deps, of, work, row, portions });
  let blockedUntilMs = 0;
  let underWay = 0;

  const spentFrom = (portion: Portion): SpentCall => {
    portion.left -= 1;
    underWay += 1;
    const { slice, purpose, endsMs } = portion;
    return {
      done: () => {
        underWay -= 1;
      },
      giveBack: () => {
        underWay -= 1;
        if (portion.slice === slice && portion.endsMs === endsMs) portion.left += 1;
        else row.sayUnused({ slice, purpose, count: 1 });
      },
    };
  };

  return {
    spend: async (rule, purpose) => {
      const portion = portions.of(rule, purpose);
      for (;;) {
        const now = clock.monotonicMs();
        if (blockedUntilMs > now) return { kind: 'wait', ms: blockedUntilMs - now };
        if (portion.left > 0 && portion.endsMs > now) return { kind: 'call', call: spentFrom(portion) };
        portion.asking ??= refill(portion).finally(() => (portion.asking = null));
        const waitMs = await portion.asking;
        if (waitMs > 0) return { kind: 'wait', ms: waitMs };
      }
    },
    refused: (rule, statedMs) => {
      const spread = deps.random.fraction();
      // At once for this process; the others hear of it with the commit.
      const atLeastMs = refusedForMs({ statedMs, refusals: 1, spread });
      blockedUntilMs = Math.max(blockedUntilMs, clock.monotonicMs() + atLeastMs);
      work.run(async () => {
        const ms = await row.change(rule, 'budget.refused', (before, now, tx) => {
          const state = hearRefusal(before, { now, statedMs, spread });
          const forMs = (state.blockedUntil ?? now) - now;
          void tellBudgets(tx, { account: of.account, limit: of.name, forMs });
          return { state, result: forMs };
        });
        blockedUntilMs = Math.max(blockedUntilMs, clock.monotonicMs() + ms);
        deps.onEvent({ kind: 'budget_blocked', account: of.account, limit: of.name, ms });
      });
    },
    block: (forMs) => {
      blockedUntilMs = Math.max(blockedUntilMs, clock.monotonicMs() + forMs);
    },
    answered: (reading) => {
      if (blockedUntilMs > 0 && blockedUntilMs <= clock.monotonicMs()) {
        blockedUntilMs = 0;
        row.sayLetThrough();
      }
      if (reading === null) return;
      // What is under way, in hand or not given back yet may come on top of what the provider has counted.
      row.sayReading(reading, reading.remaining - underWay - portions.inHand() - row.unusedCount());
      for (const calls of portions.trim(reading, underWay)) row.sayUnused(calls);
    },
  };
}

interface RefillParts {
  readonly deps: BudgetDeps;
  readonly of: LimitOf;
  readonly work: BackgroundWork;
  readonly row: LimitRow;
  readonly portions: Portions;
}

/** Asks the database for calls. Resolves with 0, or the ms to wait. */
function refillOf({ deps, of, work, row, portions }: RefillParts): (portion: Portion) => Promise<number> {
  const collect = (): void => {
    for (const calls of portions.ended()) row.sayUnused(calls);
  };
  const settleLater = async (rule: WindowRule): Promise<void> => {
    await deps.clock.sleep(portionMsOf(rule) + 1, work.signal).catch(() => undefined);
    collect();
    if (row.hasToSay()) await row.change(rule, 'budget.give_back', (state) => ({ state, result: undefined }));
  };
  return async (portion) => {
    const { rule, purpose } = portion;
    const askedMs = deps.clock.monotonicMs();
    collect();
    const got = await row.change(rule, 'budget.take', (before, now) => {
      const most = Math.max(1, Math.floor(callsOf(rule, before) / PORTIONS_MIN));
      const wanted = Math.min(portion.size, most, PORTION_MAX);
      const { state, grant } = take(before, rule, { now, purpose, wanted });
      const result = { ...grant, now, slice: sliceAt(rule, now), most };
      return { state: warned(deps, of, rule, state, now), result };
    });
    if (got.granted === 0) return Math.max(1, got.waitUntil - got.now);
    portions.fill(portion, got, askedMs);
    work.run(() => settleLater(rule));
    return 0;
  };
}

/** A portion is at most such a part of the limit, so that one process leaves something for the others. */
const PORTIONS_MIN = 10;
/** Nobody is warned while less than this part is used. */
const WARN_FROM = 0.5;

function warned(
  { onEvent }: BudgetDeps,
  { account, name }: LimitOf,
  rule: WindowRule,
  state: WindowState,
  now: number,
): WindowState {
  const { used, limit, exhaustedAt } = forecast(state, rule, now);
  if (exhaustedAt === null || used < limit * WARN_FROM || state.warnedUntil > now) return state;
  onEvent({ kind: 'budget_running_out', account, limit: name, used, of: limit, exhaustedAt: new Date(exhaustedAt) });
  return { ...state, warnedUntil: now + rule.windowMs };
}
