export {
  abandonConnect,
  finishConnect,
  startConnect,
  type ConnectRequest,
  type Connected,
  type ConnectorFor,
} from './connect.ts';
export {
  createConnectToken,
  readConnectToken,
  spendConnectToken,
  unusedConnectToken,
  type ConnectTokenRequest,
} from './connect-tokens.ts';
export {
  connectionTable,
  isReadable,
  nextConnectionState,
  type ConnectionEvent,
  type ConnectionState,
} from './connection-state.ts';
export { reportRefusedAccount } from './account-check.ts';
export { appMissing } from './app-missing.ts';
export { connectWithCredentials, type CredentialSignIn } from './connect-with-credentials.ts';
export { oauthOf } from './oauth-of.ts';
export { appAt } from './login-address.ts';
export type { ConnectionDeps } from './deps.ts';
export type { ConnectionLogEvent } from './events.ts';
export {
  listUserSignIns,
  signInUser,
  signOutUser,
  userAccess,
  type SignedInUser,
  type UserSignIn,
} from './user-sign-in.ts';
export { stepAhead, type AheadStep } from './sign-in-ahead.ts';
export { resealCredentials } from './reseal-credentials.ts';
export { inRenewalTurn } from './renewal-turn.ts';
export { providerAccess, type AccessRequest } from './provider-access.ts';
export type { ConnectionDeed } from './deps.ts';
export { recordConnectionEvent, type EventRecord } from './record-event.ts';
export { conditionOf, revocationText, whoMends, type Condition, type WhoCanFix } from './condition.ts';
export { endGrant, type GrantToEnd, type Revocation } from './end-grant.ts';
export {
  bury,
  deleteConnection,
  finishRevocation,
  pauseConnection,
  purge,
  requireConnection,
  resumeConnection,
  revokeConnection,
  type ChoreKind,
  type OperatorAct,
} from './life.ts';
