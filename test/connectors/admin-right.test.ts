import { describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type AdminRight } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import {
  adminOf,
  signIn,
  signInWithValues,
  startSandbox,
  type SandboxUser,
  type TestSandbox,
} from '../support/sandbox.ts';
import { odooValues } from './odoo-sign-in.ts';

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });

/** As each system says it of whoever is signed in, over real HTTP. */
describe('administrators', () => {
  it.each([
    { provider: 'salesforce', start: { scale: 2_000 }, right: 'Modify All Data', others: 'untold' },
    { provider: 'zendesk', start: { scale: 2_000 }, right: 'role admin', others: 'none' },
    { provider: 'odoo', start: { scale: 2_000, odooVersion: 19 }, right: 'Administration: Settings', others: 'none' },
    { provider: 'odoo', start: { scale: 2_000, odooVersion: 17 }, right: 'Administration: Settings', others: 'none' },
    { provider: 'odoo', start: { scale: 2_000, odooVersion: 14 }, right: 'Administration: Settings', others: 'none' },
  ] as const)(
    'are told from other users by $provider $start.odooVersion',
    async ({ provider, start, right, others }) => {
      const sandbox = await startSandbox(provider, start);
      try {
        await sandbox.control('POST', 'sharing', { generate: { users: 20, seed: 7 } });
        const admin = adminOf(sandbox);
        const { users } = await sandbox.control<{ users: SandboxUser[] }>('GET', 'health');
        const other = users.find(({ username }) => username !== admin.username);
        if (other === undefined) throw new Error('there is nobody else');
        expect(await rightOf(provider, sandbox, admin)).toEqual({ kind: 'admin', right });
        expect((await rightOf(provider, sandbox, other)).kind).toBe(others);
      } finally {
        await sandbox.stop();
      }
    },
    120_000,
  );
});

async function rightOf(
  provider: string,
  sandbox: TestSandbox,
  user: SandboxUser,
): Promise<AdminRight | { kind: null }> {
  const connector = requireConnector(registry, provider);
  const signedIn =
    provider === 'odoo'
      ? await signInWithValues(connector, 'api_key', odooValues(sandbox, user))
      : await signIn(sandbox, connector, user);
  return (await connector.open(signedIn.access).adminRight?.()) ?? { kind: null };
}
