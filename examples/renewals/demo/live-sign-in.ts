import { connectorRegistry, requireConnector } from '../../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../../src/kernel/index.ts';
import { adminOf, signIn, type TestSandbox } from '../../../test/support/sandbox.ts';
import type { LiveApi } from './live-api.ts';

/** A token of its own for the fan-out: the demo's, not Gantry's. Odoo has keys of users instead. */
export async function liveApiOf(sandbox: TestSandbox): Promise<LiveApi> {
  const { provider, details, oauth } = sandbox.health;
  if (oauth === null) {
    const headers = { 'x-odoo-database': details['database'] ?? '' };
    return { apiUrl: sandbox.url, accessToken: adminOf(sandbox).apiKey ?? '', headers };
  }
  const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
  const { tokens } = await signIn(sandbox, requireConnector(registry, provider));
  return { apiUrl: tokens.apiUrl, accessToken: tokens.accessToken };
}
