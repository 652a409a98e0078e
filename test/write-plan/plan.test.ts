import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrincipalRights } from '../../src/access/index.ts';
import type { IntendedRecord, WriteIntent, WritePlan } from '../../src/write/index.ts';
import type { Json } from '../../src/kernel/index.ts';
import type { Draft } from '../../src/write/plan/draft.ts';
import { impactOf } from '../../src/write/plan/impact.ts';
import { mergeSteps } from '../../src/write/steps/merge-steps.ts';
import { manifest } from './project.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(manifest());
});
afterAll(() => stage.close());

const update = (...records: IntendedRecord[]): WriteIntent => ({ operation: 'update', object: 'deal', records });
const problemsOf = (plan: WritePlan): string[] => plan.problems.map(({ at, code }) => `${at} ${code}`);

/** Sees all but deal o2, and no amounts. */
const rightsOfAda = (): PrincipalRights => ({
  principal: 'ada',
  version: '1',
  streams: new Map(
    [...stage.streams].map(([object, stream]) => [
      stream,
      {
        kind: 'known',
        by: 'as_user',
        classes: [1],
        fields: object === 'Opportunity' ? new Set(['Id', 'Name', 'Stage__c', 'CloseDate', 'AccountId']) : 'all',
        asOf: new Date('2026-11-21T12:00:00Z'),
      },
    ]),
  ),
});

