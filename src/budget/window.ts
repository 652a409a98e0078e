import { limits } from '../kernel/index.ts';
import type { CallPurpose } from '../connectors/index.ts';

/** One limit of one account as it is to be kept: the provider's, or what was configured below it. */
export interface WindowRule {
  readonly name: string;
  readonly windowMs: number;
  /** What holds until the provider says otherwise; with `capped` whatever it says. */
  readonly calls: number;
  readonly capped: boolean;
  /** Share that background work never takes. */
  readonly reserve: number;
}

/**
 * What was handed out, in slices of the window. Times are the database's, ms.
 *
 * A call handed out in a slice is made within that slice or the next one, so
 * no span of `windowMs`, wherever it begins, sees more calls than the slices
 * that touch it: the present one and `SLICES + 1` before it.
 */
export interface WindowState {
  readonly slices: Readonly<Record<string, SliceUse>>;
  /** All that was ever handed out and not given back. */
  readonly total: number;
  /** The provider's own number, once it has said it. */
  readonly limit: number | null;
  readonly reading: Reading | null;
  readonly blockedUntil: number | null;
  /** Refusals in a row. */
  readonly refusals: number;
  /** Nobody is warned again before. */
  readonly warnedUntil: number;
}

export interface SliceUse {
  readonly interactive: number;
  readonly background: number;
}

export interface Reading {
  /** Nothing is left when `total` gets there. */
  readonly upTo: number;
  readonly until: number;
}

export interface Grant {
  readonly granted: number;
  /** Where nothing was granted: when to ask again. */
  readonly waitUntil: number;
}

export const SLICES = 12;
/** Below this many calls there is nothing to spread. */
const SPREAD_FROM = 20;

export const newWindow: WindowState = {
  slices: {},
  total: 0,
  limit: null,
  reading: null,
  blockedUntil: null,
  refusals: 0,
  warnedUntil: 0,
};

export const sliceMsOf = ({ windowMs }: WindowRule): number => windowMs / SLICES;

export const sliceAt = (rule: WindowRule, now: number): number => Math.floor(now / sliceMsOf(rule));

/** A portion is used within half a slice at most: the other half is for calls that are slow to arrive. */
export const portionMsOf = (rule: WindowRule): number => Math.min(limits.budgetPortionMs, sliceMsOf(rule) / 2);

export function callsOf(rule: WindowRule, { limit }: Pick<WindowState, 'limit'>): number {
  if (limit === null) return rule.calls;
  return Math.max(1, rule.capped ? Math.min(rule.calls, limit) : limit);
}

/** What background work may use of `calls`; never nothing at all. */
export const backgroundOf = (rule: WindowRule, calls: number): number =>
  Math.max(1, calls - Math.ceil(calls * rule.reserve));

/** Without what no window reaches any more. */
export function current(state: WindowState, rule: WindowRule, now: number): WindowState {
  const first = sliceAt(rule, now) - SLICES - 1;
  const slices = Object.fromEntries(Object.entries(state.slices).filter(([slice]) => Number(slice) >= first));
  const reading = state.reading !== null && state.reading.until > now ? state.reading : null;
  return { ...state, slices, reading };
}

const sum = (uses: readonly SliceUse[]): number => uses.reduce((all, use) => all + use.interactive + use.background, 0);

export const usedIn = ({ slices }: WindowState): number => sum(Object.values(slices));

/** What the provider's last word leaves; Infinity where there is none. */
export const readLeft = ({ reading, total }: WindowState): number =>
  reading === null ? Infinity : reading.upTo - total;

/** Hands out up to `wanted` calls. `state` must be `current`. */
export function take(
  state: WindowState,
  rule: WindowRule,
  ask: { readonly now: number; readonly purpose: CallPurpose; readonly wanted: number },
): { readonly state: WindowState; readonly grant: Grant } {
  const { now, purpose, wanted } = ask;
  if (state.blockedUntil !== null && state.blockedUntil > now) {
    return { state, grant: { granted: 0, waitUntil: state.blockedUntil } };
  }
  const slice = sliceAt(rule, now);
  const nextSlice = (slice + 1) * sliceMsOf(rule);
  const calls = callsOf(rule, state);
  const usable = purpose === 'interactive' ? calls : backgroundOf(rule, calls);
  const bounds = [
    { left: usable - usedIn(state), again: freeAgainAt(state, rule, nextSlice) },
    { left: readLeft(state) - (calls - usable), again: state.reading?.until ?? nextSlice },
    ...(purpose === 'background' ? [{ left: spreadLeft(state, usable, slice), again: nextSlice }] : []),
  ];
  const granted = Math.max(0, Math.floor(Math.min(wanted, ...bounds.map(({ left }) => left))));
  if (granted > 0) return { state: handedOut(state, slice, purpose, granted), grant: { granted, waitUntil: now } };
  const again = bounds.filter(({ left }) => left < 1).map((bound) => bound.again);
  return { state, grant: { granted: 0, waitUntil: Math.max(...again) } };
}

/** Gives back calls of a slice that were not made. */
export function giveBack(
  state: WindowState,
  unused: { readonly slice: number; readonly purpose: CallPurpose; readonly count: number },
): WindowState {
  const known = state.slices[String(unused.slice)]?.[unused.purpose] ?? 0;
  return handedOut(state, unused.slice, unused.purpose, -Math.min(known, unused.count));
}

function handedOut(state: WindowState, slice: number, purpose: CallPurpose, count: number): WindowState {
  const use = state.slices[String(slice)] ?? { interactive: 0, background: 0 };
  const slices = { ...state.slices, [String(slice)]: { ...use, [purpose]: use[purpose] + count } };
  return { ...state, slices, total: state.total + count };
}

/** When the oldest slice that was used no longer counts. */
function freeAgainAt({ slices }: WindowState, rule: WindowRule, otherwise: number): number {
  const used = Object.entries(slices).filter(([, use]) => sum([use]) > 0);
  if (used.length === 0) return otherwise;
  return (Math.min(...used.map(([slice]) => Number(slice))) + SLICES + 2) * sliceMsOf(rule);
}

/** The first half of the window is there for bursts; the rest is spread over its slices. */
function spreadLeft({ slices }: WindowState, usable: number, slice: number): number {
  if (usable < SPREAD_FROM) return Infinity;
  const half = Math.floor(usable / 2);
  const used = Object.values(slices).reduce((all, use) => all + use.background, 0);
  const now = slices[String(slice)]?.background ?? 0;
  return Math.max(half - used, Math.ceil(half / SLICES) - now);
}
