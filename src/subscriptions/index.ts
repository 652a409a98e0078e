export { createChangeBell, type ChangeBell } from './change-bell.ts';
export { afterAttempt, retryAfterMs, retryPauseMs, type AttemptResult } from './after-attempt.ts';
export type { SubscriptionDeed, SubscriptionDeps } from './deps.ts';
export { deliveryStates, deliveryTable, type DeliveryEvent, type DeliveryState } from './delivery-state.ts';
export type { SubscriptionLogEvent } from './events.ts';
export { followEvents, readEvent, readEventPage, sentEvents, type AskViewer, type FeedItem } from './follow-events.ts';
export { createSubscriptions, type NewSubscriptionWish, type ReplayRange, type Subscriptions } from './manage.ts';
export { causeOf } from './post-event.ts';
export { readSpec, type EventWish } from './read-spec.ts';
export { checkReceiverUrl, createReceiverAgent, type ReceiverRules } from './receiver-agent.ts';
export { signEvent } from './sign-event.ts';
export {
  nextSubscriptionState,
  subscriptionTable,
  type SubscriptionEvent,
  type SubscriptionState,
} from './subscription-state.ts';
export {
  eventTypes,
  viewChange,
  type EventSpec,
  type EventType,
  type ViewedEvent,
  type Viewer,
} from './view-change.ts';
export { startSubscriptionWorker, type SubscriptionWorker } from './worker.ts';