describe('a plan of an update', () => {
  test('says what would change, and everything else that somebody has to know', async () => {
    const plan = await stage.plan({
      ...update({ id: 'crm/Opportunity/o1', values: { stage: 'won', amount: 1500, close_date: '2026-12-01' } }),
      reason: 'signed',
    });
    expect(plan.problems).toEqual([]);
    expect(plan.id).toMatch(/^plan_[\w-]{22}$/);
    expect(plan).toMatchObject({
      agent: 'writer',
      principal: null,
      title: 'Update Deal in Salesforce (crm)',
      safety: 'gated_write',
      impact: { records: 1, amount: 500, currency: 'EUR' },
      cost: [{ connection: 'crm', calls: 1 }],
      sideEffects: [
        'The owner gets a mail.',
        'Triggers run.',
        expect.stringContaining('runs its automation "Tell finance"'),
      ],
      preconditions: [expect.stringContaining('Give the date.')],
    });
    expect(plan.expiresAt.getTime() - plan.createdAt.getTime()).toBe(30 * 60_000);
    expect(plan.decision.kind).toBe('approve');
    expect(plan.writes).toEqual([
      {
        item: 0,
        step: 0,
        record: 0,
        key: expect.stringMatching(/^[\w-]{22}-0$/),
        connection: expect.any(Number),
        slug: 'crm',
        integration: 'crm',
        object: 'Opportunity',
        model: 'deal',
        operation: 'update',
        recordId: 'o1',
        match: null,
        // What stands there already (close_date) is not sent.
        values: { Stage__c: 'Gewonnen', Amount: 1500 },
        before: { Stage__c: 'Offen', Amount: 1000 },
        changes: [
          { field: 'stage', label: 'Stage', before: 'open', after: 'won' },
          { field: 'amount', label: 'Amount', before: 1000, after: 1500 },
        ],
        label: 'Renewal',
        worth: 500,
        currency: 'EUR',
        dedupe: 'conditional',
        reversibility: 'exact',
      },
    ]);
    const again = await stage.plan(update({ id: 'o1', values: { stage: 'won', amount: 1500 } }));
    expect([again.payloadHash, again.id === plan.id]).toEqual([plan.payloadHash, false]);
    const other = await stage.plan(update({ id: 'o1', values: { stage: 'won', amount: 1501 } }));
    expect(other.payloadHash).not.toBe(plan.payloadHash);
  });

  test('finds records by reference, native id, key and match, and looks up what a mapping needs', async () => {
    const plan = await stage.plan(
      update(
        { id: 'crm/Opportunity/o1', values: { owner_mail: 'brita@example.com' } },
        { match: { reference: 'R-2' }, values: { account: 'a1' } },
      ),
    );
    expect(plan.problems).toEqual([]);
    expect(plan.writes.map(({ recordId, values }) => [recordId, values])).toEqual([
      ['o1', { OwnerId: 'u2' }],
      ['o2', { AccountId: 'a1' }],
    ]);
    expect(plan.title).toBe('Update 2 records of Deal in Salesforce (crm)');
  });

  test('names each mistake with its place', async () => {
    const plan = await stage.plan(
      update(
        { id: 'o9', values: { stage: 'won' } },
        { id: 'o3', values: { stage: 'won' } },
        { id: 'o1', values: { stagee: 'won', secret: 'x' } },
        { id: 'o2', values: { stage: 'wonn', close_date: 'soon', account: 'a3', owner_mail: 'nobody@example.com' } },
        { id: 'o4', values: { stage: 'won', reference: 'R-1', amount: 1.234 } },
        { id: 'crm/Opportunity/o4', values: { amount: 1 } },
        { id: 'o1', match: { reference: 'R-1' }, values: { amount: 1 } },
        { values: { amount: 1 } },
        { match: { nope: 1 }, values: { amount: 1 } },
      ),
    );
    expect(problemsOf(plan)).toEqual([
      'records[6] write_shape_invalid',
      'records[7] write_shape_invalid',
      'records[8].match.nope write_field_unknown',
      'records[0].id write_record_unknown',
      // The grant lets it write no lost deal.
      'records[1].id write_record_unknown',
      'records[5].id write_record_twice',
      'records[2].values.stagee write_field_unknown',
      'records[2].values.secret write_field_unknown',
      'records[3].values.stage write_value_not_allowed',
      'records[3].values.close_date write_value_invalid',
      // An account that is hidden from it; a mail that nobody has.
      'records[3].values.account write_reference_unknown',
      'records[3].values.owner_mail write_reference_unknown',
      'records[4].values.amount write_field_unmapped',
      'records[4].values.stage write_value_not_allowed',
    ]);
    expect(plan.writes).toEqual([]);
    expect(plan.problems.find(({ at }) => at === 'records[4].values.amount')).toMatchObject({
      message: expect.stringContaining('more than 2 digits after the point'),
      fix: expect.stringContaining('Give another value'),
    });
    // Whoever is shown a field hears why it finds nothing, and not that there is none.
    const records = [{ match: { crm_id: 'o1' }, values: { amount: 1 } }];
    const matched = await stage.plan({ operation: 'upsert', object: 'deal', records });
    expect(matched.problems).toMatchObject([
      {
        at: 'records[0].match.crm_id',
        code: 'write_shape_invalid',
        message: expect.stringContaining('no single field'),
      },
    ]);
  });

  test('leaves out what guards keep and what nothing takes, in words', async () => {
    const plan = await stage.plan(
      update(
        { id: 'o2', values: { name: 'Other', note: 'New note', amount: 301, region: 'South' } },
        { id: 'o1', values: { note: 'First note' } },
        { id: 'o4', values: { name: 'Again' } },
      ),
    );
    expect(plan.problems).toEqual([]);
    expect(plan.writes.map(({ recordId, values }) => [recordId, values])).toEqual([
      ['o2', { Amount: 301 }],
      ['o1', { Description: 'First note' }],
    ]);
    expect(plan.warnings).toEqual([
      expect.stringContaining('region is kept in Description'),
      'name of records[0] stays as it is: a guard keeps it (never).',
      'note of records[0] stays as it is: a guard keeps it (if_empty).',
      'region of records[0] stays as it is: a guard keeps it (if_empty).',
      'name of records[2] stays as it is: a guard keeps it (never).',
      expect.stringContaining('records[2] is left out'),
    ]);
    const none = await stage.plan(update({ id: 'o1', values: { amount: 1000 } }));
    expect(problemsOf(none)).toEqual(['records write_nothing_changes']);
  });

  test('takes no two values for one field of the system, whatever the model calls it', async () => {
    const plan = await stage.plan(update({ id: 'o1', values: { note: 'New note', region: 'South' } }));
    expect(problemsOf(plan)).toEqual(['records[0].values.region write_field_twice']);
    expect(plan.writes).toEqual([]);
    const same = await stage.plan(update({ id: 'o1', values: { note: 'South', region: 'South' } }));
    expect(same.writes[0]?.values).toEqual({ Description: 'South' });
  });

  test('counts what is there and what comes where the currency is another one', async () => {
    const { models, policies } = manifest();
    const worthOf = (values: Readonly<Record<string, Json>>) => {
      const reads = new Map([['budget', ['Budget__c']]]);
      const draft: Pick<Draft, 'operation' | 'before' | 'changes' | 'hidden' | 'values' | 'makes'> & {
        target: object;
      } = {
        target: { model: models.get('deal'), writer: { fields: new Map(), reads }, stream: { object: { fields: [] } } },
        values: {},
        makes: [],
        operation: 'update',
        before: new Map<string, Json>(Object.entries({ budget: 50, currency: 'USD' })),
        hidden: new Set(),
        changes: Object.entries(values).map(([field, after]) => ({ field, label: field, before: null, after })),
      };
      return impactOf([draft as Draft], {
        expression: null,
        rates: policies.rates,
        day: '2026-11-21',
        moneyIn: () => new Set(),
      }).impact;
    };
    // 50 dollars go, 50 euros come.
    expect(worthOf({ currency: 'EUR' })).toMatchObject({ amount: 90, currency: 'EUR' });
    expect(worthOf({ currency: 'EUR', budget: 1 })).toMatchObject({ amount: 41, currency: 'EUR' });
    expect(worthOf({ currency: 'EUR', budget: 0 })).toMatchObject({ amount: 40, currency: 'EUR' });
    expect(worthOf({ currency: 'XTS' })).toMatchObject({ amount: null });
    expect(worthOf({ budget: 60 })).toMatchObject({ amount: 8, currency: 'EUR' });
  });

  test('steps of one plan do not change the same record: the later one would be of another record than it says', async () => {
    const one = await stage.plan(update({ id: 'o1', values: { amount: 1100 } }));
    const two = await stage.plan(update({ id: 'o1', values: { close_date: '2027-02-01' } }));
    const other = await stage.plan(update({ id: 'o2', values: { amount: 1100 } }));
    const decide = async () => one.decision;
    const merged = await mergeSteps({ decide }, [one, other, two], 'stop');
    expect(merged.problems).toMatchObject([{ code: 'write_record_twice', at: 'records[2].records[0]' }]);
    expect((await mergeSteps({ decide }, [one, other], 'stop')).problems).toEqual([]);
  });

  test('counts money that nobody can tell as unknown, and converts the rest by the rates of the day', async () => {
    const unknown = await stage.plan(
      update({ id: 'o4', values: { budget: 6 } }, { id: 'o1', values: { amount: 1001 } }),
    );
    expect(unknown.impact).toMatchObject({ amount: null, currency: null });
    // Neither is the currency of this one known.
    const bare = await stage.plan(update({ id: 'o2', values: { budget: 6 } }, { id: 'o1', values: { amount: 1001 } }));
    expect(bare.impact).toMatchObject({ amount: null, why: expect.stringContaining('missing') });
    // Of each record alone it is told all the same: its own entry in the audit has it.
    expect(bare.writes.map(({ worth }) => worth)).toEqual([null, 1]);
    const dollars = await stage.plan(update({ id: 'o1', values: { budget: 60 } }));
    expect(dollars.writes.map(({ worth }) => worth)).toEqual([8]);
    expect(dollars.impact).toMatchObject({
      amount: 8,
      currency: 'EUR',
      why: expect.stringContaining('the bank of 2026-11-21'),
    });
    const none = await stage.plan(update({ id: 'o1', values: { note: 'x' } }));
    expect(none.impact).toMatchObject({ amount: 0 });
    const native = await stage.plan({
      operation: 'update',
      object: 'crm.Case',
      records: [{ id: 'c1', values: { Fee__c: 6 } }],
    });
    expect(native.impact).toMatchObject({ amount: null });
    expect(native.writes[0]).toMatchObject({ model: null, values: { Fee__c: 6 }, before: { Fee__c: 5 } });
    // The same figure in another currency is other money; none is none.
    const moved = async (id: string, values: IntendedRecord['values'] & object) =>
      (await stage.plan({ operation: 'update', object: 'crm.Case', records: [{ id, values }] })).impact.amount;
    expect(await moved('c1', { CurrencyIsoCode: 'USD' })).toBeNull();
    expect(await moved('c2', { CurrencyIsoCode: 'USD' })).toBe(0);
    expect(await moved('c1', { Subject: 'USD' })).toBe(0);
  });

  test('a plain number that a model reads money from is money in native words, too', async () => {
    const worth = async (edits: Parameters<typeof manifest>[0]): Promise<number | null> => {
      const own = await openStage(
        manifest([
          ['gantry.yaml', 'fields: [Id, Name, Stage__c, Amount, AccountId]', 'fields: [Id, Name, Volume__c]'],
          ['gantry.yaml', 'fields: [Stage__c, AccountId] }', 'fields: [Volume__c] }'],
          ...(edits ?? []),
        ]),
      );
      try {
        const records = [{ id: 'o1', values: { Volume__c: 1_000_000 } }];
        return (await own.plan({ operation: 'update', object: 'crm.Opportunity', records })).impact.amount;
      } finally {
        await own.close();
      }
    };
    expect(await worth([])).toBe(0);
    expect(await worth([['integrations/crm.yaml', 'amount: Amount', 'amount: Volume__c']])).toBeNull();
  });
});

