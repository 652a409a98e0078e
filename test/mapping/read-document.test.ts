import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseFilter } from '../../src/filter/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { compileCatalogue, quoteName } from '../../src/mapping/index.ts';
import { from, integration, manifestOf, model, modelField } from './hand-made.ts';
import { build, field, object, openDuck, rows, stream } from './support.ts';

const deal = object('Deal', [
  field('Id', 'id'),
  field('Name', 'string'),
  field('Stage', 'enum'),
  field('Amount', 'decimal', { scale: 2 }),
  field('Count', 'integer'),
  field('Day', 'date'),
  field('Tags', 'multi_enum'),
  field('Closed', 'boolean'),
  field('Owner', 'reference', { references: ['User'] }),
]);
const user = object('User', [field('Id', 'id'), field('Email', 'string')]);

const manifest = manifestOf(
  [
    model('deal', [
      modelField('key', 'id'),
      modelField('label', 'string'),
      modelField('stage', 'enum', { values: ['open', 'won'] }),
      modelField('amount', 'decimal', { currency: 'EUR' }),
      modelField('size', 'number'),
      modelField('day', 'date'),
      modelField('tags', 'multi_enum', { values: ['a', 'b'] }),
      modelField('owner', 'string'),
      modelField('unmapped', 'string'),
    ]),
  ],
  [
    integration('crm', {
      Deal: {
        model: 'deal',
        fields: {
          key: 'Id',
          label: {
            ...from('Name', [{ kind: 'template', parts: [{ field: 'Name' }, ' / ', { field: 'Count' }] }], 'empty'),
          },
          stage: from(
            'Stage',
            [
              {
                kind: 'value_map',
                map: new Map([
                  ['New', 'open'],
                  ['Won', 'won'],
                ]),
                otherwise: 'null',
              },
            ],
            'skip',
          ),
          amount: 'Amount',
          size: 'Count',
          day: 'Day',
          tags: from('Tags', [], 'empty'),
          owner: from('Owner', [{ kind: 'lookup', object: 'User', key: 'Id', take: 'Email' }]),
        },
        where: parseFilter({ not: { Closed: true, Count: { gt: 5 } } }, { where: 'where' }),
      },
      User: { model: null, fields: {} },
    }),
  ],
);

const documents = fc.array(
  fc.record({
    Name: fc.option(fc.constantFrom('a', ' b ', '', 'Ümläut "x"', '7')),
    Stage: fc.option(fc.constantFrom('New', 'Won', 'Lost', 'new'), { freq: 4 }),
    Amount: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100)),
    Count: fc.option(fc.integer({ min: 0, max: 10 })),
    Day: fc.option(fc.constantFrom('2026-01-01', '1999-12-31')),
    Tags: fc.option(fc.subarray(['a', 'b', 'c'])),
    Closed: fc.option(fc.boolean()),
    Owner: fc.option(fc.constantFrom('u1', 'u2')),
  }),
  { minLength: 1, maxLength: 12 },
);

it('reads a stored document as the model’s view shows the record, and says which fields it cannot know', async () => {
  const streams = [stream('crm', deal), stream('crm', user)];
  const catalogue = compileCatalogue(manifest, streams);
  const reader = catalogue.documents.get('deal')?.get(streams[0]?.stream ?? (0 as never));
  if (reader === undefined) throw new Error('no reader');
  let kept = 0;
  let left = 0;
  await fc.assert(
    fc.asyncProperty(documents, async (docs) => {
      const records = docs.map((doc, index): { readonly _id: string } & JsonObject => ({
        ...doc,
        _id: String(index),
        Id: String(index),
      }));
      const duck = await openDuck();
      await build(duck, catalogue, { 'crm.Deal': records, 'crm.User': [] });
      const names = ['key', 'label', 'stage', 'amount', 'size', 'day', 'tags', 'unmapped'];
      const columns = names.map((name) => `to_json(${quoteName(name)})::varchar as ${quoteName(name)}`).join(', ');
      const shown = new Map((await rows(duck, `select ${columns} from model.deal`)).map((row) => [row['key'], row]));
      for (const record of records) {
        const { values, belongs } = reader(record);
        const row = shown.get(JSON.stringify(record._id));
        expect(belongs).toBe(row !== undefined);
        expect([...values.keys()].toSorted()).toEqual([...names].toSorted());
        if (row === undefined) left += 1;
        else kept += 1;
        for (const name of row === undefined ? [] : names) {
          const text = row?.[name];
          expect([name, values.get(name)]).toEqual([name, typeof text === 'string' ? JSON.parse(text) : null]);
        }
      }
      duck.closeSync();
    }),
    { numRuns: 40 },
  );
  expect(Math.min(kept, left)).toBeGreaterThan(20);
});
