export {
  abandonConnect,
  finishConnect,
  startConnect,
  type ConnectRequest,
  type Connected,
  type ConnectorFor,
} from './connect.ts';
export {
  connectionTable,
  nextConnectionState,
  type ConnectionEvent,
  type ConnectionState,
} from './connection-state.ts';
export { appMissing } from './app-missing.ts';
export { connectWithCredentials, type CredentialSignIn } from './connect-with-credentials.ts';
export { oauthOf } from './oauth-of.ts';
export { appAt } from './login-address.ts';
export type { ConnectionDeps } from './deps.ts';
export type { ConnectionLogEvent } from './events.ts';
export { providerAccess, type AccessRequest } from './provider-access.ts';
export { recordConnectionEvent, type EventRecord } from './record-event.ts';