describe('other operations', () => {
  test('create fills in defaults and names what a new record needs', async () => {
    const create = (values: IntendedRecord['values'] & object): Promise<WritePlan> =>
      stage.plan({ operation: 'create', object: 'deal', records: [{ values }] });
    const plan = await create({ name: ' New one', close_date: '2027-01-01', amount: 20, account: 'a2' });
    expect(problemsOf(plan)).toEqual(['records[0].values.name write_field_unmapped']);
    const made = await create({ name: 'New one', close_date: '2027-01-01', amount: 20, account: 'a2' });
    expect(made.problems).toEqual([]);
    expect(made.writes[0]).toMatchObject({
      operation: 'create',
      recordId: null,
      before: null,
      values: { Name: 'New one', CloseDate: '2027-01-01', Amount: 20, AccountId: 'a2', Origin__c: 'Agent' },
    });
    expect(made.impact.amount).toBe(20);
    const lacking = await create({ amount: 20, name: 'A name of more than twenty characters' });
    expect(problemsOf(lacking)).toEqual([
      'records[0].values.name write_value_too_long',
      'records[0].values.close_date write_value_missing',
    ]);
    // Its grant has no lost deals, new ones neither; and the number is another deal's.
    const lost = await create({ name: 'Lost', close_date: '2027-01-01', stage: 'lost', reference: 'R-1' });
    expect(problemsOf(lost)).toEqual([
      'records[0] write_not_granted',
      'records[0].values.reference write_value_duplicate',
    ]);
  });

  test('upsert asks the source, updates what is there and keeps the key for what is not', async () => {
    const plan = await stage.plan({
      operation: 'upsert',
      object: 'deal',
      records: [
        { match: { reference: 'R-1' }, values: { amount: 7 } },
        { match: { reference: 'R-9' }, values: { name: 'Ninth', close_date: '2027-01-01' } },
      ],
    });
    expect(plan.problems).toEqual([]);
    expect(
      plan.writes.map(({ operation, recordId, match, values }) => ({ operation, recordId, match, values })),
    ).toEqual([
      { operation: 'update', recordId: 'o1', match: null, values: { Amount: 7 } },
      {
        operation: 'upsert',
        recordId: null,
        match: { field: 'Reference__c', value: 'R-9' },
        values: { Name: 'Ninth', CloseDate: '2027-01-01', Reference__c: 'R-9', Origin__c: 'Agent' },
      },
    ]);
  });

  test('refuses a text that would stand there as another one', async () => {
    const plan = await stage.plan({
      operation: 'upsert',
      object: 'deal',
      records: [
        { match: { reference: 'R-1' }, values: { note: '\0' } },
        { match: { reference: 'R-2' }, values: { name: 'a\0b' } },
        { match: { reference: 'R\0-3' }, values: { name: 'Third' } },
        { match: { reference: 'R-4' }, values: { name: 'half \ud800' } },
        { match: { reference: 'R-1' }, values: { name: 'whole \u{1f600}' } },
      ],
    });
    expect(problemsOf(plan)).toEqual(
      expect.arrayContaining([
        'records[0].values.note write_value_invalid',
        'records[1].values.name write_value_invalid',
        'records[2].match.reference write_value_invalid',
        'records[3].values.name write_value_invalid',
      ]),
    );
    expect(problemsOf(plan).some((problem) => problem.startsWith('records[4].values'))).toBe(false);
  });

  test('upsert makes no two records of one value that nobody has', async () => {
    const values = { name: 'Tenth', close_date: '2027-01-01' };
    const plan = await stage.plan({
      operation: 'upsert',
      object: 'deal',
      records: [
        { match: { note: 'Nobody has it' }, values },
        { match: { note: 'Nobody has it' }, values },
      ],
    });
    expect(problemsOf(plan)).toEqual(['records[1].match write_record_twice']);
  });

  test('delete keeps the whole record, and what it was worth', async () => {
    const plan = await stage.plan({ operation: 'delete', object: 'deal', records: [{ id: 'o2' }] });
    expect(plan.writes[0]).toMatchObject({
      operation: 'delete',
      recordId: 'o2',
      values: {},
      before: { Name: 'Upsell', Amount: 300 },
      reversibility: 'compensating',
    });
    expect(plan.impact).toMatchObject({ amount: 300, currency: 'EUR' });
  });

  test('an operation sets what it declares, and holds its conditions against the record', async () => {
    const plan = await stage.run({
      operation: 'deal.close_won',
      records: [{ id: 'o1', input: { closed_on: '2026-11-20' } }],
    });
    expect(plan.problems).toEqual([]);
    expect(plan).toMatchObject({
      title: 'Close as won: Deal in Salesforce (crm)',
      safety: 'safe_write',
      impact: { amount: 1000 },
      intent: { intent: 'deal.close_won' },
      question: { intent: 'deal.close_won' },
      preconditions: expect.arrayContaining(['The contract is signed.']),
    });
    expect(plan.writes[0]).toMatchObject({
      values: { Stage__c: 'Gewonnen', CloseDate: '2026-11-20' },
      reversibility: 'compensating',
    });
    // It is no open deal.
    const other = await stage.run({
      operation: 'deal.close_won',
      records: [{ id: 'o3', input: { closed_on: '2026-11-20' } }],
    });
    expect(problemsOf(other)).toEqual(['records[0] write_precondition_failed']);
    // Kept by a guard: an operation is done whole or not at all.
    const kept = await stage.run({
      operation: 'deal.close_won',
      records: [{ id: 'o2', input: { closed_on: '2026-11-20', note: 'x' } }],
    });
    expect(problemsOf(kept)).toEqual(['records[0].values.note write_field_guarded']);
    await expect(stage.run({ operation: 'deal.reopen', records: [{ id: 'o1' }] })).rejects.toMatchObject({
      code: 'operation_unknown',
    });
    await expect(stage.run({ operation: 'deal.close_won', records: [{ id: 'o1' }] })).rejects.toMatchObject({
      code: 'bad_request',
      details: { where: 'records[0].input.closed_on' },
    });
  });
});

