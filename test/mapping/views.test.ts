import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits, type Json } from '../../src/kernel/index.ts';

import { loadProject, type Manifest } from '../../src/manifest/index.ts';
import { applySteps } from '../../src/mapping/apply-steps.ts';
import { compileCatalogue, relationFor } from '../../src/mapping/index.ts';
import { uniqueNames } from '../../src/mapping/native-table.ts';
import { planMapping } from '../../src/mapping/plan-mapping.ts';
import { knownNames } from './acme.ts';
import { build, field, object, openDuck, picklist, rows, stream } from './support.ts';

/** A project of one model `thing`, fed as `objects` says. */
function project(model: string, objects: string): Manifest {
  const result = loadProject(
    new Map([
      ['gantry.yaml', 'gantry: 1\nproject: test\n'],
      ['models/thing.yaml', `model: thing\nfields:\n  key: id\n${model}`],
      ['integrations/crm.yaml', `integration: crm\nconnector: salesforce\ntrust: record\nobjects:\n${objects}`],
    ]),
    knownNames,
  );
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems, null, 2));
  return result.manifest;
}

const deal = object('Deal', [
  field('Id', 'id'),
  field('Ref', 'string'),
  field('Amount', 'decimal', { scale: 3 }),
  field('Stage', 'enum', picklist('a', 'b')),
  field('Closed', 'datetime'),
  field('Tags', 'multi_enum'),
]);

describe('a lookup', () => {
  const manifest = project(
    '  found: string\n',
    '  Deal: { model: thing, fields: { key: Id, found: { from: Ref, lookup: { object: Other, key: Code, take: Label } } } }\n  Other: {}\n',
  );
  const other = object('Other', [field('Id', 'id'), field('Code', 'integer'), field('Label', 'string')]);
  const streams = [stream('crm', deal), stream('crm', other)];

  it('never multiplies a record, and takes the first by id where keys are there twice', async () => {
    const catalogue = compileCatalogue(manifest, streams);
    const duck = await openDuck();
    await build(duck, catalogue, {
      'crm.Deal': [
        { _id: '1', Id: '1', Ref: '7' },
        { _id: '2', Id: '2', Ref: '8' },
        { _id: '3', Id: '3' },
        { _id: '4', Id: '4', Ref: '9' },
      ],
      'crm.Other': [
        { _id: 'z', Id: 'z', Code: 7, Label: 'late' },
        { _id: 'a', Id: 'a', Code: 7, Label: 'early' },
        { _id: 'b', Id: 'b', Code: 9, Label: null },
        { _id: 'c', Id: 'c', Code: 9, Label: 'second' },
        { _id: 'd', Id: 'd', Label: 'without a code' },
      ],
    });
    expect(await rows(duck, 'select key, found from model.thing order by key')).toEqual([
      { key: '1', found: 'early' },
      { key: '2', found: null },
      { key: '3', found: null },
      { key: '4', found: null },
    ]);
  });

  it('costs its join only where it is read', async () => {
    const catalogue = compileCatalogue(manifest, streams);
    const thing = catalogue.objects.get('thing');
    const native = catalogue.objects.get('crm.Deal');
    if (thing === undefined || native === undefined) throw new Error('both are there');
    expect(relationFor(native, ['Id'])).toBe('"crm"."Deal"');
    expect(relationFor(thing, ['key', 'found'])).toBe('"model"."thing"');
    const narrow = relationFor(thing, ['key']);
    expect(narrow).not.toContain('join');
    const duck = await openDuck();
    await build(duck, catalogue, { 'crm.Deal': [{ _id: '1', Id: '1', Ref: '7' }] });
    expect(await rows(duck, `select _stream, _id, key from ${narrow} x`)).toEqual(
      await rows(duck, 'select _stream, _id, key from model.thing'),
    );
  });

  it('means the same in TypeScript', () => {
    const target = manifest.models.get('thing')?.fields.get('found');
    const mapping = manifest.integrations.get('crm')?.objects.get('Deal')?.fields.get('found');
    if (target === undefined || mapping === undefined) throw new Error('both are declared');
    const result = planMapping(mapping, target, deal, (name) => (name === 'Other' ? other : null));
    if (result.kind === 'unfit') throw new Error(result.mistake.message);
    const asked: string[] = [];
    const value = (document: { [key: string]: Json }): Json =>
      applySteps({
        plan: result.plan,
        target,
        scale: 2,
        onMissing: 'empty',
        document,
        lookup: (step, key) => {
          asked.push(step.kind === 'lookup' ? `${step.object}.${step.key}=${key}` : step.kind);
          return 'early';
        },
      });
    expect(value({ Ref: '7' })).toBe('early');
    expect(value({})).toBe('');
    expect(asked).toEqual(['Other.Code=7']);
  });
});

