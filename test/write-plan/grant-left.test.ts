import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { manifest } from './project.ts';
import { openStage, type Stage } from './stage.ts';

type Question = Parameters<Stage['unwritable']>[0];

const write = (key: string, recordId: string | null, more: Partial<Question['writes'][number]> = {}) => ({
  key,
  recordId,
  values: {},
  ...more,
});

const update = (...writes: Question['writes']): Question => ({
  principal: null,
  object: 'Opportunity',
  operation: 'update',
  undo: false,
  writes,
});

const change = (field: string, after: string) => ({ field, label: field, before: null, after });

/** The writer's grant: no deals that are lost may be written. */
describe('a record that left the grant since the plan was made', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest());
  });
  afterAll(() => stage.close());

  const keys = async (...given: Parameters<Stage['unwritable']>): Promise<string[]> => [
    ...(await stage.unwritable(...given)).keys(),
  ];

  test('is not written, by what was read last and by what stands at the source now', async () => {
    const now = (Stage__c: string): { readonly now: JsonObject } => ({ now: { Stage__c } });
    const asked = update(
      write('as planned', 'o1', now('Offen')),
      write('left here', 'o3', now('Verloren')),
      write('left there', 'o1', now('Verloren')),
      write('back there alone', 'o3', now('Offen')),
      write('unknown here', 'o99'),
    );
    expect(await keys(asked)).toEqual(['left here', 'left there', 'back there alone', 'unknown here']);
    // Nothing says which condition it was, or of what.
    const texts = new Set((await stage.unwritable(asked)).values());
    expect([...texts]).toEqual(['writer may not write this any more.']);
    expect(await keys(asked, { fields: true })).toEqual(['Stage__c']);
  });

  test('is not written where it left what the agent sees, by a field that the agent does not see, or by another record', async () => {
    const rule = (where: string) =>
      manifest([['gantry.yaml', 'account, owner_mail] }', `account, owner_mail], where: ${where} }`]]);
    const asked = update(write('of a customer', 'o1'), write('of none', 'o2'));
    expect(await keys(asked, { manifest: rule('{ account.status: customer }') })).toEqual(['of none']);
    const secret = rule('{ secret: { ne: closed } }');
    expect(await keys(asked, { manifest: secret })).toEqual([]);
    expect(await keys(asked, { manifest: secret, fields: true })).toEqual(['Stage__c', 'Secret__c']);
    const closed = update(write('closed', 'o1', { now: { Secret__c: 'closed' } }), write('open', 'o2'));
    expect(await keys(closed, { manifest: secret })).toEqual(['closed']);
    // An operation of the manifest is held against what is seen alone.
    expect(await keys({ ...closed, intent: 'deal.close_won' }, { manifest: secret })).toEqual(['closed']);
    expect(await keys({ ...update(write('lost', 'o3')), intent: 'deal.close_won' })).toEqual([]);
  });

  test('is not made either, once the grant has no such records', async () => {
    const made = (key: string, stageName: string) => write(key, null, { changes: [change('stage', stageName)] });
    const asked = { ...update(made('open', 'open'), made('lost', 'lost')), operation: 'create' as const };
    expect(await keys(asked)).toEqual(['lost']);
  });

  test('is not undone for an agent, unless that brings it back; people may', async () => {
    const undo = (key: string, recordId: string, values: JsonObject, undoFor?: 'agent') =>
      write(key, recordId, { values, ...(undoFor === undefined ? {} : { undoFor }) });
    const asked = {
      ...update(
        undo('still in it', 'o1', { Name: 'Old' }, 'agent'),
        undo('left it', 'o3', { Name: 'Old' }, 'agent'),
        undo('comes back', 'o3', { Stage__c: 'Offen' }, 'agent'),
        undo('for people', 'o3', { Name: 'Old' }),
      ),
      intent: 'undo',
      undo: true,
    };
    expect(await keys(asked)).toEqual(['left it']);
    // Never back into what the agent sees.
    const unseen = manifest([
      ['gantry.yaml', 'account, owner_mail] }', 'account, owner_mail], where: { stage: { ne: lost } } }'],
    ]);
    expect(await keys(asked, { manifest: unseen })).toEqual(['left it', 'comes back']);
  });
});

