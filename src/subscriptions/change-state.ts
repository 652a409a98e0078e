import type { TenantId } from '../kernel/index.ts';
import { lockSubscription, setSubscriptionState, type Tx } from '../store/index.ts';
import type { SubscriptionLogEvent } from './events.ts';
import { nextSubscriptionState, subscriptionStateOf, type SubscriptionEvent } from './subscription-state.ts';

/** What happened to a subscription by itself, as its state; what to tell once that is committed. */
export async function noteSubscription(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly id: number },
  event: SubscriptionEvent,
): Promise<readonly SubscriptionLogEvent[]> {
  const row = await lockSubscription(tx, key);
  const state = row === null ? null : nextSubscriptionState(subscriptionStateOf(row.state), event);
  if (state === null) return [];
  await setSubscriptionState(tx, key, { state, reason: event });
  if (state !== 'disabled') return [];
  return [{ kind: 'subscription_disabled', tenant: key.tenant, subscription: key.id, reason: event }];
}
