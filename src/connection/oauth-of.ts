import { GantryError } from '../kernel/index.ts';
import type { Connector, OAuthConnector } from '../connectors/index.ts';

/** The sign-in in a browser; raises `sign_in_unsupported` where the provider has none. */
export function oauthOf(connector: Connector): OAuthConnector {
  if (connector.oauth !== null) return connector.oauth;
  throw new GantryError('sign_in_unsupported', {
    message: `${connector.title} has no sign-in in a browser.`,
    allowed: connector.credentials.map((method) => method.name),
  });
}
