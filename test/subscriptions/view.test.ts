import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerFor } from '../../src/access/index.ts';
import { matches, parseFilter } from '../../src/filter/index.ts';
import { streamId, tenantId, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { readSpec, viewChange, type Viewer } from '../../src/subscriptions/index.ts';
import { testCatalogue } from '../query/catalogue.ts';
import { agentWith, type GrantSpec } from '../query/world.ts';

const stream = streamId(1);
const catalogue = testCatalogue(new Map([['crm.Account', stream]]));
const now = new Date('2026-11-20T12:00:00.000Z');

function viewer(objects: GrantSpec): Viewer {
  const agent = agentWith('watcher', objects, { tools: ['get_record'] });
  return { caller: callerFor({ agent, catalogue, tenant: tenantId(1), tenantSlug: 'acme' }), scope: catalogue };
}

const wish = (more: { filter?: JsonObject; fields?: readonly string[] } = {}) => ({
  object: 'account',
  filter: {},
  events: [],
  fields: null,
  ...more,
});

const documents = fc.option(
  fc.record({
    name: fc.constantFrom('Nord', 'nord', 'Süd', null),
    segment: fc.constantFrom('enterprise', 'mid', null),
    employees: fc.constantFrom(1, 10, 100, null),
    active: fc.constantFrom(true, false, null),
    iban: fc.constant('CANARY-sensitive'),
    notes: fc.constantFrom('CANARY-hidden', 'CANARY-other'),
  }),
  { nil: null },
);

const comparisons: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({ segment: fc.constantFrom<Json>('mid', 'enterprise', { ne: 'mid' }, { is_null: true }) }),
  fc.record({ employees: fc.constantFrom<Json>({ gt: 5 }, { lte: 10 }, [1, 100]) }),
  fc.record({ name: fc.constantFrom<Json>({ contains: 'nor' }, { starts_with: 'S' }, 'Nord') }),
  fc.record({ active: fc.constantFrom<Json>(true, { ne: true }) }),
);
const filters: fc.Arbitrary<JsonObject> = fc.oneof(
  comparisons,
  fc.tuple(comparisons, comparisons).map(([a, b]): JsonObject => ({ or: [a, { not: b }] })),
  fc.tuple(comparisons, comparisons).map(([a, b]): JsonObject => ({ and: [a, b] })),
);

const kinds = { name: 'text', segment: 'text', employees: 'number', active: 'boolean', notes: 'text' } as const;

/** The matcher of the filter language, on the document itself. */
function holds(filter: JsonObject, document: JsonObject): boolean {
  return matches(parseFilter(filter, { where: 'oracle' }), {
    now,
    where: 'oracle',
    read: (operand) => {
      const name = operand.kind === 'path' ? operand.path : '';
      return { kind: kinds[name as keyof typeof kinds], value: document[name] ?? null };
    },
  });
}

describe('what a change is to a subscriber', () => {
  it('is created, updated or deleted as visibility and match on both sides say; hidden values never leave', () => {
    fc.assert(
      fc.property(documents, documents, filters, filters, (before, after, filter, where) => {
        const seer = viewer({ account: { fields: ['name', 'segment', 'employees', 'active'], where } });
        const event = viewChange(seer, readSpec(seer, wish({ filter })), { stream, id: 'a1', before, after }, now);
        const sees = (document: JsonObject | null): boolean =>
          document !== null && holds(filter, document) && holds(where, document);
        const told = ['name', 'segment', 'employees', 'active'] as const;
        const differs = told.some((name) => before?.[name] !== after?.[name]);
        const type = sees(before)
          ? sees(after)
            ? differs
              ? 'updated'
              : null
            : 'deleted'
          : sees(after)
            ? 'created'
            : null;
        expect(event?.type ?? null).toBe(type);
        expect(event === null || (event.before === null) === !sees(before)).toBe(true);
        expect(event === null || (event.after === null) === !sees(after)).toBe(true);
        expect(JSON.stringify(event)).not.toContain('CANARY');
      }),
      { numRuns: 500 },
    );
  });

  it('judges by fields of the rule that the agent itself does not see', () => {
    const seer = viewer({ account: { fields: ['name'], where: { notes: 'open' } } });
    const event = (before: Json, after: Json) =>
      viewChange(
        seer,
        readSpec(seer, wish()),
        { stream, id: 'a1', before: { name: 'CANARY', notes: before }, after: { name: 'shown', notes: after } },
        now,
      );
    expect(event('closed', 'open')).toMatchObject({ type: 'created', before: null, after: { name: 'shown' } });
    expect(event('open', 'closed')).toMatchObject({ type: 'deleted', after: null });
    expect(event('closed', 'closed')).toBeNull();
    expect(JSON.stringify(event('closed', 'open'))).not.toContain('CANARY');
  });

  it('a change in hidden fields alone is none', () => {
    const seer = viewer({ account: { fields: ['name'] } });
    const images = { stream, id: 'a1', before: { name: 'a', notes: 'x' }, after: { name: 'a', notes: 'y' } };
    expect(viewChange(seer, readSpec(seer, wish()), images, now)).toBeNull();
  });

  it('sensitive fields leave only where the grant and the subscription both name them', () => {
    const images = { stream, id: 'a1', before: null, after: { name: 'a', iban: 'DE02' } };
    const named = viewer({ account: { fields: ['name', 'iban'] } });
    expect(viewChange(named, readSpec(named, wish()), images, now)?.after).toEqual({ name: 'a' });
    expect(viewChange(named, readSpec(named, wish({ fields: ['iban'] })), images, now)?.after).toEqual({
      iban: 'DE02',
    });
    const all = viewer({ account: {} });
    expect(() => readSpec(all, wish({ fields: ['iban'] }))).toThrow(
      expect.objectContaining({ code: 'query_field_unknown' }),
    );
  });

  it.each<readonly [string, GrantSpec, Parameters<typeof wish>[0], string]>([
    ['an object that is not granted', {}, {}, 'query_object_unknown'],
    [
      'a filter on a hidden field',
      { account: { fields: ['name'] } },
      { filter: { notes: 'x' } },
      'query_field_unknown',
    ],
    [
      'a filter over relations',
      { account: {}, user: {} },
      { filter: { 'owner.name': 'Ada' } },
      'subscription_unsupported',
    ],
    [
      'a measure',
      { account: {} },
      { filter: { field: { count: 'deals' }, op: 'gt', value: 1 } },
      'subscription_unsupported',
    ],
    [
      'a rule that looks at other records',
      { account: { where: { 'owner.name': 'Ada' } } },
      {},
      'subscription_unsupported',
    ],
  ])('refuses %s', (_, grant, more, code) => {
    expect(() => readSpec(viewer(grant), wish(more))).toThrow(expect.objectContaining({ code }));
  });
});
