import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  guardedMappings,
  loadOverlay,
  manifestFor,
  manifestHash,
  planChange,
  type Manifest,
} from '../../src/manifest/index.ts';
import { edited, manifestOf } from './project.ts';

const manifest = manifestOf(edited({}));
const acme = manifest.overlays.get('acme');
if (acme === undefined) throw new Error('the project has an overlay for acme');

/** The project with an overlay of which only the parts that are given differ from nothing. */
function over(parts: string): Manifest {
  const result = loadOverlay(`tenant: globex\n${parts}`, { file: 'globex', tenant: 'globex' }, manifest);
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems));
  return manifestFor(manifest, result.overlay);
}

const objectOf = (of: Manifest, name: string) => of.integrations.get('crm')?.objects.get(name);

describe('the project as one tenant has it', () => {
  const own = manifestFor(manifest, acme);

  it('is the project itself without an overlay', () => {
    expect(manifestFor(manifest, null)).toBe(manifest);
  });

  it('has the mappings of the overlay, and of the project where it says nothing', () => {
    const fields = objectOf(own, 'Opportunity')?.fields;
    expect([...(fields?.keys() ?? [])].toSorted()).toEqual(['account', 'name', 'region', 'stage']);
    expect(fields?.get('stage')).toMatchObject({ from: { kind: 'name', name: 'Phase__c' } });
    expect(fields?.get('name')).toBe(objectOf(manifest, 'Opportunity')?.fields.get('name'));
  });

  it('has further fields, objects and globs', () => {
    expect([...(own.models.get('deal')?.fields.keys() ?? [])].at(-1)).toBe('region');
    expect(objectOf(own, 'Vertrag')).toMatchObject({ model: 'deal', sync: { backfillDays: null, everyS: 300 } });
    expect(own.integrations.get('crm')?.alsoSync).toEqual(['*__c', 'Projekt_*']);
  });

  it('asks a record to pass both filters', () => {
    expect(objectOf(own, 'Opportunity')?.where).toEqual({
      kind: 'and',
      all: [objectOf(manifest, 'Opportunity')?.where, acme.integrations.get('crm')?.objects.get('Opportunity')?.where],
    });
    expect(objectOf(over('integrations: { crm: { objects: { Account: { where: { A: 1 } } } } }'), 'Account')?.where) //
      .toMatchObject({ kind: 'compare', operand: { path: 'A' } });
  });

  it('tells whose grants choose records by a field that it has come from elsewhere', () => {
    // The grant of the helper has no deals that are lost.
    expect(guardedMappings(manifest, acme)).toEqual([
      'acme has deal.stage of crm.Opportunity come from elsewhere; by that field the grants of helper say which records they have.',
    ]);
    const other = 'tenant: globex\nintegrations: { crm: { objects: { Opportunity: { fields: { name: Title } } } } }';
    const result = loadOverlay(other, { file: 'globex', tenant: 'globex' }, manifest);
    expect(result.kind === 'ok' && guardedMappings(manifest, result.overlay)).toEqual([]);
    const facts = { tenant: 'acme', integrations: ['crm'], stored: null };
    const { notes } = planChange(null, manifest, { today: '2026-11-21', tenants: [facts] });
    expect(notes).toEqual(guardedMappings(manifest, acme));
  });

  it('keeps of the settings of a sync what the overlay does not say', () => {
    const changed = over('integrations: { crm: { objects: { Opportunity: { sync: { every: 1m } } } } }');
    expect(objectOf(changed, 'Opportunity')?.sync).toEqual({ backfillDays: 90, everyS: 60 });
  });

  it('has the lower of two limits, the one for all agents included', () => {
    const grant = (of: Manifest) => of.agents.get('helper')?.grant;
    expect(grant(own)).toMatchObject({ rowsMax: 20, callsPerMinute: null });
    expect(grant(over("limits: { '*': { rows_max: 500, calls_per_minute: 9 } }"))) //
      .toMatchObject({ rowsMax: 50, callsPerMinute: 9 });
    expect(grant(over("limits: { '*': { rows_max: 7 }, helper: { rows_max: 30 } }"))).toMatchObject({ rowsMax: 7 });
  });

  it('lowers the limits on calls that the integration names, and reserves more of them', () => {
    const limited = manifestOf(
      edited({
        'integrations/crm.yaml': [['trust: record', 'trust: record\nlimits: { daily: { calls: 1000, reserve: 10 } }']],
        'tenants/acme.yaml': [
          [
            '    also_sync: [Projekt_*]',
            '    limits: { daily: { calls: 200, reserve: 50 } }\n    also_sync: [Projekt_*]',
          ],
        ],
      }),
    );
    const of = (each: Manifest): unknown => each.integrations.get('crm')?.limits?.get('daily');
    expect(of(limited)).toEqual({ calls: 1_000, reserve: 0.1 });
    expect(of(manifestFor(limited, limited.overlays.get('acme') ?? null))).toEqual({ calls: 200, reserve: 0.5 });
  });

  it('keeps native fields sensitive whose mapping it takes away', () => {
    const without = over('integrations: { crm: { objects: { Account: { fields: { phone: null } } } } }');
    const kept = [{ object: 'Account', field: { kind: 'name', name: 'Phone' } }];
    expect(without.integrations.get('crm')?.keptSensitive).toEqual(kept);
    const moved = over('integrations: { crm: { objects: { Account: { fields: { phone: Phone2 } } } } }');
    expect(moved.integrations.get('crm')?.keptSensitive).toEqual(kept);
  });

  it('leaves the project as it was', () => {
    expect(manifestHash(manifest)).toBe(manifestHash(manifestOf(edited({}))));
  });
});

