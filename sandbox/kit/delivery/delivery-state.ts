/** Where a message to a receiver stands. The last three are ends. */
export const DELIVERY_STATES = ['queued', 'held', 'sending', 'waiting', 'delivered', 'failed', 'dropped'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/**
 * hold: a fault keeps it back; release: it may go on; send: an
 * attempt begins; accept, retry, give_up: how the attempt ended; drop: a fault
 * loses it; cancel: its webhook or channel is gone.
 */
export const DELIVERY_EVENTS = ['hold', 'release', 'send', 'accept', 'retry', 'give_up', 'drop', 'cancel'] as const;
export type DeliveryEvent = (typeof DELIVERY_EVENTS)[number];

/** Null: cannot happen, and a defect of the sandbox if it does. */
type Row = Readonly<Record<DeliveryEvent, DeliveryState | null>>;

const IMPOSSIBLE: Row = {
  hold: null,
  release: null,
  send: null,
  accept: null,
  retry: null,
  give_up: null,
  drop: null,
  cancel: null,
};

export const DELIVERY_TABLE: Readonly<Record<DeliveryState, Row>> = {
  queued: { ...IMPOSSIBLE, hold: 'held', send: 'sending', drop: 'dropped', cancel: 'failed' },
  held: { ...IMPOSSIBLE, release: 'queued', cancel: 'failed' },
  sending: { ...IMPOSSIBLE, accept: 'delivered', retry: 'waiting', give_up: 'failed' },
  waiting: { ...IMPOSSIBLE, release: 'queued', cancel: 'failed' },
  delivered: IMPOSSIBLE,
  failed: IMPOSSIBLE,
  dropped: IMPOSSIBLE,
};

export function nextDeliveryState(state: DeliveryState, event: DeliveryEvent): DeliveryState {
  const next = DELIVERY_TABLE[state][event];
  if (next === null) throw new Error(`a ${state} delivery cannot ${event}`);
  return next;
}
