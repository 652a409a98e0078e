import { GantryError } from '../kernel/index.ts';
import type { Connector, OAuthApp } from '../connectors/index.ts';
import { hostMatches } from './host-matches.ts';
import { oauthOf } from './oauth-of.ts';

/**
 * The OAuth app for a customer who signs in at an address of their own. The
 * client secret will be sent there, so it must be a login host of the provider,
 * or the very address that the operator configured. Raises `bad_request`.
 */
export function appAt(connector: Connector, app: OAuthApp, loginUrl: string): OAuthApp {
  const asked = URL.canParse(loginUrl) ? new URL(loginUrl) : null;
  const configured = URL.canParse(app.loginUrl) ? new URL(app.loginUrl).origin : null;
  if (asked !== null && (asked.origin === configured || isLoginHost(connector, asked))) {
    return { ...app, loginUrl: asked.origin };
  }
  throw new GantryError('bad_request', {
    message: `${loginUrl.slice(0, 200)} is not a login address of ${connector.title}.`,
    where: 'login_url',
    fix: 'Use an https address of the provider, or configure it as the login address of the integration.',
    allowed: oauthOf(connector).loginHosts,
  });
}

function isLoginHost(connector: Connector, url: URL): boolean {
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return hostMatches(oauthOf(connector).loginHosts, url.hostname);
}