describe('whatever an overlay says', () => {
  const bound = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: null });
  const bounds = fc.record({ rowsMax: bound, callsPerMinute: bound });

  it('a limit never gets higher, and the fence stays where it is', () => {
    fc.assert(
      fc.property(bounds, bounds, bounds, (granted, all, own) => {
        const agent = manifest.agents.get('helper');
        if (agent === undefined) throw new Error('the project has the agent');
        const agents = new Map([['helper', { ...agent, grant: { ...agent.grant, ...granted } }]]);
        const limits = new Map([
          ['*', all],
          ['helper', own],
        ]);
        const result = manifestFor({ ...manifest, agents }, { ...acme, limits });
        const grant = result.agents.get('helper')?.grant;
        for (const key of ['rowsMax', 'callsPerMinute'] as const) {
          const asked = [granted[key], all[key], own[key]].filter((each) => each !== null);
          expect(grant?.[key]).toBe(asked.length === 0 ? null : Math.min(...asked));
        }
        expect(result.integrations.get('crm')?.scope).toBe(manifest.integrations.get('crm')?.scope);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a stored overlay', () => {
  it('has to be written for the tenant that it is stored for', () => {
    const result = loadOverlay('tenant: acmee\n', { file: 'x.yaml', tenant: 'acme' }, manifest);
    expect(result).toMatchObject({
      problems: [{ code: 'manifest_value_invalid', file: 'x.yaml', line: 1, column: 9, suggestions: ['acme'] }],
    });
  });

  it('is told of every mistake at once', () => {
    const text = 'tenant: acme\nmodels: { deel: { fields: {} } }\nlimits: { helpr: { rows_max: 1 } }\n';
    const result = loadOverlay(text, { file: 'x.yaml', tenant: 'acme' }, manifest);
    if (result.kind === 'ok') throw new Error('there are mistakes');
    expect(result.problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 11, 'manifest_model_unknown'],
      [3, 11, 'manifest_agent_unknown'],
    ]);
  });

  it('that is no YAML says where', () => {
    expect(loadOverlay('tenant: [', { file: 'x.yaml', tenant: 'acme' }, manifest)).toMatchObject({
      problems: [{ code: 'manifest_yaml_syntax', file: 'x.yaml' }],
    });
  });
});
