import { describe, expect, it } from 'vitest';
import { appAt } from '../../src/connection/index.ts';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
const configured = { clientId: 'id', clientSecret: 'secret', loginUrl: 'http://127.0.0.1:4001' };

describe('where a client secret may be sent', () => {
  it.each([
    ['zendesk', 'https://acme.zendesk.com', 'https://acme.zendesk.com'],
    ['zendesk', 'https://acme.zendesk.com/some/page?x', 'https://acme.zendesk.com'],
    ['zendesk', 'http://127.0.0.1:4001', 'http://127.0.0.1:4001'],
    ['salesforce', 'https://acme--uat.sandbox.my.salesforce.com', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['salesforce', 'https://test.salesforce.com', 'https://test.salesforce.com'],
  ])('%s: %s is taken', (provider, asked, loginUrl) => {
    expect(appAt(requireConnector(registry, provider), configured, asked)).toEqual({ ...configured, loginUrl });
  });

  it.each([
    ['zendesk', 'http://acme.zendesk.com'],
    ['zendesk', 'https://zendesk.com'],
    ['zendesk', 'https://acme.zendesk.com.evil.example'],
    ['zendesk', 'https://evilzendesk.com'],
    ['zendesk', 'https://acme.zendesk.com:8443'],
    ['zendesk', 'https://user@evil.example#.zendesk.com'],
    ['zendesk', 'http://127.0.0.1:4002'],
    ['zendesk', 'https://169.254.169.254'],
    ['salesforce', 'https://acme.zendesk.com'],
    ['salesforce', 'nonsense'],
  ])('%s: %s is refused', (provider, asked) => {
    expect(() => appAt(requireConnector(registry, provider), configured, asked)).toThrow(/is not a login address/);
  });
});
