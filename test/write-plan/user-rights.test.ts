import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrincipalRights } from '../../src/access/index.ts';
import type { WriteRight } from '../../src/connectors/index.ts';
import type { WriteIntent, WritePlan } from '../../src/write/index.ts';
import { manifest } from './project.ts';
import { openStage, type Stage } from './stage.ts';

const MAY: WriteRight = { kind: 'may' };
const no = (...fields: string[]): WriteRight => ({ kind: 'may_not', fields });

/** Is shown everything but record o2 and the amounts. */
const rightsOf = (stage: Stage, principal = 'ada', hidden: readonly string[] = ['Amount']): PrincipalRights => ({
  principal,
  version: '1',
  streams: new Map(
    [...stage.streams].map(([object, stream]) => [
      stream,
      {
        kind: 'known',
        by: 'shares',
        classes: [1],
        fields:
          object === 'Opportunity'
            ? new Set(
                ['Id', 'Name', 'Stage__c', 'Amount', 'CloseDate', 'AccountId', 'Reference__c', 'Description']
                  .concat('Origin__c')
                  .filter((field) => !hidden.includes(field)),
              )
            : 'all',
        asOf: new Date('2026-11-21T12:00:00Z'),
      },
    ]),
  ),
});

const update = (id: string, values: Record<string, string>): WriteIntent => ({
  operation: 'update',
  object: 'deal',
  records: [{ id, values }],
});
const make: WriteIntent = {
  operation: 'create',
  object: 'deal',
  records: [{ values: { name: 'New', stage: 'open', close_date: '2026-12-24' } }],
};
const problemsOf = ({ problems }: WritePlan): string[] => problems.map(({ code, at }) => `${at} ${code}`);

