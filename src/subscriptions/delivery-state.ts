/**
 * The life of one event for one subscription, as a full table.
 *
 * - due: to be sent, now or later
 * - delivered: the receiver answered 2xx
 * - dead: no further try; `cause` says why, and it can be replayed
 * - withheld: when it was to be sent, the agent might not see the record any more, or its change was no longer kept
 */
export type DeliveryState = 'due' | 'delivered' | 'dead' | 'withheld';

export type DeliveryEvent = 'accepted' | 'failed' | 'exhausted' | 'withheld' | 'replayed';

type Table = Readonly<Record<DeliveryState, Readonly<Record<DeliveryEvent, DeliveryState | null>>>>;

export const deliveryTable: Table = {
  due: { accepted: 'delivered', failed: 'due', exhausted: 'dead', withheld: 'withheld', replayed: null },
  delivered: { accepted: null, failed: null, exhausted: null, withheld: null, replayed: 'due' },
  dead: { accepted: null, failed: null, exhausted: null, withheld: null, replayed: 'due' },
  withheld: { accepted: null, failed: null, exhausted: null, withheld: null, replayed: 'due' },
};

export const deliveryStates = Object.keys(deliveryTable) as readonly DeliveryState[];

/** The states in which this can happen. */
export const statesBefore = (event: DeliveryEvent): readonly DeliveryState[] =>
  deliveryStates.filter((state) => deliveryTable[state][event] !== null);
