export { createClock, type SandboxClock } from './clock.ts';
export { hash32, hashText, randomToken } from './random.ts';
export {
  resolveOptions,
  sandboxCompanies,
  scaleBounds,
  type ResolvedOptions,
  type SandboxCompany,
  type SandboxOptions,
} from './options.ts';
export {
  bearerToken,
  bodyFields,
  escapeHtml,
  html,
  json,
  parseJson,
  redirect,
  type Effect,
  type Handler,
  type SandboxRequest,
  type SandboxResponse,
} from './http.ts';
export type { Route } from './router.ts';
export {
  ControlError,
  type Admission,
  type BackgroundNote,
  type Mutation,
  type SandboxProvider,
  type SchemaChange,
} from './provider.ts';
export {
  createWriteFailures,
  type AttemptedWrite,
  type Failure,
  type WriteFailures,
  type WriteOp,
} from './write-failures.ts';
export { readPeople } from './people.ts';
export { startSandbox, type RunningSandbox, type SandboxHealth } from './sandbox.ts';
export { createDeliveries, type Deliveries } from './delivery/deliveries.ts';
export { isSuccess, type Message, type Outcome, type OutgoingRequest, type SendingRules } from './delivery/message.ts';
export { authenticateClient } from './oauth/client-auth.ts';
export { createAuthorize, type AuthorizeOptions } from './oauth/authorize.ts';
export {
  createTokenStore,
  verifyChallenge,
  type IssuedAccess,
  type IssuedTokens,
  type TokenCheck,
  type TokenPolicy,
  type TokenStore,
} from './oauth/token-store.ts';
export type { Grant, OAuthClient, OAuthFailure, SandboxUser } from './oauth/types.ts';
