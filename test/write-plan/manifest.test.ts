import { describe, expect, test } from 'vitest';
import { loadOverlay, manifestFor, planChange } from '../../src/manifest/index.ts';
import { load, manifest, overlay } from './project.ts';

/** Line, column, code and message of what is wrong after an edit. */
function problems(...edits: Parameters<typeof load>[0] & object): string[] {
  const result = load(edits);
  if (result.kind === 'ok') return [];
  return result.problems.map(({ file, line, column, code, message, suggestions }) =>
    [`${file}:${String(line)}:${String(column)}`, code, message, (suggestions ?? []).join(' ')].join(' | '),
  );
}

describe('what a project says of writes', () => {
  test('is read with its shorthands expanded', () => {
    const { models, integrations, agents } = manifest();
    const won = models.get('deal')?.operations?.get('close_won');
    expect(won).toMatchObject({
      name: 'close_won',
      on: 'update',
      safety: 'safe_write',
      stability: 'stable',
      reversibility: 'compensating',
      impact: { kind: 'field', field: 'amount' },
    });
    expect(won?.input.get('closed_on')).toMatchObject({ type: 'date', required: true });
    expect(won?.sets.get('stage')).toEqual({ kind: 'value', value: 'won' });
    expect(won?.preconditions.map(({ where }) => where !== null)).toEqual([true, false]);
    expect(models.get('deal')?.operations?.get('reopen')?.safety).toBe('gated_write');
    const write = integrations.get('crm')?.objects.get('Opportunity')?.write;
    expect(write?.guards.get('note')).toBe('if_empty');
    expect(write?.unmapped.get('region')).toEqual({ kind: 'store_in', field: 'Description' });
    expect(integrations.get('crm')?.objects.get('Account')?.write).toBeUndefined();
    expect(agents.get('narrow')?.grant.write?.get('deal')).toMatchObject({ operations: ['update'], fields: ['stage'] });
  });

  test('is refused with its place where it cannot be meant', () => {
    expect(problems(['integrations/crm.yaml', "write: [Opportunity, 'Case*']", "write: ['Case*']"])).toEqual([
      expect.stringMatching(/^integrations\/crm\.yaml:26:5 \| manifest_scope_exceeded \| `Opportunity` lies outside/),
    ]);
    expect(problems(['integrations/crm.yaml', 'mode: gated\n', ''])).toEqual([
      expect.stringContaining('manifest_key_missing | `Opportunity` may be written, but `crm` does not say how freely'),
    ]);
    expect(problems(['integrations/crm.yaml', 'currency: skip', 'curency: skip'])).toEqual([
      expect.stringMatching(/manifest_field_unknown \| Model `deal` has no field `curency`\. \| currency/),
    ]);
    expect(problems(['models/deal.yaml', 'sets: { stage: won,', 'sets: { stage: wonn,'])).toEqual([
      expect.stringMatching(/manifest_enum_value_unknown \| `wonn` is not a value of `deal\.stage`\. \| won/),
    ]);
    expect(problems(['models/deal.yaml', '{ input: closed_on }', '{ input: closed_at }'])).toEqual([
      expect.stringMatching(/No field is set to `closed_on`/),
      expect.stringMatching(/There is no input `closed_at`\. \| closed_on/),
    ]);
    expect(problems(['models/deal.yaml', 'impact: amount', 'impact: name'])).toEqual([
      expect.stringMatching(/`deal\.name` is string, no number/),
    ]);
    expect(
      problems([
        'models/deal.yaml',
        '  reopen: { on: update,',
        '  reopen: { on: update, deprecated: { replaced_by: close_on },',
      ]),
    ).toEqual([expect.stringMatching(/There is no other operation `close_on` of this model\. \| close_won/)]);
    expect(problems(['gantry.yaml', 'operations: [deal.close_won]', 'operations: [deal.close_one]'])).toEqual([
      expect.stringMatching(/There is no operation `deal\.close_one`\. \| deal\.close_won/),
    ]);
    expect(
      problems(['gantry.yaml', 'crm.Case: { operations: [update] }', 'crm.Case: { operations: [delete] }']),
    ).toEqual([expect.stringMatching(/No integration lets anybody delete `crm\.Case`/)]);
    expect(problems(['gantry.yaml', "        crm.Case: '*'\n", ''])).toEqual([
      expect.stringMatching(/lets it write `crm\.Case`, but not see it/),
    ]);
  });

  test('is replaced by a tenant, within the fence of the project', () => {
    const base = manifest();
    const read = (text: string) => loadOverlay(text, { file: 'acme.yaml', tenant: 'acme' }, base);
    const own = read(overlay);
    if (own.kind !== 'ok') throw new Error('the overlay is right');
    const write = manifestFor(base, own.overlay).integrations.get('crm')?.objects.get('Opportunity')?.write;
    expect([write?.operations, write?.guards.get('amount'), write?.guards.get('name')]).toEqual([
      ['update'],
      'never',
      undefined,
    ]);
    const outside = read(overlay.replace('Opportunity', 'User'));
    expect(outside.kind === 'problems' ? outside.problems.map(({ code }) => code) : []).toEqual([
      'manifest_scope_exceeded',
    ]);
  });

  test('shows in the plan of a change, with what agents gain and lose', () => {
    const before = manifest();
    const after = manifest([
      ['gantry.yaml', 'fields: [stage] } }', 'fields: [stage, amount] } }'],
      ['gantry.yaml', 'operations: [deal.close_won]', 'operations: []'],
      ['models/deal.yaml', 'closed_on: { type: date', 'closed_on: { type: datetime'],
      ['integrations/crm.yaml', 'operations: [create, update, upsert, delete]', 'operations: [create, update, upsert]'],
      [
        'gantry.yaml',
        'deal: { operations: [create, update, upsert, delete]',
        'deal: { operations: [create, update, upsert]',
      ],
    ]);
    const plan = planChange(before, after, { today: '2026-11-21', tenants: [] });
    expect(plan.agents).toEqual([
      { agent: 'narrow', gains: ['update deal.amount'], loses: [] },
      {
        agent: 'writer',
        gains: [],
        loses: [expect.stringMatching(/^delete deal where /), 'operation deal.close_won'],
      },
    ]);
    expect(plan.breaks.map(({ name }) => name).toSorted()).toEqual([
      'agent writer',
      'object crm.Opportunity',
      'operation deal.close_won',
    ]);
  });
});