describe('what may not be planned', () => {
  const records = [{ id: 'o1', values: { stage: 'won' } }];
  test.each([
    ['object nobody granted', { operation: 'update', object: 'account', records }, 'writer', 'write_not_granted'],
    ['object nobody sees', { operation: 'update', object: 'crm.User', records }, 'writer', 'query_object_unknown'],
    [
      'operation nobody granted',
      { operation: 'delete', object: 'deal', records: [{ id: 'o1' }] },
      'narrow',
      'write_not_granted',
    ],
    ['system that is none', { operation: 'update', object: 'deal', records, to: 'erp' }, 'writer', 'not_found'],
    ['no record', { operation: 'update', object: 'deal', records: [] }, 'writer', 'bad_request'],
  ] as const)('%s', async (_name, intent, agent, code) => {
    await expect(stage.plan(intent, agent)).rejects.toMatchObject({ code });
  });

  test('fields outside the grant, by name or in native terms', async () => {
    const narrow = await stage.plan(update({ id: 'o1', values: { amount: 2, stage: 'won' } }), 'narrow');
    expect(problemsOf(narrow)).toEqual(['records[0].values.amount write_field_not_granted']);
    const native = await stage.plan({
      operation: 'update',
      object: 'crm.Opportunity',
      records: [{ id: 'o1', values: { Amount: 2, Description: 'x', Stage__c: 'Alt', AccountId: 'a9' } }],
    });
    expect(problemsOf(native)).toEqual([
      'records[0].values.Amount write_field_not_granted',
      'records[0].values.Description write_field_unknown',
      'records[0].values.AccountId write_reference_unknown',
      'records[0].values.Stage__c write_value_not_allowed',
    ]);
  });

  test('what policy is asked names fields in every word that a rule may use', async () => {
    const native = await stage.plan({
      operation: 'update',
      object: 'crm.Opportunity',
      records: [{ id: 'o1', values: { Stage__c: 'Gewonnen' } }],
    });
    expect(native.question).toMatchObject({
      agent: 'writer',
      intent: null,
      safety: 'gated_write',
      accountable: 'lena@example.com',
    });
    expect(native.question.parts).toMatchObject([{ model: null, connection: 'crm', mode: 'gated', records: 1 }]);
    expect(native.question.parts[0]?.fields.toSorted()).toEqual(['deal.stage', 'native:Stage__c', 'stage']);
  });

  test('nor sent: rights are looked at once more right before it', async () => {
    const writes = [
      { key: 'k1', recordId: 'o1', values: { Stage__c: 'Gewonnen' } },
      { key: 'k2', recordId: 'o2', values: { Stage__c: 'Gewonnen' } },
      { key: 'k3', recordId: 'o1', values: { Amount: 1 } },
      { key: 'k4', recordId: null, values: { Stage__c: 'Offen' } },
    ];
    const question = { principal: null, object: 'Opportunity', operation: 'update' as const, undo: false, writes };
    const all = ['k1', 'k2', 'k3', 'k4'];
    const keys = async (...given: Parameters<Stage['unwritable']>): Promise<string[]> => [
      ...(await stage.unwritable(...given)).keys(),
    ];
    expect(await keys(question)).toEqual([]);
    expect(await keys(question, { stopped: true })).toEqual(all);
    const readOnly = manifest([['integrations/crm.yaml', 'mode: gated', 'mode: read_only']]);
    expect(await keys(question, { manifest: readOnly })).toEqual(all);
    const noDelete = manifest([
      ['integrations/crm.yaml', 'operations: [create, update, upsert, delete]', 'operations: [create, update, upsert]'],
      [
        'gantry.yaml',
        'deal: { operations: [create, update, upsert, delete]',
        'deal: { operations: [create, update, upsert]',
      ],
    ]);
    const gone = { ...question, operation: 'delete' as const };
    expect(await keys(gone, { manifest: noDelete })).toEqual(all);
    // What was made can be taken back, though nothing else may be deleted.
    expect(await keys({ ...gone, undo: true }, { manifest: noDelete })).toEqual([]);
    // The grant was narrowed since: to another verb, to other fields, to no such operation of the manifest.
    const narrowed = manifest([
      [
        'gantry.yaml',
        'deal: { operations: [create, update, upsert, delete], where',
        'deal: { operations: [update], fields: [note], where',
      ],
      ['gantry.yaml', 'operations: [deal.close_won]', 'operations: []'],
    ]);
    const change = (name: string) => [{ field: name, label: name, before: null, after: 'x' }];
    const fields = {
      ...question,
      writes: ['stage', 'note'].map((name) => ({ key: name, recordId: 'o1', values: {}, changes: change(name) })),
    };
    expect(await keys(fields, { manifest: narrowed })).toEqual(['stage']);
    expect(await keys({ ...fields, operation: 'create' }, { manifest: narrowed })).toEqual(['stage', 'note']);
    expect(await keys({ ...fields, intent: 'deal.close_won' }, { manifest: narrowed })).toEqual(['stage', 'note']);
    expect(await keys({ ...fields, intent: 'deal.close_won' })).toEqual([]);
    expect(await keys({ ...fields, operation: 'delete', undo: true }, { manifest: narrowed })).toEqual([]);
    // In the name of a user of whom nothing is known, and of one who sees record o1 without its amount.
    expect(await keys({ ...question, principal: 'ada' })).toEqual(all);
    expect(await keys({ ...question, principal: 'ada' }, { rights: rightsOfAda() })).toEqual(['k2', 'k3']);
  });

  test('records and fields that the user is not shown', async () => {
    const rights = rightsOfAda();
    const plan = await stage.plan(
      update(
        { id: 'o1', values: { stage: 'won', amount: 5 } },
        { id: 'o2', values: { stage: 'won' } },
        { match: { reference: 'R-2' }, values: { stage: 'won' } },
      ),
      'writer',
      rights,
    );
    expect(plan.principal).toBe('ada');
    expect(problemsOf(plan)).toEqual([
      'records[2].match.reference write_field_unknown',
      'records[1].id write_record_unknown',
      'records[0].values.amount write_field_unknown',
    ]);
  });
});
