import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routesFor, severities, topicNames } from '../../src/alerts/index.ts';
import type { AlertRoute } from '../../src/manifest/index.ts';
import { route } from './fixture.ts';

const chosen = (one: AlertRoute, topic: string, severity: string, tenant: string | null): boolean =>
  routesFor(new Map([[one.name, one]]), { topic, severity, tenant }).length === 1;

describe('which routes an alert takes', () => {
  it.each([
    // topics, tenants, least severity; the alert's; taken
    [['*'], ['*'], 'warning', 'sync.failing', 'warning', 'acme', true],
    [['*'], ['*'], 'warning', 'sync.failing', 'info', 'acme', false],
    [['*'], ['*'], 'info', 'sync.failing', 'info', 'acme', true],
    [['*'], ['*'], 'critical', 'sync.failing', 'warning', 'acme', false],
    [['connection.*'], ['*'], 'warning', 'connection.sign_in', 'critical', 'acme', true],
    [['connection.*'], ['*'], 'warning', 'sync.failing', 'critical', 'acme', false],
    [['connection.sign_in', 'sync.*'], ['*'], 'warning', 'sync.failing', 'critical', 'acme', true],
    [['connection.sign_in'], ['*'], 'warning', 'connection.sign_in_ends', 'critical', 'acme', false],
    [['*'], ['acme'], 'warning', 'sync.failing', 'critical', 'acme', true],
    [['*'], ['acme'], 'warning', 'sync.failing', 'critical', 'acme-2', false],
    [['*'], ['eu-*'], 'warning', 'sync.failing', 'critical', 'eu-globex', true],
    [['*'], ['*'], 'warning', 'installation.not_durable', 'warning', null, true],
    // Whoever asked for single customers is not told of the machine room.
    [['*'], ['acme'], 'warning', 'installation.not_durable', 'critical', null, false],
    [['*'], ['eu-*'], 'warning', 'installation.not_durable', 'critical', null, false],
    // A newer program's word for severity is taken for the worst.
    [['*'], ['*'], 'critical', 'sync.failing', 'catastrophic', 'acme', true],
  ] as const)('%j of %j, at least %s: %s, %s, of %s: %s', (...row) => {
    const [topics, tenants, least, topic, severity, tenant, taken] = row;
    expect(chosen(route('r', { topics, tenants, severity: least }), topic, severity, tenant)).toBe(taken);
  });

  it('all three must fit, each by itself', () => {
    const slug = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
    const globs = fc.array(
      fc.oneof(
        slug,
        slug.map((text) => `${text}*`),
        fc.constant('*'),
      ),
      { minLength: 1, maxLength: 3 },
    );
    const fits = (all: readonly string[], name: string): boolean =>
      all.some((glob) => (glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : glob === name));
    const any = fc.record({
      topic: fc.constantFrom(...topicNames),
      topics: fc.subarray(['*', 'sync.*', 'connection.*', 'vault.unreadable', 'sync.failing'], { minLength: 1 }),
      tenants: globs,
      tenant: slug,
      severity: fc.constantFrom(...severities),
      least: fc.constantFrom(...severities),
    });
    fc.assert(
      fc.property(any, ({ topic, topics, tenants, tenant, severity, least }) => {
        const expected =
          fits(topics, topic) && fits(tenants, tenant) && severities.indexOf(severity) >= severities.indexOf(least);
        expect(chosen(route('r', { topics, tenants, severity: least }), topic, severity, tenant)).toBe(expected);
      }),
    );
  });
});