describe('the condition of an object', () => {
  const manifestWith = (where: string): Manifest =>
    project('  amount: decimal\n', `  Deal: { model: thing, where: ${where}, fields: { key: Id, amount: Amount } }\n`);
  const records = {
    'crm.Deal': [
      {
        _id: '1',
        Id: '1',
        Ref: 'Straße',
        Amount: 10.5,
        Stage: 'a',
        Closed: '2026-01-31T23:00:00.000Z',
        Tags: ['x', 'y'],
      },
      { _id: '2', Id: '2', Ref: "it's", Amount: 3, Stage: 'b', Closed: '2026-02-01T00:00:00.000Z', Tags: [] },
      { _id: '3', Id: '3' },
    ],
  };

  it.each([
    ['{ Stage: a }', ['1']],
    ['{ Stage: { ne: a } }', ['2', '3']],
    ['{ not: { Stage: { in: [a, b] } } }', ['3']],
    ['{ Amount: { gt: 3 } }', ['1']],
    ['{ not: { Amount: { gt: 3 } } }', ['2', '3']],
    ['{ Ref: { contains: STRASS } }', []],
    ['{ Ref: { contains: STRA } }', ['1']],
    ['{ Ref: { starts_with: "IT\'" } }', ['2']],
    ['{ Ref: null }', ['3']],
    ['{ Closed: { lte: 2026-01-31 } }', ['1']],
    ['{ Closed: { gt: 2026-01-31 } }', ['2']],
    ['{ Tags: { contains: y } }', ['1']],
    ['{ or: [{ Stage: b }, { Ref: { is_null: true } }] }', ['2', '3']],
    ['{}', ['1', '2', '3']],
  ])('lets through what the filter says, missing values included: %s', async (where, ids) => {
    const catalogue = compileCatalogue(manifestWith(where), [stream('crm', deal)]);
    const duck = await openDuck();
    await build(duck, catalogue, records);
    expect((await rows(duck, 'select key from model.thing order by key')).map((each) => each['key'])).toEqual(ids);
    expect(catalogue.diagnostics).toEqual([]);
  });

  it.each([
    ['{ Stadium: a }', 'native_field_missing'],
    ['{ Amount: { gt: much } }', 'type_mismatch'],
    ['{ not: { Amount: { gt: much } } }', 'type_mismatch'],
  ])('that does not fit this org lets nothing through, and is reported: %s', async (where, code) => {
    const catalogue = compileCatalogue(manifestWith(where), [stream('crm', deal)]);
    expect(catalogue.diagnostics).toEqual([expect.objectContaining({ code, object: 'crm.Deal' })]);
    const duck = await openDuck();
    await build(duck, catalogue, records);
    expect(await rows(duck, 'select key from model.thing')).toEqual([]);
  });

  it('that skips records without a value leaves them out of the model only', async () => {
    const manifest = project(
      '  amount: decimal\n  note: string\n',
      '  Deal: { model: thing, fields: { key: Id, amount: { from: Amount, on_missing: skip }, note: { from: Ref, on_missing: empty } } }\n',
    );
    const catalogue = compileCatalogue(manifest, [stream('crm', deal)]);
    const duck = await openDuck();
    await build(duck, catalogue, {
      'crm.Deal': [
        { _id: '1', Id: '1', Amount: 1.125 },
        { _id: '2', Id: '2' },
      ],
    });
    expect(await rows(duck, 'select key, amount, note from model.thing')).toEqual([
      { key: '1', amount: '1.125', note: '' },
    ]);
    expect(await rows(duck, 'select count(*)::integer as n from crm."Deal"')).toEqual([{ n: 2 }]);
  });
});

describe('names from upstream', () => {
  it('become columns that differ by more than case, whatever they are', async () => {
    const hostile = object('select "x"; drop', [
      field('Id', 'id'),
      field('id', 'string', { custom: true }),
      field('ID_2', 'string', { custom: true }),
      field('_id', 'string'),
      field('_stream', 'integer'),
      field('rowid', 'string'),
      field('a"b', 'string'),
      field('a\u202Eb\nc', 'string', { label: `x\u200B${'y'.repeat(500)}\u0007`, help: 'z'.repeat(900) }),
      field('', 'string'),
    ]);
    const manifest = project('', '  Deal: {}\n');
    const catalogue = compileCatalogue(manifest, [
      stream('crm', hostile),
      stream('crm', { ...deal, name: 'SELECT "X"; DROP' }),
    ]);
    const names = catalogue.layout.tables.flatMap((table) => table.columns.map((each) => each.name));
    expect(names).toEqual(
      expect.arrayContaining(['Id', 'id_3', 'ID_2', '_id_2', '_stream_2', 'rowid_2', 'a"b', 'a b c', 'unnamed']),
    );
    const native = catalogue.objects.get('crm.select "x"; drop_2');
    const labelled = native?.fields.get('a b c');
    expect(labelled?.title).toMatch(/^x y+…$/u);
    expect([...(labelled?.title ?? '')]).toHaveLength(limits.labelCharsMax);
    expect([...(labelled?.why ?? '')]).toHaveLength(limits.descriptionCharsMax);
    const duck = await openDuck();
    await build(duck, catalogue, {
      'crm.select "x"; drop_2': [{ _id: 'r', Id: '1', id: 'two', _id_2: null, 'a"b': 'q' }] as never,
    });
    expect(await rows(duck, `select _id, "Id", id_3, "a""b" as q from ${native?.relation ?? ''}`)).toEqual([
      { _id: 'r', Id: '1', id_3: 'two', q: 'q' },
    ]);
  });

  it('are unique without regard to case and never reserved, in any order of discovery', () => {
    const name = fc
      .array(fc.constantFrom('a', 'A', '_', '2', 'b'), { minLength: 0, maxLength: 4 })
      .map((each) => each.join(''));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (wanted) => {
        const given = uniqueNames(wanted, ['a_2']).map((each) => each.toLowerCase());
        expect(new Set(given).size).toBe(wanted.length);
        expect(given).not.toContain('a_2');
      }),
      { numRuns: 500 },
    );
  });

  it('of connections never take the place of the lens’s own schemas', async () => {
    const manifest = project('', '  Deal: { model: thing, fields: { key: Id } }\n');
    const slugs = ['model', 'main', 'temp'].map((slug) => stream(slug, deal, { integration: 'crm' }));
    const catalogue = compileCatalogue(manifest, slugs);
    const duck = await openDuck();
    await build(duck, catalogue, { 'model_2.Deal': [{ _id: '1', Id: '1' }], 'main_2.Deal': [{ _id: '2', Id: '2' }] });
    expect(await rows(duck, 'select key from model.thing order by 1')).toEqual([{ key: '1' }, { key: '2' }]);
  });
});
