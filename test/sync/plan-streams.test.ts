import { describe, expect, it } from 'vitest';
import { planStreams } from '../../src/sync/plan-streams.ts';
import { integrationOf } from './harness.ts';

const found = ['Account', 'Contact', 'Vertrag__c', 'Gehalt__c'].map((name) => ({
  name,
  label: name,
  custom: name.endsWith('__c'),
  replicable: true,
}));

describe('what is read of a system', () => {
  const wanted = integrationOf('salesforce', ['Account', 'Lead'], { alsoSync: ['*__c'] });

  it('is what the integration names and its globs reach', () => {
    expect(planStreams(wanted, found)).toEqual({
      streams: [
        { object: 'Account', everyS: 60 },
        { object: 'Vertrag__c', everyS: 900 },
        { object: 'Gehalt__c', everyS: 900 },
      ],
      missing: ['Lead'],
    });
  });

  it('never lies outside the read scope, whatever asks for it', () => {
    const fenced = { ...wanted, scope: { ...wanted.scope, read: ['Vertrag*', 'Lead'] } };
    expect(planStreams(fenced, found)).toEqual({
      streams: [{ object: 'Vertrag__c', everyS: 900 }],
      missing: ['Account', 'Lead'],
    });
    expect(planStreams({ ...wanted, scope: { ...wanted.scope, read: [] } }, found).streams).toEqual([]);
  });
});
