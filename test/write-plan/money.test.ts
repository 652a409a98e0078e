import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import type { IntendedRecord, WriteIntent, WritePlan } from '../../src/write/index.ts';
import type { Draft } from '../../src/write/plan/draft.ts';
import { impactOf } from '../../src/write/plan/impact.ts';
import { manifest } from './project.ts';
import { openStage, type Stage } from './stage.ts';

const fee = `
model: fee
title: Fee
label: subject
fields:
  crm_id: { type: id, required: true }
  subject: string
  fee: { type: decimal, currency: EUR }
  code: string
`;

/** Money that the model does not call so, and a currency that may be written beside an amount that is always in euros. */
const edits: NonNullable<Parameters<typeof manifest>[0]> = [
  ['models/deal.yaml', '  budget:', '  worth: { type: decimal }\n  bonus: { type: decimal, currency: EUR }\n  budget:'],
  ['models/deal.yaml', '  amount: { type: decimal, currency: EUR }\n', '  amount: decimal\n'],
  ['models/deal.yaml', '    impact: amount\n', ''],
  ['models/deal.yaml', ', impact: { product: [{ change: amount }, 2] }', ''],
  ['models/fee.yaml', '', fee],
  ['integrations/crm.yaml', 'unmapped: {', 'unmapped: { bonus: { store_in: Description },'],
  ['integrations/crm.yaml', '      amount: Amount\n', '      worth: Amount\n      amount: Volume__c\n'],
  [
    'integrations/crm.yaml',
    '  Case:\n',
    '  Case:\n    model: fee\n    fields: { crm_id: Id, subject: Subject, fee: Fee__c, code: CurrencyIsoCode }\n',
  ],
  ['gantry.yaml', 'amount, budget, currency, close_date', 'amount, worth, bonus, budget, currency, close_date'],
  ['gantry.yaml', "        crm.Case: '*'\n", "        crm.Case: '*'\n        fee: '*'\n"],
  [
    'gantry.yaml',
    '        crm.Case: { operations: [update] }\n',
    '        crm.Case: { operations: [update] }\n        fee: { operations: [update] }\n',
  ],
];

describe('money that a model’s words say nothing of', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(manifest(edits));
  });
  afterAll(() => stage.close());

  const planned = async (
    object: string,
    operation: WriteIntent['operation'],
    record: IntendedRecord,
  ): Promise<WritePlan> => {
    const plan = await stage.plan({ operation, object, records: [record] });
    expect(plan.problems).toEqual([]);
    return plan;
  };
  const moved = async (...given: Parameters<typeof planned>): Promise<number | null> =>
    (await planned(...given)).impact.amount;

  test('is of unknown worth where it stands in a field that the system calls money', async () => {
    expect(await moved('deal', 'update', { id: 'o1', values: { worth: 1_000_000 } })).toBeNull();
    const made = { name: 'New', close_date: '2027-01-01' };
    expect(await moved('deal', 'create', { values: { ...made, worth: 5 } })).toBeNull();
    expect(await moved('deal', 'create', { values: { ...made, worth: 0 } })).toBe(0);
    expect(await moved('deal', 'delete', { id: 'o2' })).toBeNull();
    // A number that neither the system nor a model calls money is none; nor is a deal that has no amount.
    expect(await moved('deal', 'update', { id: 'o1', values: { amount: 7 } })).toBe(0);
    expect(await moved('deal', 'update', { id: 'o1', values: { note: 'x' } })).toBe(0);
  });

  test('is of unknown worth where it is in another currency than the model says', async () => {
    expect(await moved('fee', 'update', { id: 'c1', values: { code: 'USD' } })).toBeNull();
    expect(await moved('fee', 'update', { id: 'c1', values: { code: 'USD', fee: 6 } })).toBeNull();
    expect(await moved('fee', 'update', { id: 'c1', values: { fee: 6 } })).toBe(1);
    // Nothing in dollars is nothing.
    expect(await moved('fee', 'update', { id: 'c2', values: { code: 'USD' } })).toBe(0);
  });

  test('is told of by the field that is written where several show the same', async () => {
    const both = await openStage(
      manifest([
        ...edits,
        ['models/fee.yaml', '  fee:', '  exact: { type: decimal, currency_field: code }\n  fee:'],
        ['integrations/crm.yaml', 'fee: Fee__c', 'exact: Fee__c, fee: Fee__c'],
      ]),
    );
    try {
      const worth = async (values: IntendedRecord['values'] & object): Promise<number | null> =>
        (await both.plan({ operation: 'update', object: 'fee', records: [{ id: 'c1', values }] })).impact.amount;
      // 5 euros go, and 5 dollars come.
      expect(await worth({ code: 'USD' })).toBe(9);
      expect(await worth({ code: 'USD', exact: 10 })).toBe(13);
      expect(await worth({ code: 'USD', fee: 1_000_000 })).toBeNull();
    } finally {
      await both.close();
    }
  });

  test('is counted however it is spelled, and is unknown where nothing tells what stood there', async () => {
    const values = { name: 'New', close_date: '2027-01-01', bonus: '20' };
    const plan = await planned('deal', 'create', { values });
    const changes = plan.writes[0]?.changes.filter(({ field }) => field === 'bonus');
    expect(changes).toMatchObject([{ before: null, after: 20 }]);
    expect(plan.impact).toMatchObject({ amount: 20, currency: 'EUR' });
    expect(await moved('deal', 'update', { id: 'o1', values: { bonus: 20 } })).toBeNull();
  });
});

describe('an amount of which it is not known what stood there', () => {
  const { models, policies } = manifest();
  const worthOf = (budget: Json, more: Partial<Record<'recordId' | 'makes', unknown>> & { was?: Json } = {}) => {
    const { was, ...others } = more;
    const draft = {
      // The customer has no field that the budget is read from.
      target: {
        model: models.get('deal'),
        writer: { fields: new Map(), reads: new Map(was === undefined ? [] : [['budget', ['Budget__c']]]) },
        stream: { object: { fields: [] } },
      },
      operation: 'update',
      recordId: 'o1',
      stored: {},
      values: {},
      before: new Map<string, Json>([
        ['budget', was ?? null],
        ['currency', 'EUR'],
      ]),
      hidden: new Set(),
      makes: [],
      changes: [{ field: 'budget', label: 'Budget', before: null, after: budget }],
      ...others,
    };
    const about = { expression: null, rates: policies.rates, day: '2026-11-21', moneyIn: () => new Set<string>() };
    return impactOf([draft as unknown as Draft], about).impact.amount;
  };

  test('is unknown, as is one that is no number', () => {
    expect(worthOf(60)).toBeNull();
    expect(worthOf(0)).toBeNull();
    expect(worthOf(60, { recordId: null })).toBe(60);
    // A field that is made for it was not there.
    expect(worthOf(60, { makes: [{ wish: { name: 'budget' } }] })).toBe(60);
    expect(worthOf(60, { was: 50 })).toBe(10);
    expect(worthOf('sixty', { was: 50 })).toBeNull();
    expect(worthOf(null, { was: 50 })).toBe(50);
  });
});
