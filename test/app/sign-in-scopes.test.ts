import { describe, expect, it } from 'vitest';
import { signInScopes } from '../../src/app/connections/sign-in-scopes.ts';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { Integration } from '../../src/manifest/index.ts';

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
const integration = (write: readonly string[], live?: 'webhook'): Integration =>
  ({
    scope: { read: ['*'], write },
    objects: new Map([['ticket', { from: 'tickets', sync: { live } }]]),
  }) as unknown as Integration;

describe('scopes that a sign-in asks for beside those for reading', () => {
  it('are for writing only where the project writes, and for webhooks only where it wants them', () => {
    const zendesk = requireConnector(registry, 'zendesk');
    expect(signInScopes(zendesk, integration([]))).toEqual([]);
    expect(signInScopes(zendesk, integration(['ticket']))).toEqual(['write']);
    expect(signInScopes(zendesk, integration(['ticket'], 'webhook'))).toEqual(['webhooks:write', 'write']);
    expect(signInScopes(requireConnector(registry, 'odoo'), integration(['ticket']))).toEqual([]);
  });
});
