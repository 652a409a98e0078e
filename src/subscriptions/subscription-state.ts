/**
 * The life of a subscription, as a full table.
 *
 * - active: changes become deliveries, and these are sent
 * - paused: an operator stopped it; changes wait where they are
 * - disabled: it stopped by itself (`reason` says why); somebody has to look and resume it
 */
export type SubscriptionState = 'active' | 'paused' | 'disabled';

/**
 * - paused, resumed: an operator's act
 * - receiver_gone: the receiver answered 410
 * - failed_long: every delivery failed for days
 * - grant_lost: the agent is gone, or its grant does not show the object, filter or fields any more
 * - key_ended: the agent has no good key at the tenant any more
 * - changes_gone: it stood so long that changes were removed before they were looked at
 */
export type SubscriptionEvent =
  'paused' | 'resumed' | 'receiver_gone' | 'failed_long' | 'grant_lost' | 'key_ended' | 'changes_gone';

/** `null`: it cannot happen in that state; it is ignored, and an operator's act is refused. */
type Table = Readonly<Record<SubscriptionState, Readonly<Record<SubscriptionEvent, SubscriptionState | null>>>>;

export const subscriptionTable: Table = {
  active: {
    paused: 'paused',
    resumed: null,
    receiver_gone: 'disabled',
    failed_long: 'disabled',
    grant_lost: 'disabled',
    key_ended: 'disabled',
    changes_gone: 'disabled',
  },
  paused: {
    paused: null,
    resumed: 'active',
    // Of an attempt that was under way.
    receiver_gone: 'disabled',
    failed_long: 'disabled',
    grant_lost: 'disabled',
    key_ended: 'disabled',
    changes_gone: null,
  },
  disabled: {
    paused: null,
    resumed: 'active',
    receiver_gone: null,
    failed_long: null,
    grant_lost: null,
    key_ended: null,
    changes_gone: null,
  },
};

export function nextSubscriptionState(state: SubscriptionState, event: SubscriptionEvent): SubscriptionState | null {
  return subscriptionTable[state][event];
}

/** A row's state; a program older than the row may not know it. */
export function subscriptionStateOf(text: string): SubscriptionState {
  if (text === 'active' || text === 'paused') return text;
  return 'disabled';
}
