import type { Clock } from '../kernel/index.ts';
import type { AllowanceReading, CallPurpose } from '../connectors/index.ts';
import type { UnusedCalls } from './limit-row.ts';
import { backgroundOf, portionMsOf, type WindowRule } from './window.ts';

/** Calls that this process was allotted and may still make. */
export interface Portion {
  readonly rule: WindowRule;
  readonly purpose: CallPurpose;
  slice: number;
  left: number;
  /** Monotonic. */
  endsMs: number;
  /** How many to ask for next time: doubles while they are used up, halves when some are left over. */
  size: number;
  asking: Promise<number> | null;
}

export interface Portions {
  of(rule: WindowRule, purpose: CallPurpose): Portion;
  /** Takes in what the database gave for a question asked at `askedMs`. */
  fill(
    portion: Portion,
    got: { readonly slice: number; readonly granted: number; readonly most: number },
    askedMs: number,
  ): void;
  /** What portions that have ended still held. */
  ended(): readonly UnusedCalls[];
  /** What the provider has not got any more: somebody else used the account up. */
  trim(reading: AllowanceReading, underWay: number): readonly UnusedCalls[];
  inHand(): number;
}

/** The most calls in one portion. */
export const PORTION_MAX = 50;
/** However slow the database was, those who wait get what was asked for them. */
const AT_LEAST_MS = 5;

export function createPortions(clock: Clock): Portions {
  const all = new Map<string, Portion>();
  const take = (portion: Portion, count: number): UnusedCalls => {
    portion.left -= count;
    return { slice: portion.slice, purpose: portion.purpose, count };
  };
  return {
    of: (rule, purpose) => {
      const key = `${purpose} ${String(rule.calls)} ${String(rule.reserve)}`;
      const known = all.get(key);
      if (known !== undefined) return known;
      const made: Portion = { rule, purpose, slice: 0, left: 0, endsMs: 0, size: 1, asking: null };
      all.set(key, made);
      return made;
    },
    fill: (portion, { slice, granted, most }, askedMs) => {
      portion.slice = slice;
      portion.left = granted;
      // From before the question: it ends early rather than late.
      portion.endsMs = Math.max(askedMs + portionMsOf(portion.rule), clock.monotonicMs() + AT_LEAST_MS);
      portion.size = Math.min(most, PORTION_MAX, portion.size * 2);
    },
    ended: () => {
      const ended = [...all.values()].filter(({ left, endsMs }) => left > 0 && endsMs <= clock.monotonicMs());
      return ended.map((portion) => {
        portion.size = Math.max(1, Math.floor(portion.size / 2));
        return take(portion, portion.left);
      });
    },
    trim: ({ limit, remaining }, underWay) =>
      [...all.values()].flatMap((portion) => {
        const { purpose, rule } = portion;
        const reserve = purpose === 'interactive' ? 0 : limit - backgroundOf(rule, limit);
        const count = portion.left - Math.max(0, remaining - underWay - reserve);
        return count > 0 ? [take(portion, count)] : [];
      }),
    inHand: () => [...all.values()].reduce((sum, { left }) => sum + left, 0),
  };
}
