export { addMetadataRoutes, type SignInMetadata } from './metadata-routes.ts';
export { createApi, type ApiErrorEvent, type ApiOptions } from './api.ts';
export type { SettleWrite, UndoWrites, WritePlanUseCases } from './write-plan-ports.ts';
export type { AlertUseCases } from './alert-ports.ts';
export type {
  ApprovalLine,
  ApprovalPageUseCases,
  ApprovalSaid,
  ApprovalUseCases,
  ApprovalVerdict,
  ApprovalView,
  OfApproval,
} from './approval-ports.ts';
export type { AuditRequest, AuditUseCases, ChecklistUseCases, SwitchRequest, SwitchUseCases } from './audit-ports.ts';
export type { ConsoleFile, ConsoleNews, ConsoleUseCases } from './console-ports.ts';
export type {
  ConnectChoice,
  ConnectConsent,
  ConnectLink,
  ConnectOffer,
  ConnectOutcome,
  ConnectPageUseCases,
  ConnectTokenUseCases,
  NewConnectLink,
} from './connect-ports.ts';
export type {
  ConnectionAct,
  ConnectionLifeUseCases,
  ConnectionUseCases,
  BudgetUseCases,
  LensUseCases,
  FinishedConnect,
  Operator,
  ProjectUseCases,
  Readiness,
  RestError,
  RestOutcome,
  RestTool,
  RestTools,
  SignIn,
  SignInMethod,
  SignInMethods,
  StartConnect,
  StartedConnect,
  SyncNow,
  UserSignInUseCases,
  VaultUseCases,
} from './ports.ts';
export type { ErasureRequest, ErasureUseCases, OfErasure, OffboardingUseCases } from './erasure-ports.ts';
export type {
  ComparisonUseCases,
  DeadEventUseCases,
  DeadLetterUseCases,
  EventsAct,
  LettersToReplay,
  ObjectAct,
  ObjectUseCases,
  OfObjects,
  OfQuarantine,
  QuarantineUseCases,
  Said,
  SyncUseCases,
} from './sync-ports.ts';
export type { MakeWebhook, TakeDelivery, WebhookAnswer, WebhookCall } from './webhook-routes.ts';
export type {
  EventFeedItem,
  EventUseCases,
  EventWishRequest,
  NewSubscriptionRequest,
  OfSubscription,
  SubscriptionUseCases,
} from './subscription-ports.ts';
export type {
  AgentKeyUseCases,
  AgentAct,
  AgentUseCases,
  IdentityUseCases,
  LocalUserUseCases,
  NewPrincipalLink,
  OfPrincipal,
  OperatorUseCases,
  PrincipalsQuery,
  PrincipalUseCases,
  SignInLinkUseCases,
} from './identity-ports.ts';
export { signInErrorPage } from './sign-in-pages.ts';
export type {
  AskedConsent,
  EnteredPassword,
  SignInPageUseCases,
  SignInVisit,
  VisitingClient,
} from './sign-in-ports.ts';
