export { type FollowDeps, type LineTarget, type LineWish, type ToldBatch } from './follow-line.ts';
export type { LineLogEvent } from './line-events.ts';
export { startLineFollowers, type LineFollowers, type LineFollowersOptions } from './line-followers.ts';
export { afterLineEvent, lineTable, type LineEvent, type LineState } from './line-state.ts';
export { emptyInbox, groups, type EmptyDeps, type InboxLogEvent } from './empty-inbox.ts';
export { afterInboxEvent, eventTable, type EventState, type InboxEvent } from './event-state.ts';
export { startInboxWorker, type InboxWorker, type InboxWorkerOptions } from './inbox-worker.ts';
export { createReceiver, type ReceiveDeps, type Received, type ReceiveEvent } from './receive.ts';
export { countDeadEvents, deadEvents, dropDeadEvents, replayDeadEvents, type DeadCount } from './dead-events.ts';
export {
  afterRegistrationEvent,
  registrationTable,
  type RegistrationEvent,
  type RegistrationState,
} from './registration-state.ts';
export {
  isAsWished,
  takeBack,
  takeRegistrationTurn,
  type RegistrationDeps,
  type RegistrationLogEvent,
} from './registration-turn.ts';
export { keepRegistrations, type Registrations, type RegistrationsOptions } from './registrations.ts';
export { wantRegistration } from './want-registration.ts';
export type { Registrar, WebhookProvider, WebhookTarget, WebhookWish } from './webhook-wish.ts';