describe('a plan in a user’s name, with the connection’s sign-in', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest());
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    stage.userMay = () => MAY;
    stage.userQuestions.length = 0;
  });
  const plan = (intent: WriteIntent, principal?: string) => stage.plan(intent, 'writer', rightsOf(stage, principal));

  test('has what the system itself refuses the user as problems, each at its place', async () => {
    expect((await plan(update('o1', { stage: 'won' }))).problems).toEqual([]);
    expect(stage.userQuestions).toMatchObject([
      {
        user: '005ada',
        operation: 'update',
        object: { name: 'Opportunity' },
        writes: [{ recordId: 'o1', values: { Stage__c: 'Gewonnen' } }],
        facts: { hash: '1' },
      },
    ]);
    stage.userMay = () => no();
    const refused = await plan(update('o1', { stage: 'won' }));
    expect(problemsOf(refused)).toEqual(['records[0] write_not_permitted']);
    expect(refused.problems[0]).toMatchObject({ fix: expect.stringContaining('administrator of crm') });
    expect(problemsOf(await plan({ operation: 'delete', object: 'deal', records: [{ id: 'o1' }] }))).toEqual([
      'records[0] write_not_permitted',
    ]);
    stage.userMay = () => no('Stage__c', 'CloseDate');
    expect(problemsOf(await plan(update('o1', { stage: 'won', close_date: '2026-12-24' })))).toEqual([
      'records[0].values.stage write_not_permitted',
      'records[0].values.close_date write_not_permitted',
    ]);
    const several: WriteIntent = {
      operation: 'update',
      object: 'crm.Opportunity',
      records: ['o1', 'o3'].map((id) => ({ id, values: { Stage__c: 'Gewonnen' } })),
    };
    stage.userMay = (_question, at) => (at === 1 ? no('Stage__c') : MAY);
    expect(problemsOf(await plan(several))).toEqual(['records[1].values.Stage__c write_not_permitted']);
  });

  test('a problem does not name what the user is not shown', async () => {
    stage.userMay = () => no('Origin__c');
    // The project fills the field in by itself.
    const hidden = await stage.plan(make, 'writer', rightsOf(stage, 'ada', ['Origin__c']));
    expect(problemsOf(hidden)).toEqual(['records[0] write_not_permitted']);
    expect(JSON.stringify(hidden.problems)).not.toContain('Origin');
    // Of a record that is not shown nothing is asked, and the answer is that of one that is not there.
    stage.userMay = () => no();
    const [unseen, absent] = [await plan(update('o2', { stage: 'won' })), await plan(update('o9', { stage: 'won' }))];
    expect(problemsOf(unseen)).toEqual(['records[0].id write_record_unknown']);
    expect(unseen.problems).toEqual(absent.problems);
  });

  test('an upsert is asked about as what it turns out to be, at that moment', async () => {
    const upsert = (reference: string): WriteIntent => ({
      operation: 'upsert',
      object: 'deal',
      records: [{ match: { reference }, values: { name: 'N', stage: 'open', close_date: '2026-12-24' } }],
    });
    expect(problemsOf(await plan(upsert('R-1')))).toEqual([]);
    expect(problemsOf(await plan(upsert('R-9')))).toEqual([]);
    expect(stage.userQuestions.map(({ operation, writes }) => [operation, writes[0]?.recordId])).toEqual([
      ['update', 'o1'],
      ['create', null],
    ]);
    expect(stage.userQuestions[1]?.writes[0]?.values).toMatchObject({ Reference__c: 'R-9' });
    const written = { match: { field: 'Reference__c', value: 'R-2' }, recordId: null, values: { Stage__c: 'Offen' } };
    const question = { principal: 'ada', object: 'Opportunity', operation: 'upsert' as const, undo: false };
    stage.userQuestions.length = 0;
    stage.userMay = ({ operation }) => (operation === 'update' ? no() : MAY);
    const lost = await stage.unwritable(
      { ...question, writes: [{ key: 'k', ...written }] },
      { rights: rightsOf(stage) },
    );
    // Somebody made the record in between.
    expect(stage.userQuestions).toMatchObject([{ operation: 'update', writes: [{ recordId: 'o2' }] }]);
    expect([...lost.keys()]).toEqual(['k']);
  });

  test.each([
    ['refused', 'refused', 'end_user', 'Let it see.'],
    ['not_a_user', 'inactive', 'end_user', 'activates'],
    ['none', 'not_told', 'product_team', 'write_as: connection'],
  ] as const)('is refused where nobody can tell (%s), with who can change that', async (how, reason, who, fix) => {
    stage.userMay = how;
    await expect(plan(update('o1', { stage: 'won' }))).rejects.toMatchObject({
      code: 'write_rights_unknown',
      details: { where: 'crm', fix: expect.stringContaining(fix), data: { system: 'crm', reason, who } },
    });
  });

  test('is refused for who is not linked, and where the system leaves one thing open', async () => {
    await expect(plan(update('o1', { stage: 'won' }), 'carla')).rejects.toMatchObject({
      code: 'write_rights_unknown',
      details: { data: { reason: 'not_linked', who: 'operator' } },
    });
    stage.userMay = () => ({ kind: 'unknown', why: 'Nobody knows which kinds the user may choose.' });
    const open = await plan(update('o1', { stage: 'won' }));
    expect(open.problems).toMatchObject([
      { code: 'write_rights_unknown', at: 'records[0]', message: 'Nobody knows which kinds the user may choose.' },
    ]);
  });

  test('nobody is asked for a service, and for whose own sign-in it goes with', async () => {
    stage.userMay = 'none';
    expect((await stage.plan(update('o1', { stage: 'won' }))).problems).toEqual([]);
    expect((await plan(update('o1', { stage: 'won' }), 'brita')).problems).toEqual([]);
    expect(stage.userQuestions).toEqual([]);
  });

  test('is asked about again right before the send, by the sign-in that it goes with', async () => {
    const question = { principal: 'ada', object: 'Opportunity', operation: 'update' as const, undo: false };
    const writes = ['o1', 'o4'].map((recordId) => ({ key: recordId, recordId, values: { Stage__c: 'Gewonnen' } }));
    const lost = async (more: { readonly signIn?: string; readonly undo?: boolean } = {}): Promise<string[]> => [
      ...(await stage.unwritable({ ...question, ...more, writes }, { rights: rightsOf(stage) })).keys(),
    ];
    expect(await lost()).toEqual([]);
    stage.userMay = ({ writes: asked }, at) => (asked[at]?.recordId === 'o4' ? no() : MAY);
    expect(await lost()).toEqual(['o4']);
    expect(await lost({ undo: true })).toEqual(['o4']);
    expect(await lost({ signIn: 'ada' })).toEqual([]);
    stage.userMay = () => no('Stage__c');
    expect(await lost()).toEqual(['o1', 'o4']);
    for (const how of ['refused', 'not_a_user', 'none'] as const) {
      stage.userMay = how;
      expect(await lost(), how).toEqual(['o1', 'o4']);
    }
  });
});

describe('the project may decide otherwise', () => {
  const as = (mode: string) =>
    manifest([
      ['integrations/crm.yaml', "write: [Opportunity, 'Case*']", `write: [Opportunity, 'Case*'], write_as: ${mode}`],
    ]);

  test('`connection` takes what grant and policy allow, and asks nobody', async () => {
    const stage = await openStage(as('connection'));
    try {
      stage.userMay = 'none';
      expect((await stage.plan(update('o1', { stage: 'won' }), 'writer', rightsOf(stage))).problems).toEqual([]);
      const question = { principal: 'ada', object: 'Opportunity', operation: 'update' as const, undo: false };
      const writes = [{ key: 'k', recordId: 'o1', values: { Stage__c: 'Gewonnen' } }];
      expect((await stage.unwritable({ ...question, writes }, { rights: rightsOf(stage) })).size).toBe(0);
      // What it was decided by is what is in force now.
      const lost = await stage.unwritable({ ...question, writes }, { rights: rightsOf(stage), manifest: as('user') });
      expect([...lost.keys()]).toEqual(['k']);
    } finally {
      await stage.close();
    }
  });
});
