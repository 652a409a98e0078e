import { describe, expect, it } from 'vitest';
import { callerFor } from '../../src/access/index.ts';
import { streamId, tenantId, type StreamId } from '../../src/kernel/index.ts';
import { feeds, testCatalogue } from './catalogue.ts';
import { agentWith, type GrantSpec } from './world.ts';

const streams = new Map<string, StreamId>(
  Object.values(feeds)
    .flat()
    .map((table, index) => [table, streamId(index + 1)]),
);
const catalogue = testCatalogue(streams);
const caller = (objects: GrantSpec, name = 'copilot') =>
  callerFor({ agent: agentWith(name, objects), catalogue, tenant: tenantId(1), tenantSlug: 'acme' });

describe('what a grant leaves', () => {
  it('is nothing that is not named', () => {
    expect([...caller({}).objects.keys()]).toEqual([]);
    expect([...caller({ deal: {} }).objects.keys()]).toEqual(['deal']);
    expect([
      ...(caller({ nothing: {}, deal: { fields: ['name', 'nothing'] } })
        .objects.get('deal')
        ?.fields.keys() ?? []),
    ]).toEqual(['name']);
  });

  it('globs reach native objects of one connection, never models', () => {
    expect([...caller({ 'crm.*': {} }).objects.keys()].toSorted()).toEqual([
      'crm.Account',
      'crm.Opportunity',
      'crm.User',
    ]);
    expect([...caller({ '*': {} }).objects.keys()]).toEqual([]);
    expect([...caller({ '*.*s': {} }).objects.keys()]).toEqual(['support.tickets']);
  });

  it('names a native object by its connection or by the integration behind it', () => {
    const renamed = new Map(
      [...catalogue.objects].map(([name, object]) => {
        const sources = object.sources.map((source) => ({ ...source, connectionSlug: 'crm_at' }));
        return name.startsWith('crm.')
          ? [name.replace('crm.', 'crm_at.'), { ...object, name: name.replace('crm.', 'crm_at.'), sources }]
          : [name, object];
      }),
    );
    const seen = (objects: GrantSpec): string[] => [
      ...callerFor({
        agent: agentWith('copilot', objects),
        catalogue: { ...catalogue, objects: renamed },
        tenant: tenantId(1),
        tenantSlug: 'acme',
      }).objects.keys(),
    ];
    expect(seen({ 'crm.User': {} })).toEqual(['crm_at.User']);
    expect(seen({ 'crm_at.User': {} })).toEqual(['crm_at.User']);
    expect(seen({ 'crm.*': {} })).toHaveLength(3);
    expect(seen({ 'support.*': {} })).toEqual(['support.tickets']);
  });

  it('the most specific line speaks', () => {
    const { objects } = caller({ 'crm.*': {}, 'crm.Acc*': { fields: ['name'] }, 'crm.User': { fields: ['email'] } });
    expect([...(objects.get('crm.Account')?.fields.keys() ?? [])]).toEqual(['name']);
    expect([...(objects.get('crm.User')?.fields.keys() ?? [])]).toEqual(['email']);
    const both = caller({
      'crm.A*t': { fields: ['name', 'iban'] },
      'crm.Ac*': { where: { active: true } },
    }).objects.get('crm.Account');
    expect([...(both?.fields.keys() ?? [])]).toEqual(['name']);
    expect(both?.rowFilter).toMatchObject({ kind: 'compare' });
  });

  it('sensitive fields are granted by name only', () => {
    expect(caller({ account: {} }).objects.get('account')?.fields.has('iban')).toBe(false);
    expect(
      caller({ account: { fields: ['iban'] } })
        .objects.get('account')
        ?.fields.has('iban'),
    ).toBe(true);
  });

  it('relations to what is hidden vanish, in both directions', () => {
    const deal = caller({ deal: {} }).objects.get('deal');
    expect(deal?.fields.get('account')?.reference).toBeNull();
    expect(
      caller({ deal: {}, account: { fields: ['name'] } })
        .objects.get('deal')
        ?.fields.get('account')?.reference,
    ).toMatchObject({ to: 'account' });
    expect([...(caller({ account: {} }).objects.get('account')?.many.keys() ?? [])]).toEqual([]);
    expect([
      ...(caller({ account: {}, deal: { fields: ['name'] } })
        .objects.get('account')
        ?.many.keys() ?? []),
    ]).toEqual([]);
    expect([
      ...(caller({ account: {}, deal: { fields: ['account'] } })
        .objects.get('account')
        ?.many.keys() ?? []),
    ]).toEqual(['deals']);
    expect(
      caller({ deal: { fields: ['old_stage'] } })
        .objects.get('deal')
        ?.fields.get('old_stage')?.deprecated,
    ).toEqual({ replacedBy: null });
    expect(caller({ account: { fields: ['segment'] } }).objects.get('account')?.label).toBeNull();
  });

  it('the access version changes with rights, agent and catalogue, and with nothing else', () => {
    const version = caller({ deal: { fields: ['name', 'stage'] } }).accessVersion;
    expect(caller({ deal: { fields: ['stage', 'name'] } }).accessVersion).toBe(version);
    const others = [
      caller({ deal: { fields: ['name'] } }),
      caller({ deal: { fields: ['name', 'stage'], where: { stage: 'won' } } }),
      caller({ deal: { fields: ['name', 'stage'] }, account: {} }),
      caller({ deal: { fields: ['name', 'stage'] } }, 'another'),
      callerFor({
        agent: agentWith('copilot', { deal: { fields: ['name', 'stage'] } }),
        catalogue: { ...catalogue, version: 'other' },
        tenant: tenantId(1),
        tenantSlug: 'acme',
      }),
      callerFor({
        agent: agentWith('copilot', { deal: { fields: ['name', 'stage'] } }),
        catalogue,
        tenant: tenantId(2),
        tenantSlug: 'other',
      }),
    ].map((other) => other.accessVersion);
    expect(new Set([version, ...others]).size).toBe(others.length + 1);
  });
});
