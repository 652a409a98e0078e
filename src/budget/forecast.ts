import { callsOf, readLeft, SLICES, sliceAt, sliceMsOf, usedIn, type WindowRule, type WindowState } from './window.ts';

export interface Forecast {
  /** By whomever, as far as the provider tells; else by us. */
  readonly used: number;
  readonly limit: number;
  /** Calls that only somebody who waits for an answer may use. */
  readonly reserve: number;
  /** When the provider's window ends, or calls of ours begin to count no more; null: nothing is used. */
  readonly resetsAt: number | null;
  /** At the present rate; null: not before it resets. */
  readonly exhaustedAt: number | null;
  readonly blockedUntil: number | null;
}

/** Slices that the present rate is taken from, the running one aside. */
const RATE_SLICES = 3;

/** `state` must be `current`. */
export function forecast(state: WindowState, rule: WindowRule, now: number): Forecast {
  const limit = callsOf(rule, state);
  const left = Math.max(0, Math.min(limit - usedIn(state), readLeft(state)));
  const slices = Object.entries(state.slices).filter(([, use]) => use.interactive + use.background > 0);
  const sliceMs = sliceMsOf(rule);
  const oldest = slices.length === 0 ? null : Math.min(...slices.map(([slice]) => Number(slice)));
  const ownEnd = oldest === null ? null : (oldest + SLICES + 2) * sliceMs;
  return {
    used: limit - left,
    limit,
    reserve: Math.ceil(limit * rule.reserve),
    resetsAt: state.reading?.until ?? ownEnd,
    exhaustedAt: exhaustion(state, rule, left, now),
    blockedUntil: state.blockedUntil !== null && state.blockedUntil > now ? state.blockedUntil : null,
  };
}

function exhaustion(state: WindowState, rule: WindowRule, left: number, now: number): number | null {
  const sliceMs = sliceMsOf(rule);
  const from = sliceAt(rule, now) - RATE_SLICES;
  const calls = Object.entries(state.slices)
    .filter(([slice]) => Number(slice) >= from)
    .reduce((all, [, use]) => all + use.interactive + use.background, 0);
  if (calls === 0) return null;
  if (left === 0) return now;
  const perMs = calls / (now - from * sliceMs);
  const at = now + left / perMs;
  // A rate that the limit bears for ever uses nothing up, unless others draw on the account as well.
  const bears = perMs * rule.windowMs <= callsOf(rule, state);
  const resetsAt = state.reading?.until ?? null;
  if (resetsAt !== null && readLeft(state) <= left) return at < resetsAt ? at : null;
  return bears || at > now + rule.windowMs ? null : at;
}
