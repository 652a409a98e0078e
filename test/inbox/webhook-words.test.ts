import { expect, it } from 'vitest';
import { unreachable } from '../../src/app/webhooks/webhook-registrations.ts';
import { report } from '../../src/app/webhooks/webhook-status.ts';
import { connectionId, GantryError, tenantId } from '../../src/kernel/index.ts';
import type { RegistrationRow } from '../../src/store/index.ts';

it.each([
  ['https://gantry.example.com', 'https://acme.zendesk.com', true],
  ['http://gantry.example.com', 'https://acme.zendesk.com', false],
  ['https://127.0.0.1:7070', 'https://acme.zendesk.com', false],
  ['http://localhost:7070', 'https://acme.zendesk.com', false],
  ['http://127.0.0.1:7070', 'http://127.0.0.1:4001', true],
])('%s is reached from %s: %s', (ours, theirs, reached) => {
  expect(unreachable(ours, theirs)?.code).toBe(reached ? undefined : 'webhook_address_unreachable');
});

const at = new Date('2026-11-21T12:00:00.000Z');
const row: RegistrationRow = {
  tenant: tenantId(1),
  connection: connectionId(1),
  state: 'registered',
  stateSince: at,
  dueAt: at,
  version: '1',
  reference: { id: '7' },
  objects: ['tickets', 'users'],
  provedAt: at,
  expiresAt: null,
  failures: 0,
  lastError: null,
};
const heard = { heardAt: at, refused: 0, refusedAt: null };

it('says in words how changes come, and who can change what is in the way', () => {
  expect(report(row, heard)).toMatchObject({
    state: 'registered',
    what: 'Live by webhook: the provider tells of changes to tickets, users.',
    last_delivery: at.toISOString(),
    next_try: null,
  });
  const lastError = new GantryError('webhook_registration_refused', { message: 'The user may not.' }).toBody();
  const failed = { ...row, state: 'failed', lastError, failures: 1 };
  expect(report({ ...failed, reference: null }, heard)).toMatchObject({
    what: 'Read on schedule only, no webhook: The user may not.',
    error_code: 'webhook_registration_refused',
    who_can_fix: 'tenant_admin',
    next_try: at.toISOString(),
  });
  expect(report(failed, heard)['what']).toContain('a webhook that may have ended');
  expect(report({ ...row, state: 'wanted' }, undefined)['what']).toContain('is being registered');
  expect(report({ ...row, state: 'removing' }, heard)['what']).toContain('is being taken back');
  expect(report(undefined, heard)).toMatchObject({ state: 'by_hand', objects: [] });
  expect(report(undefined, { ...heard, heardAt: null })['what']).toContain('nothing was heard');
});
