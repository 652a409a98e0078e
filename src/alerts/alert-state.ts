/**
 * The life of an alert, as a full table.
 *
 * - pending: the problem is there, but not for long enough to bother anybody
 * - fading: it was pending and is gone; it may come back
 * - open: people are told
 * - clearing: it was open and the problem is gone; it may come back
 * - resolved: over; the same problem later is another alert
 *
 * `none`: there is no alert for this problem; from `fading`, the row goes.
 */
export type AlertState = 'pending' | 'fading' | 'open' | 'clearing' | 'resolved';

/**
 * - seen: the problem is there
 * - ripe: it is there, and has been for as long as its topic asks
 * - gone: it is not there
 * - settled: it has not been there for long enough to be over
 */
export type AlertEvent = 'seen' | 'ripe' | 'gone' | 'settled';

type Next = AlertState | 'none' | null;

/** Null: cannot happen to an alert in this state. */
export const alertTable: Readonly<Record<AlertState | 'none', Readonly<Record<AlertEvent, Next>>>> = {
  none: { seen: 'pending', ripe: 'open', gone: null, settled: null },
  pending: { seen: 'pending', ripe: 'open', gone: 'fading', settled: null },
  // A problem that comes and goes ripens all the same.
  fading: { seen: 'pending', ripe: 'open', gone: 'fading', settled: 'none' },
  open: { seen: 'open', ripe: 'open', gone: 'clearing', settled: null },
  // Nobody is told again of what came back so soon.
  clearing: { seen: 'open', ripe: 'open', gone: 'clearing', settled: 'resolved' },
  resolved: { seen: null, ripe: null, gone: null, settled: null },
};

export function nextAlertState(state: AlertState | 'none', event: AlertEvent): AlertState | 'none' {
  const next = alertTable[state][event];
  if (next === null) throw new Error(`an alert that is ${state} was ${event}`);
  return next;
}
