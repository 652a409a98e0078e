import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrincipalRights } from '../../src/access/index.ts';
import { GantryError } from '../../src/kernel/index.ts';
import type { WriteIntent } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { manifest } from './project.ts';
import { rows } from './source.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * How long an answer takes is a matter of the work behind it. For a record that
 * is hidden and for one that is not there the work is the same, statement by
 * statement and call by call, so that no clock can tell them apart.
 */
describe('a record that is hidden from a user costs the work of one that is not there', () => {
  const open = openerOf('pglite');
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest(), rows, await open());
  }, 240_000);
  afterAll(() => stage.close());

  /** Is shown every deal but o2, and no amounts. */
  const rights = (): PrincipalRights => ({
    principal: 'ada',
    version: '1',
    streams: new Map(
      [...stage.streams].map(([object, stream]) => [
        stream,
        {
          kind: 'known',
          by: 'as_user',
          classes: [1],
          fields:
            object === 'Opportunity'
              ? new Set(['Id', 'Name', 'Stage__c', 'CloseDate', 'AccountId', 'Reference__c'])
              : 'all',
          asOf: new Date('2026-11-21T12:00:00Z'),
        },
      ]),
    ),
  });

  /** What an act asked for, and how it was answered; names of what was asked about are left out. */
  const workOf = async (act: () => Promise<unknown>, about: readonly string[]) => {
    const from = stage.work.length;
    const answer = await act().catch((error: unknown) => {
      if (error instanceof GantryError) return error.toBody();
      throw error;
    });
    // Which names come near is a matter of the name alone.
    const same = (text: string): string =>
      about.reduce((left, word) => left.replaceAll(word, '?'), text).replace(/,"suggestions":\[[^\]]*\]/, '');
    return { work: stage.work.slice(from).map(same), answer: same(JSON.stringify(answer)) };
  };
  const reads = (): readonly (readonly [string, (id: string) => Promise<unknown>])[] => {
    const { caller, scope } = stage.context('writer', rights());
    const { query } = stage;
    return [
      ['get_record', (id) => query.getRecord(caller, scope, { object: 'deal', id })],
      ['read_value', (id) => query.readValue(caller, scope, { object: 'deal', ref: id, field: 'name' })],
      ['query_records', (id) => query.queryRecords(caller, scope, { object: 'crm.Opportunity', filter: { Id: id } })],
      [
        'a count',
        (id) =>
          query.queryRecords(caller, scope, {
            object: 'crm.Opportunity',
            filter: { Id: id },
            measures: [{ count: '*', as: 'n' }],
          }),
      ],
    ];
  };

  test.each(['get_record', 'read_value', 'query_records', 'a count'])('reading it by %s', async (name) => {
    const act = reads().find(([each]) => each === name)?.[1];
    if (act === undefined) throw new Error(name);
    // What is learned once and kept, is kept by now.
    await workOf(() => act('o9'), []);
    const [hidden, absent] = [await workOf(() => act('o2'), ['o2']), await workOf(() => act('o8'), ['o8'])];
    expect(hidden).toEqual(absent);
    expect(hidden.work.length).toBeGreaterThan(0);
    // One that is shown is answered otherwise: the comparison can fail.
    expect((await workOf(() => act('o1'), ['o1'])).answer).not.toEqual(hidden.answer);
  });

  const change = (id: string): WriteIntent => ({
    operation: 'update',
    object: 'deal',
    records: [{ id, values: { stage: 'won' } }],
  });
  test.each<readonly [string, (id: string) => WriteIntent]>([
    ['a change', change],
    [
      'a change of a native record',
      (id) => ({ ...change(id), object: 'crm.Opportunity', records: [{ id, values: { Stage__c: 'Gewonnen' } }] }),
    ],
    ['a deletion', (id) => ({ operation: 'delete', object: 'deal', records: [{ id }] })],
    [
      'a change of it beside one that is shown',
      (id) => ({ ...change(id), records: [...change(id).records, { id: 'o1', values: { stage: 'won' } }] }),
    ],
  ])('planning %s', async (_name, intent) => {
    const plan = async (id: string) => {
      const { problems } = await stage.plan(intent(id), 'writer', rights());
      return problems;
    };
    await workOf(() => plan('o9'), []);
    const [hidden, absent] = [await workOf(() => plan('o2'), ['o2']), await workOf(() => plan('o8'), ['o8'])];
    expect(hidden).toEqual(absent);
    expect(hidden.work.length).toBeGreaterThan(0);
    expect((await workOf(() => plan('o1'), ['o1'])).answer).not.toEqual(hidden.answer);
  });

  test('a field that is hidden costs the work of one that there never was', async () => {
    const { caller, scope } = stage.context('writer', rights());
    const asked = (field: string) => [
      () => stage.query.queryRecords(caller, scope, { object: 'deal', fields: [field] }),
      () => stage.query.queryRecords(caller, scope, { object: 'deal', filter: { [field]: 1 } }),
      () => stage.query.queryRecords(caller, scope, { object: 'deal', sort: [{ field }] }),
      () => stage.query.querySql(caller, scope, { sql: `select ${field} from deal` }),
      () =>
        stage
          .plan({ ...change('o1'), records: [{ id: 'o1', values: { [field]: 1 } }] }, 'writer', rights())
          .then(({ problems }) => problems),
    ];
    const hidden = asked('amount');
    const absent = asked('amounx');
    for (const [at, act] of hidden.entries()) {
      const other = absent[at] ?? act;
      await workOf(other, []);
      expect(await workOf(act, ['amount'])).toEqual(await workOf(other, ['amounx']));
    }
  });
});
