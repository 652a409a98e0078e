import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import type { CatalogueObject } from '../../src/mapping/index.ts';
import type { DescribeRequest, QueryScope } from '../../src/query/index.ts';
import type { NativeRule, RecordType } from '../../src/schema/index.ts';
import { callerFor } from '../../src/access/index.ts';
import { smallData } from './small-data.ts';
import { agentWith, openWorld, type GrantSpec, type QueryWorld } from './world.ts';

const rule = (more: Partial<NativeRule>): NativeRule => ({
  kind: 'validation',
  name: 'Amount_needed',
  active: true,
  message: 'A won deal needs an amount.',
  condition: 'AND(ISPICKVAL(stage, "won"), ISBLANK(amount))',
  fields: ['stage', 'amount'],
  ...more,
});
const type = (name: string, more: Partial<RecordType> = {}): RecordType => ({
  id: `012${name}`,
  name,
  label: name,
  active: true,
  default: false,
  values: {},
  ...more,
});

let world: QueryWorld;
beforeAll(async () => {
  world = await openWorld(smallData);
});
afterAll(() => world.close());

async function describeOpportunity(
  configured: Pick<CatalogueObject, 'rules' | 'recordTypes'>,
  grant: GrantSpec = { 'crm.Opportunity': {} },
  request: Partial<DescribeRequest> = {},
) {
  const plain = world.catalogue.objects.get('crm.Opportunity');
  if (plain === undefined) throw new Error('no object');
  const stage = plain.fields.get('stage');
  const fields =
    stage === undefined ? plain.fields : new Map([...plain.fields, ['stage', { ...stage, required: true }]]);
  const object: CatalogueObject = { ...plain, fields, ...configured };
  const catalogue = { ...world.catalogue, objects: new Map([...world.catalogue.objects, [object.name, object]]) };
  const caller = callerFor({ agent: agentWith('copilot', grant), catalogue, tenant: world.tenant, tenantSlug: 'acme' });
  const scope: QueryScope = catalogue;
  const answer = await world.service.describe(caller, scope, { names: ['crm.Opportunity'], ...request });
  const [described] = answer.objects;
  if (described === undefined) throw new Error('nothing was described');
  return described;
}

describe('describe tells what the customer configured', () => {
  it('rules that are active, and required fields', async () => {
    const flow = rule({ kind: 'automation', name: 'Set_next_step', message: null, condition: null, fields: [] });
    const { rules, fields } = await describeOpportunity({
      rules: [rule({}), rule({ name: 'Off', active: false }), flow],
    });
    expect(rules).toEqual([
      {
        kind: 'validation',
        name: 'Amount_needed',
        message: 'A won deal needs an amount.',
        condition: 'AND(ISPICKVAL(stage, "won"), ISBLANK(amount))',
        fields: ['stage', 'amount'],
      },
      { kind: 'automation', name: 'Set_next_step' },
    ]);
    expect(fields.find(({ name }) => name === 'stage')).toMatchObject({ required: true });
    expect(fields.find(({ name }) => name === 'amount')).not.toHaveProperty('required');
  });

  it('of a rule about a hidden field the message only, and that only where it does not name it either', async () => {
    const grant: GrantSpec = { 'crm.Opportunity': { fields: ['name', 'stage', 'old_stage'] } };
    const rules = [
      rule({}),
      rule({ message: null }),
      // The provider does not say that the condition or the name speaks of a field.
      rule({ fields: ['stage'], message: 'No.' }),
      rule({ name: 'AMOUNT', condition: null, fields: [], message: 'Never.' }),
      rule({ name: 'Check', condition: 'old_stage <> null', fields: ['amount'], message: 'Hm.' }),
      rule({ name: 'Sums', condition: null, fields: [], message: 'Amounts are not negative.' }),
      rule({ name: 'Ok', condition: 'stage = old_stage', fields: [], message: 'Fine, by stage.' }),
    ];
    const described = await describeOpportunity({ rules }, grant);
    expect(described.rules).toEqual([
      { kind: 'validation', message: 'No.' },
      { kind: 'validation', message: 'Never.' },
      { kind: 'validation', message: 'Hm.' },
      { kind: 'validation', name: 'Sums' },
      { kind: 'validation', name: 'Ok', condition: 'stage = old_stage', message: 'Fine, by stage.' },
    ]);
    expect(JSON.stringify(described.rules)).not.toMatch(/amount/i);
  });

  it('record types with the values that they allow, of visible fields', async () => {
    const recordTypes = [
      type('New', { label: 'New business', default: true, values: { stage: ['open', 'won'], secret: ['x'] } }),
      type('Old', { active: false }),
      type('Renewal', { values: { tags: ['renewal', 'ri\u202Esk'], stage: ['won'] } }),
    ];
    const grant: GrantSpec = { 'crm.Opportunity': { fields: ['name', 'stage', 'tags'] } };
    expect((await describeOpportunity({ recordTypes }, grant)).record_types).toEqual([
      { name: 'New', label: 'New business', default: true, values: { stage: ['open', 'won'] } },
      { name: 'Renewal', values: { tags: ['renewal'], stage: ['won'] }, values_not_shown: 1 },
    ]);
    const single = await describeOpportunity(
      { recordTypes, rules: [rule({}), rule({ fields: ['tags'], message: 'No.' })] },
      grant,
      {
        names: ['crm.Opportunity.tags'],
      },
    );
    expect(single.record_types).toEqual([
      { name: 'New', label: 'New business', default: true },
      { name: 'Renewal', values: { tags: ['renewal'] }, values_not_shown: 1 },
    ]);
    expect(single.rules).toHaveLength(1);
  });

  it('cleaned and capped, and as much of it as there is room for', async () => {
    const hostile = rule({
      name: `x\u200B${'n'.repeat(500)}`,
      message: `m\u202E\u0007${'m'.repeat(2_000)}`,
      condition: 'c'.repeat(9_000),
      fields: [],
    });
    const [only] = (await describeOpportunity({ rules: [hostile] })).rules ?? [];
    expect(only?.name).toMatch(/^x n+…$/);
    expect(only?.message).toMatch(/^m m+…$/);
    expect([only?.name, only?.message, only?.condition].map((text) => text?.length)).toEqual([
      limits.labelCharsMax,
      limits.descriptionCharsMax,
      limits.descriptionCharsMax,
    ]);
    const many = Array.from({ length: 2_000 }, (_, index) =>
      rule({ name: `r${index}`, condition: 'c'.repeat(300), fields: [] }),
    );
    const concise = await describeOpportunity({ rules: many });
    expect([concise.rules?.length, concise.rules_not_shown]).toEqual([
      limits.describeRulesMax,
      2_000 - limits.describeRulesMax,
    ]);
    const full = await describeOpportunity({ rules: many }, undefined, { detail: 'full' });
    expect(Buffer.byteLength(JSON.stringify(full))).toBeLessThan(limits.describeBytesMax);
    expect((full.rules?.length ?? 0) + (full.rules_not_shown ?? 0)).toBe(2_000);
    expect(full.rules?.length).toBeGreaterThan(limits.describeRulesMax);
    expect(full.fields.length).toBeGreaterThan(5);
  });
});
