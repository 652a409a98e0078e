import type { Connector } from '../../connectors/index.ts';
import type { Integration } from '../../manifest/index.ts';
import { webhookScopes } from '../webhooks/webhook-registrations.ts';

/** Scopes that a sign-in has to ask for beside those for reading: for webhooks, and for what the project may write. */
export function signInScopes(connector: Connector, integration: Integration): readonly string[] {
  const writes = integration.scope.write.length > 0 ? (connector.writeScopes ?? []) : [];
  return [...new Set([...webhookScopes(connector, integration), ...writes])];
}
