import { limits } from '../kernel/index.ts';
import { sliceMsOf, type WindowRule, type WindowState } from './window.ts';

/** What a process read off an answer's headers. */
export interface HeardReading {
  readonly limit: number;
  /** Nothing is left when so many calls have been handed out in all. */
  readonly upTo: number;
  /** Null: the provider does not say when its window ends. */
  readonly resetsInMs: number | null;
}

/** Takes in the provider's own count. It counts calls that are not ours as well, so it may only be stricter. */
export function hearReading(state: WindowState, rule: WindowRule, heard: HeardReading, now: number): WindowState {
  const { limit, upTo, resetsInMs } = heard;
  if (limit < 1) return state;
  // Without an end it holds for a slice: the next call brings a new one.
  const holdsMs = Math.min(resetsInMs ?? sliceMsOf(rule), rule.windowMs);
  if (holdsMs <= 0) return { ...state, limit, reading: null };
  return { ...state, limit, reading: { upTo, until: now + holdsMs } };
}

/**
 * Nobody calls before: what the provider stated, but no less than a floor that
 * doubles with each refusal in a row, and no more than a day whatever it
 * stated. `spread`, 0 to 1, only ever makes it later.
 */
export function hearRefusal(
  state: WindowState,
  refusal: { readonly now: number; readonly statedMs: number | null; readonly spread: number },
): WindowState {
  const { now } = refusal;
  // Calls that were under way together are refused together: that is one refusal.
  const together = state.blockedUntil !== null && state.blockedUntil > now;
  const refusals = together ? state.refusals : state.refusals + 1;
  const until = now + refusedForMs({ ...refusal, refusals });
  return { ...state, refusals, blockedUntil: Math.max(until, state.blockedUntil ?? 0) };
}

/** `refusals`: in a row, this one included. */
export function refusedForMs(refusal: {
  readonly statedMs: number | null;
  readonly refusals: number;
  readonly spread: number;
}): number {
  const { statedMs, refusals, spread } = refusal;
  const doubled = limits.limitedWaitMinMs * 2 ** Math.min(30, Math.max(0, refusals - 1));
  const floor = Math.min(limits.limitedWaitFloorMaxMs, doubled);
  const wait = Math.max(floor, Math.min(limits.statedWaitMaxMs, statedMs ?? 0));
  return wait + spread * Math.min(SPREAD_MAX_MS, wait / 10);
}

const SPREAD_MAX_MS = 2_000;

/** An answer after the block had ended: the row of refusals is over. */
export function hearAnswer(state: WindowState, now: number): WindowState {
  if (state.refusals === 0 || (state.blockedUntil !== null && state.blockedUntil > now)) return state;
  return { ...state, refusals: 0, blockedUntil: null };
}
