import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type Json } from '../../src/kernel/index.ts';
import type { FieldMapping, ModelField, OnMissing, TransformStep } from '../../src/manifest/index.ts';
import { applySteps } from '../../src/mapping/apply-steps.ts';
import { inverseOf, type FieldInverse } from '../../src/mapping/index.ts';
import { planMapping, type MappingPlan } from '../../src/mapping/plan-mapping.ts';
import type { FieldType } from '../../src/schema/index.ts';
import { document, mapping, mappingFrom, natives, target, targetOf } from './any-mapping.ts';
import { model, modelField } from './hand-made.ts';
import { field, object } from './support.ts';

function planned(each: FieldMapping, into: ModelField, account = model('account', [])): MappingPlan | null {
  const accounts = object('Account', [field('Number', 'integer'), field('Name', 'string')]);
  const result = planMapping(
    each,
    into,
    natives,
    () => accounts,
    () => account,
  );
  return result.kind === 'ok' ? result.plan : null;
}

const inverse = (
  from: string | null,
  steps: readonly TransformStep[],
  type: FieldType,
  onMissing: OnMissing = 'null',
): FieldInverse => {
  const into = targetOf(type);
  const plan = planned({ ...mappingFrom, from: from === null ? null : { kind: 'name', name: from }, steps }, into);
  if (plan === null) throw new Error('no mapping');
  return inverseOf(plan, into, { scale: 2, onMissing });
};

/** What is written for a value; undefined where it is refused. */
function written(way: FieldInverse, value: Json): Json | undefined {
  if (way.kind !== 'value') throw new Error(way.kind);
  const result = way.write(value);
  return result.kind === 'ok' ? result.value : undefined;
}

const map = (otherwise: 'null' | 'keep'): TransformStep => ({
  kind: 'value_map',
  map: new Map([
    ['Offen', 'a'],
    ['Neu', 'a'],
    ['Gewonnen', 'won'],
  ]),
  otherwise,
});

