import type { Connector } from '../../src/connectors/index.ts';
import { adminOf, signInWithValues, type SandboxUser, type SignedIn, type TestSandbox } from '../support/sandbox.ts';

/** What an administrator of the sandbox's Odoo would enter. */
export function odooValues(
  sandbox: TestSandbox,
  user: SandboxUser = adminOf(sandbox),
  protocol?: string,
): Record<string, string> {
  return {
    url: sandbox.url,
    database: sandbox.health.details['database'] ?? '',
    login: user.username,
    api_key: user.apiKey ?? '',
    ...(protocol === undefined ? {} : { protocol }),
  };
}

export function odooSignIn(sandbox: TestSandbox, connector: Connector, protocol?: string): Promise<SignedIn> {
  return signInWithValues(connector, 'api_key', odooValues(sandbox, adminOf(sandbox), protocol));
}