describe('what a stopped agent wrote', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest());
  });
  afterAll(() => stage.close());

  const removed = { ...manifest(), agents: new Map() };
  test.each([
    ['suspended', { stopped: true }],
    ['declared no longer', { manifest: removed }],
  ] as const)(
    'is taken back for people where it is %s, not for the agent, nor by what its plans come to',
    async (_how, now) => {
      const back = update(write('for people', 'o1'), write('for the agent', 'o1', { undoFor: 'agent' }));
      const lost = async (asked: Question) => [...(await stage.unwritable(asked, now)).keys()];
      expect(await lost({ ...back, intent: 'undo', undo: true })).toEqual(['for the agent']);
      // A step that is taken back is part of the agent's own plan.
      expect(await lost({ ...update(write('a step', 'o1')), undo: true })).toEqual(['a step']);
      // Everything else about the record holds for people, too.
      const rights = { principal: 'ada', version: '1', streams: new Map() };
      const people = { ...update(write('hidden', 'o1')), principal: 'ada', intent: 'undo', undo: true };
      expect([...(await stage.unwritable(people, { ...now, rights })).keys()]).toEqual(['hidden']);
    },
  );
});

/** Its conditions, of the deal itself and of its account: "Only open deals of accounts that are customers can be won." */
describe('a condition of an operation that does not hold any more since the plan was made', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest());
  });
  afterAll(() => stage.close());

  const question = (...writes: Question['writes']): Question => ({ ...update(...writes), intent: 'deal.close_won' });
  const unmet = async (asked: Question, now: Parameters<Stage['unwritable']>[1] = {}): Promise<string[]> => [
    ...(await stage.unwritable(asked, { ...now, unmet: true })).keys(),
  ];
  const wholeAccounts = manifest([
    ['gantry.yaml', 'account: { fields: [crm_id, name], where: { name: { ne: Hidden } } }', "account: '*'"],
  ]);

  test('is held against the record as it was read last, and as it stands at its source', async () => {
    const now = (Stage__c: string): { readonly now: JsonObject } => ({ now: { Stage__c } });
    const asked = question(
      write('still open', 'o1', now('Offen')),
      write('lost here', 'o3', now('Verloren')),
      write('won there', 'o1', now('Gewonnen')),
      write('unknown here', 'o99'),
      write('new', null),
    );
    expect(await unmet(asked)).toEqual(['lost here', 'won there', 'unknown here']);
    expect([...(await stage.unwritable(asked, { unmet: true })).values()]).toEqual(
      Array(3).fill('Only open deals of accounts that are customers can be won.'),
    );
    expect([...(await stage.unwritable(asked, { fields: true })).keys()]).toEqual(['Stage__c']);
  });

  test('is held against other records where the agent is shown all of them, and is for people where it is not', async () => {
    const asked = question(write('of a customer', 'o1'), write('of a prospect', 'o2'));
    expect(await unmet(asked)).toEqual([]);
    expect(await unmet(asked, { manifest: wholeAccounts })).toEqual(['of a prospect']);
  });

  test('is not asked of plain writes, of what is taken back, nor of records of other models', async () => {
    const lost = write('lost', 'o3');
    expect(await unmet(question(lost))).toEqual(['lost']);
    const { intent, ...plain } = question(lost);
    expect(intent).toBe('deal.close_won');
    expect(await unmet(plain)).toEqual([]);
    expect(await unmet({ ...question(lost), undo: true })).toEqual([]);
    expect(await unmet({ ...question(lost), intent: 'create_task' })).toEqual([]);
    expect(await unmet(question(write('native', 'o3', { model: null })))).toEqual([]);
  });
});