describe('the way back', () => {
  it('writes what the mapping reads as the same value, and most of what the mapping gives', () => {
    const counts = { written: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 3, maxLength: 6 }),
        mapping,
        target,
        fc.integer({ min: 0, max: 4 }),
        (documents, each, into, scale) => {
          const plan = planned(each, into);
          if (plan === null) return;
          const options = { scale, onMissing: 'null' } as const;
          const way = inverseOf(plan, into, options);
          const read = (values: (typeof documents)[number]): Json =>
            applySteps({ plan, target: into, document: values, ...options, lookup: () => null });
          for (const one of documents) {
            const value = read(one);
            if (way.kind === 'constant') expect(way.write(value).kind).toBe('ok');
            if (way.kind !== 'value') continue;
            const result = way.write(value);
            if (result.kind === 'refused') {
              counts.refused += 1;
              continue;
            }
            counts.written += 1;
            expect({ each, again: canonicalJson(read({ [way.field.name]: result.value })) }) //
              .toEqual({ each, again: canonicalJson(value) });
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(counts.written).toBeGreaterThan(2_000);
    // Refused are texts that cannot be read where a default fills gaps, and steps that fit neither end.
    expect(counts.refused).toBeLessThan(counts.written / 8);
  });

  it.each<[string, FieldInverse, Json, Json | undefined]>([
    ['a name', inverse('Text', [], 'string'), 'Acme', 'Acme'],
    ['a missing value', inverse('Text', [], 'string'), null, null],
    [
      'a missing value that a default fills',
      inverse('Text', [{ kind: 'default', value: 'x' }], 'string'),
      null,
      undefined,
    ],
    ['the first native value that is listed', inverse('Text', [map('null')], 'enum'), 'a', 'Offen'],
    [
      'a default that no native value becomes',
      inverse('Text', [map('null'), { kind: 'default', value: 'lost' }], 'enum'),
      'lost',
      null,
    ],
    ['a value that no native one becomes', inverse('Text', [map('null')], 'enum'), 'lost', undefined],
    ['a value that is kept', inverse('Text', [map('keep')], 'enum'), 'lost', 'lost'],
    ['a kept text that the map makes another', inverse('Text', [map('keep')], 'string'), 'Neu', undefined],
    ['items of a list, each', inverse('Tags', [map('null')], 'multi_enum'), ['won', 'a'], ['Gewonnen', 'Offen']],
    ['a text with blanks that trim would take', inverse('Text', [{ kind: 'trim' }], 'string'), ' x', undefined],
    ['a capital that lower would lose', inverse('Text', [{ kind: 'lower' }], 'string'), 'X', undefined],
    ['a number', inverse('Text', [{ kind: 'number', decimal: ',' }], 'number'), 1234.5, '1234,5'],
    ['a small number', inverse('Text', [{ kind: 'number', decimal: '.' }], 'number'), 1e-7, '0.0000001'],
    ['a huge number', inverse('Text', [{ kind: 'number', decimal: '.' }], 'number'), 1e22, `1${'0'.repeat(22)}`],
    ['an amount', inverse('Text', [{ kind: 'money', decimal: ',', code: 'EUR' }], 'decimal'), -12.5, '-12,5'],
    ['more digits than the field has', inverse('Share', [], 'decimal'), 0.125, undefined],
    ['a date', inverse('Text', [{ kind: 'date', order: 'dmy' }], 'date'), '2026-11-20', '20.11.2026'],
    [
      'a date with the month first',
      inverse('Text', [{ kind: 'date', order: 'mdy' }], 'date'),
      '2026-11-20',
      '11/20/2026',
    ],
    ['a day that is none', inverse('Day', [], 'date'), '2026-02-30', undefined],
    ['a text into a native date', inverse('Day', [], 'string'), 'tomorrow', undefined],
    ['minutes for hours', inverse('Share', [{ kind: 'unit', from: 'min', to: 'h' }], 'number'), 1.1, 66],
    ['degrees', inverse('Text', [{ kind: 'unit', from: 'F', to: 'C' }], 'integer'), 100, '212'],
    ['a number into a text field', inverse('Text', [], 'string'), 7, undefined],
    ['a boolean', inverse('Text', [], 'boolean'), true, 'true'],
  ])('writes %s, or refuses it', (_, way, value, native) => {
    expect(written(way, value)).toEqual(native);
  });

  it('empties the native field for what the mapping shows empty', () => {
    expect(written(inverse('Text', [], 'string', 'empty'), '')).toBeNull();
    expect(written(inverse('Tags', [], 'multi_enum', 'empty'), [])).toBeNull();
  });

  it('writes nothing for a constant, and accepts no other value', () => {
    const way = inverse(null, [{ kind: 'constant', value: 'EUR' }], 'string');
    if (way.kind !== 'constant') throw new Error(way.kind);
    expect(way.write('EUR')).toEqual({ kind: 'ok' });
    expect(way.write('USD')).toMatchObject({ kind: 'refused', why: /"EUR" in every record/ });
  });

  it.each<[string, string | null, TransformStep[]]>([
    ['split', 'Text', [{ kind: 'split', separator: ',', take: 1 }]],
    ['midpoint', 'Text', [{ kind: 'midpoint', decimal: '.' }]],
    ['json_path', 'Nested', [{ kind: 'json_path', path: ['a'] }]],
    ['email_domain', 'Text', [{ kind: 'email_domain' }]],
    ['concat', null, [{ kind: 'concat', fields: ['Text', 'Day'], separator: ' ' }]],
    ['template', null, [{ kind: 'template', parts: [{ field: 'Text' }, '!'] }]],
  ])('is none for %s, and says why', (step, from, steps) => {
    expect(inverse(from, steps, 'string')).toMatchObject({ kind: 'none', why: expect.stringContaining(`\`${step}\``) });
  });

  it('is none where the source lets nobody write', () => {
    const plan = planned({ ...mappingFrom, from: { kind: 'name', name: 'Text' } }, targetOf('string'));
    if (plan?.source.kind !== 'native') throw new Error('a native field');
    const locked = { ...plan, source: { ...plan.source, field: { ...plan.source.field, writable: false } } };
    expect(inverseOf(locked, targetOf('string'), { scale: 0, onMissing: 'null' })).toMatchObject({ kind: 'none' });
  });

  it('of a lookup writes the key of the record that has the value', () => {
    const way = inverse('Text', [{ kind: 'lookup', object: 'Account', key: 'Number', take: 'Name' }], 'string');
    if (way.kind !== 'lookup') throw new Error(way.kind);
    expect(way.wanted('Acme')).toEqual({ kind: 'ok', value: 'Acme' });
    expect(way.write('Acme', 35)).toEqual({ kind: 'ok', value: '35' });
    expect(way.write('Acme', null)).toMatchObject({ kind: 'refused', why: /nothing is known under "Acme"/ });
    expect(way.write(null, null)).toEqual({ kind: 'ok', value: null });
  });

  it('of a match writes what the record is recognised by', () => {
    const account = model('account', [modelField('id', 'id'), modelField('domain', 'string')]);
    const into = modelField('account', 'reference', { reference: { to: 'account', on: 'id' } });
    const steps: TransformStep[] = [{ kind: 'match', by: 'domain', as: 'domain' }];
    const plan = planned({ ...mappingFrom, from: { kind: 'name', name: 'Text' }, steps }, into, account);
    if (plan === null) throw new Error('no mapping');
    const way = inverseOf(plan, into, { scale: 0, onMissing: 'null' });
    if (way.kind !== 'lookup') throw new Error(way.kind);
    expect(way.write('001A', 'https://www.Acme.example/')).toEqual({ kind: 'ok', value: 'acme.example' });
    expect(way.write('001A', 'gmail.com')).toMatchObject({ kind: 'refused' });
  });
});
