import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connectorRegistry, parseDeclaration, requireConnector } from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom } from '../../src/kernel/index.ts';

const text = readFileSync(new URL('../../src/connectors/zendesk/connector.yaml', import.meta.url), 'utf8');

function problems(changed: string): readonly unknown[] {
  expect(changed).not.toBe(text);
  try {
    parseDeclaration(changed, 'my/connector.yaml');
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    expect(error.code).toBe('connector_invalid');
    expect(error.details.where).toBe('my/connector.yaml');
    return error.details.data?.['problems'] as readonly unknown[];
  }
  throw new Error('the declaration was accepted');
}

describe('connector declaration', () => {
  it('reads what is there', () => {
    const declaration = parseDeclaration(text, 'zendesk');
    expect(declaration.connector).toBe('zendesk');
    expect(Object.keys(declaration.objects)).toEqual(['tickets', 'organizations', 'users']);
  });

  it.each([
    ['an unknown key', (good: string) => good.replace('title: Zendesk', 'title: Zendesk\ncolour: red'), 'colour'],
    ['a missing part', (good: string) => good.replace('api_version: v2\n', ''), 'api_version'],
    [
      'an unknown error class',
      (good: string) => good.replace('class: rate_limited', 'class: too_fast'),
      'errors.0.class',
    ],
    ['an unknown type', (good: string) => good.replace('checkbox: boolean', 'checkbox: bool'), 'types.checkbox'],
    ['a path without a slash', (good: string) => good.replace('token: /oauth', 'token: oauth'), 'auth.token'],
    [
      'a field of an unknown type',
      (good: string) => good.replace('created_at: datetime', 'created_at: when'),
      'created_at',
    ],
    ['a key given twice', (good: string) => good.replace('title: Zendesk', 'title: Zendesk\ntitle: Again'), 'unique'],
  ])('refuses %s and names the place', (_, change, place) => {
    expect(JSON.stringify(problems(change(text)))).toContain(place);
  });

  it('names every mistake, not only the first', () => {
    const changed = text.replace('api_version: v2\n', '').replace('checkbox: boolean', 'checkbox: bool');
    expect(problems(changed)).toHaveLength(2);
  });
});

describe('connector registry', () => {
  const registry = connectorRegistry({ clock: systemClock, random: systemRandom });

  it('knows its connectors by name', () => {
    expect([...registry.keys()].toSorted()).toEqual(['google_calendar', 'odoo', 'salesforce', 'zendesk']);
    expect(requireConnector(registry, 'zendesk').title).toBe('Zendesk');
  });

  it('suggests the nearest name', () => {
    expect(() => requireConnector(registry, 'salesfroce')).toThrow(
      expect.objectContaining({
        code: 'connector_unknown',
        details: expect.objectContaining({ suggestions: ['salesforce'] }) as unknown,
      }) as Error,
    );
  });
});
