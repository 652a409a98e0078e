export type {
  AccessContext,
  AccessToken,
  AccountIdentity,
  Connector,
  ConnectorSession,
  CredentialField,
  CredentialMethod,
  Cursor,
  IdPage,
  NativeRecord,
  OAuthApp,
  OAuthConnector,
  PageRequest,
  ProviderAccess,
  RecordPage,
  TokenSet,
  UpstreamCall,
} from './contract.ts';
export { classifyAnswer, type Diagnosis, type ErrorClass } from './kit/error-map.ts';
export { parseDeclaration, type Declaration } from './kit/declaration.ts';
export { declaredConnector } from './kit/declared-connector.ts';
export { connectorRegistry, requireConnector } from './registry.ts';
