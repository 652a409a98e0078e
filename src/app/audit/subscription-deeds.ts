import { changeEntry, type AppendAudit } from '../../audit/index.ts';
import type { SubscriptionDeps } from '../../subscriptions/index.ts';

/** Who made, paused, resumed or removed a subscription, or had it sent again, for the audit. Never its secret, nor what its address may hold of one. */
export function keepSubscriptionDeeds(append: AppendAudit): NonNullable<SubscriptionDeps['changed']> {
  return (tx, tenant, { row, done, by }) => {
    const { id, agent, principal, object, events, url, state } = row;
    const after = { done, agent, principal, object, events: [...events], to: new URL(url).origin, state };
    return append(tx, tenant, [changeEntry({ by, what: `subscription ${String(id)}: ${done}`, after })]);
  };
}
