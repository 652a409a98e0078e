import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeRights } from '../../src/write/plan/write-rights.ts';
import { openStage, type Stage } from './stage.ts';
import { manifest, type load } from './project.ts';

const GRANT = '      operations: [deal.close_won]\n';
const ONLY_STAGE: Parameters<typeof load>[0] = [
  [
    'gantry.yaml',
    '        deal: { operations: [create, update, upsert, delete], where: { stage: { ne: lost } } }\n',
    '',
  ],
  ['gantry.yaml', GRANT, '      operations: [update_deal_stage]\n'],
  ['gantry.yaml', '        crm.Opportunity: { operations: [update], fields: [Stage__c, AccountId] }\n', ''],
];

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(manifest(ONLY_STAGE));
}, 300_000);
afterAll(() => stage.close());

const won = { id: 'crm/Opportunity/o1', input: { stage: 'won' } };

describe('an intent that is granted by its name', () => {
  it('writes what it comes to there, in the model’s words, and nothing is granted beside', async () => {
    const plan = await stage.run({ operation: 'update_deal_stage', records: [won] });
    expect(plan.problems).toEqual([]);
    expect(plan.writes).toMatchObject([{ model: 'deal', operation: 'update', values: { Stage__c: 'Gewonnen' } }]);
    expect(Object.keys(plan.writes[0]?.values ?? {})).toEqual(['Stage__c']);
    const plain = { operation: 'update' as const, object: 'deal', records: [{ id: won.id, values: { stage: 'won' } }] };
    await expect(stage.plan(plain)).rejects.toMatchObject({ code: 'write_not_granted' });
  });

  it('is no grant of another intent, nor of other fields', async () => {
    const contact = { operation: 'upsert_contact', records: [{ input: { email: 'a@b.example', last_name: 'A' } }] };
    await expect(stage.run(contact)).rejects.toMatchObject({ code: 'intent_unsupported' });
    const agent = manifest(ONLY_STAGE).agents.get('writer');
    const deal = stage.context('writer').caller.objects.get('deal');
    if (agent === undefined || deal === undefined) throw new Error('there are both');
    const named = { intent: 'update_deal_stage', fields: ['stage'] };
    expect(writeRights(agent, deal, 'update', named)).toEqual({ fields: new Set(['stage']), where: null });
    const other = { intent: 'create_task', fields: ['stage'] };
    expect(() => writeRights(agent, deal, 'update', other)).toThrow(/does not let it update deal/);
  });

  it('may be sent as long as its name is granted', async () => {
    const writes = [{ key: 'k', recordId: 'o1', values: { Stage__c: 'Gewonnen' }, changes: [], model: 'deal' }];
    const asked = { principal: null, object: 'Opportunity', operation: 'update' as const, undo: false, writes };
    expect(await stage.unwritable({ ...asked, intent: 'update_deal_stage' })).toEqual(new Map());
    expect([...(await stage.unwritable({ ...asked, intent: 'create_task' })).keys()]).toEqual(['k']);
    const now = manifest([
      ...ONLY_STAGE.slice(0, 1),
      ['gantry.yaml', GRANT, '      operations: []\n'],
      ...ONLY_STAGE.slice(2),
    ]);
    expect([...(await stage.unwritable({ ...asked, intent: 'update_deal_stage' }, { manifest: now })).keys()]).toEqual([
      'k',
    ]);
  });
});

describe('what is deprecated', () => {
  it('is written, with a warning that names what to use and until when', async () => {
    const old = await openStage(
      manifest([
        [
          'models/deal.yaml',
          '  note: text\n',
          '  note: { type: text, deprecated: { replaced_by: name, sunset: 2026-06-30 } }\n',
        ],
      ]),
    );
    try {
      const record = { id: 'crm/Opportunity/o1', values: { note: 'Hallo' } };
      const plan = await old.plan({ operation: 'update', object: 'deal', records: [record] });
      expect(plan.problems).toEqual([]);
      expect(plan.warnings).toContain('deal.note is deprecated (from 2026-06-30 on it may be gone): use name.');
      const other = { id: 'crm/Opportunity/o1', values: { amount: 7 } };
      expect((await old.plan({ operation: 'update', object: 'deal', records: [other] })).warnings).toEqual([]);
      // What the system itself keeps for old programs alone; which field takes its place it does not tell.
      const native = { id: 'c1', values: { Old__c: 'x', Subject: 'Still' } };
      expect((await old.plan({ operation: 'update', object: 'crm.Case', records: [native] })).warnings).toEqual([
        'crm.Case.Old__c: crm keeps the field behind it for old programs alone.',
      ]);
    } finally {
      await old.close();
    }
  }, 300_000);
});
