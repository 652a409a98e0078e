import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PrincipalRights } from '../../src/access/index.ts';
import type { Db } from '../../src/store/index.ts';
import { shownPlan } from '../../src/app/approvals/plan-approvals.ts';
import type { WriteIntent, WritePlan } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { manifest } from './project.ts';
import { rows, type Rows } from './source.ts';
import { openStage, type Stage } from './stage.ts';

const withAmount = (amount: number | null): Rows => ({
  ...rows,
  Opportunity: (rows['Opportunity'] ?? []).map((row) =>
    row.Id === 'o1' ? { ...row, Amount: amount, Secret__c: String(amount), RecordTypeId: 'rt2' } : row,
  ),
});

const project = manifest([
  [
    'models/deal.yaml',
    '  reopen:',
    '  drop: { on: delete, impact: amount, safety: safe_write }\n  touch: { on: update, sets: { stage: lost }, impact: amount }\n  reopen:',
  ],
  ['gantry.yaml', 'operations: [deal.close_won]', 'operations: [deal.close_won, deal.drop, deal.touch]'],
]);

/** What differs by nature: ids and times. */
const comparable = ({ id: _id, payloadHash: _hash, writes, createdAt: _at, expiresAt: _end, ...plan }: WritePlan) => ({
  ...plan,
  writes: writes.map(({ key: _key, before: _before, ...write }) => write),
});

describe('a plan tells its caller nothing of what the source hides from the user', () => {
  const amounts = [48_000, null];
  const stages: Stage[] = [];
  const open = openerOf('pglite');
  let db: Db;
  beforeAll(async () => {
    db = await open();
    for (const amount of amounts) stages.push(await openStage(project, withAmount(amount), db));
    // Opening PGlite is work of the processor alone: on a full machine it takes minutes.
  }, 240_000);
  afterAll(async () => {
    for (const stage of stages) await stage.close();
  });

  /** Sees deal o1 and its account, without amounts, secrets and kinds. */
  const rightsOf = (stage: Stage, fields: readonly string[] = []): PrincipalRights => ({
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
            object === 'Opportunity' ? new Set(['Id', 'Name', 'Stage__c', 'CloseDate', 'AccountId', ...fields]) : 'all',
          asOf: new Date('2026-11-21T12:00:00Z'),
        },
      ]),
    ),
  });
  const asked = (intent: WriteIntent): Promise<readonly WritePlan[]> =>
    Promise.all(stages.map((stage) => stage.plan(intent, 'writer', rightsOf(stage))));
  const allAlike = (plans: readonly WritePlan[]): void => {
    const [first, ...rest] = plans.map(comparable);
    for (const each of rest) expect(each).toEqual(first);
  };

  test.each([
    ['a deletion', { operation: 'delete', object: 'deal', records: [{ id: 'o1' }] }],
    ['a change', { operation: 'update', object: 'deal', records: [{ id: 'o1', values: { stage: 'won' } }] }],
    [
      'a change of a native record',
      { operation: 'update', object: 'crm.Opportunity', records: [{ id: 'o1', values: { Stage__c: 'Gewonnen' } }] },
    ],
  ] as const)('by what %s is worth, who has to agree, and what is allowed', async (_name, intent) => {
    const plans = await asked(intent);
    allAlike(plans);
    expect(plans[0]).toMatchObject({ problems: [], impact: { amount: intent.operation === 'delete' ? null : 0 } });
  });

  test('by an operation whose worth is a hidden field', async () => {
    for (const operation of ['deal.drop', 'deal.touch']) {
      const plans = await Promise.all(
        stages.map((stage) => stage.run({ operation, records: [{ id: 'o1' }] }, rightsOf(stage))),
      );
      allAlike(plans);
      expect(plans[0]).toMatchObject({ problems: [], impact: { amount: null }, decision: { kind: 'approve' } });
    }
    // To whom it is shown, it is worth what it is worth.
    const shown = await Promise.all(
      stages.map((stage) =>
        stage.run({ operation: 'deal.drop', records: [{ id: 'o1' }] }, rightsOf(stage, ['Amount'])),
      ),
    );
    expect(shown.map(({ impact }) => impact.amount)).toEqual(amounts);
  });

  test('by whether a record that it is not shown has a value, where the source would not refuse that', async () => {
    const others: Rows = {
      ...rows,
      Opportunity: (rows['Opportunity'] ?? []).map((row) => (row.Id === 'o2' ? { ...row, Name: 'Something' } : row)),
    };
    const other = await openStage(project, others, db);
    const upsert = (match: { readonly [field: string]: string }): WriteIntent => ({
      operation: 'upsert',
      object: 'deal',
      records: [{ match, values: { name: 'Upsell', stage: 'open', close_date: '2026-12-24' } }],
    });
    const [stage] = stages;
    if (stage === undefined) throw new Error('there is a stage');
    try {
      const plans = [stage, other].map((each) => each.plan(upsert({ name: 'Upsell' }), 'writer', rightsOf(each)));
      allAlike(await Promise.all(plans));
      expect((await plans[0])?.writes).toMatchObject([{ operation: 'create' }]);
      // A record that it is shown is found; one under a value that the source keeps unique stands in the way there, too.
      const shown = await stage.plan(upsert({ name: 'Trial' }), 'writer', rightsOf(stage));
      expect(shown.writes).toMatchObject([{ operation: 'update', recordId: 'o4' }]);
      const unique = await stage.plan(upsert({ reference: 'R-2' }), 'writer', rightsOf(stage, ['Reference__c']));
      expect(unique.problems).toMatchObject([{ code: 'write_record_unknown' }]);
    } finally {
      await other.close();
    }
  });

  test('by two that it is not shown, behind which the source looks for no third', async () => {
    const [last] = (rows['Opportunity'] ?? []).filter(({ Id }) => Id === 'o4');
    const hidden = ['oh1', 'oh2'].map((Id) => ({ ...last, Id }));
    const stage = await openStage(project, { ...rows, Opportunity: [...hidden, ...(rows['Opportunity'] ?? [])] }, db);
    const upsert = (name: string): WriteIntent => ({
      operation: 'upsert',
      object: 'deal',
      records: [{ match: { name }, values: { name, stage: 'won' } }],
    });
    try {
      const plan = await stage.plan(upsert('Trial'), 'writer', rightsOf(stage));
      expect(plan.writes).toMatchObject([{ operation: 'update', recordId: 'o4' }]);
      // Who is shown all three is told so.
      const all = await stage.plan(upsert('Trial'));
      expect(all.problems).toMatchObject([{ code: 'write_record_ambiguous' }]);
    } finally {
      await stage.close();
    }
  });

  test('later, when they are not shown any more what they were shown when it was made', async () => {
    const [stage] = stages;
    if (stage === undefined) throw new Error('there is a stage');
    const intent: WriteIntent = {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'o1', values: { stage: 'won', amount: 7 } }],
    };
    const keyed = { key: 'told-once', body: { intent: 'the same' } };
    const ask = async (rights: PrincipalRights) => {
      const context = stage.context('writer', rights);
      const again = (await stage.tools.prepare(context, intent, keyed)) as { readonly plan_id: string };
      const page = await stage.tools.page(context, { plan: again.plan_id, from: 0 });
      return JSON.stringify([again, page]);
    };
    const told = await ask(rightsOf(stage, ['Amount']));
    for (const value of ['48000', 'Renewal', '47993', '47,993']) expect(told).toContain(value);
    const masked = await ask(rightsOf(stage));
    expect(masked).toContain('"stage":{"from":"open","to":"won"}');
    for (const value of ['48000', 'Renewal', '47993', '47,993']) expect(masked).not.toContain(value);
    const rights = rightsOf(stage);
    const none = [...rights.streams].map(([stream, each]) => [stream, { ...each, classes: [] }] as const);
    const blind = await ask({ ...rights, version: '2', streams: new Map(none) });
    expect(blind).not.toContain('"fields"');
  });

  test('or is written with their own sign-in alone, where the project wants it so', async () => {
    const usual = stages[0];
    if (usual === undefined) throw new Error('there is a stage');
    const strict = await openStage(
      manifest([
        ['integrations/crm.yaml', "write: [Opportunity, 'Case*']", "write: [Opportunity, 'Case*'], write_as: user"],
      ]),
      rows,
      db,
    );
    const change: WriteIntent = {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'o1', values: { stage: 'won' } }],
    };
    try {
      const refused = { code: 'write_system_unavailable', details: { fix: expect.stringContaining('sign in') } };
      await expect(strict.plan(change, 'writer', rightsOf(strict))).rejects.toMatchObject(refused);
      const brita = { ...rightsOf(strict), principal: 'brita' };
      for (const rights of [undefined, brita])
        expect((await strict.plan(change, 'writer', rights)).problems).toEqual([]);
      const signIns = (stage: Stage) => Promise.all(['ada', 'brita', null].map((name) => stage.signInOf(name)));
      expect(await signIns(strict)).toEqual(['none', 'brita', null]);
      expect(await signIns(usual)).toEqual([null, 'brita', null]);
    } finally {
      await strict.close();
    }
  });

  test('by the names of what is missing, and of rules that are about it', async () => {
    const [stage] = stages;
    if (stage === undefined) throw new Error('there is a stage');
    const { streams, ...rights } = rightsOf(stage);
    const blind: PrincipalRights = {
      ...rights,
      streams: new Map(
        [...streams].map(([stream, right]) => [
          stream,
          right.kind === 'known' && right.fields !== 'all'
            ? { ...right, fields: new Set(['Id', 'Name', 'Stage__c', 'AccountId']) }
            : right,
        ]),
      ),
    };
    for (const [object, values] of [
      ['deal', { name: 'New', stage: 'open' }],
      ['deal', { name: 'New', region: 'west' }],
    ] as const) {
      const plan = await stage.plan({ operation: 'create', object, records: [{ values }] }, 'writer', blind);
      expect(plan.problems.map(({ code }) => code)).toContain('write_value_missing');
      expect(JSON.stringify(plan)).not.toMatch(/close_?date|Description|Secret/i);
    }
    const change: WriteIntent = {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'o1', values: { stage: 'won' } }],
    };
    expect((await stage.plan(change, 'writer', blind)).preconditions).toEqual([
      expect.stringContaining('Won needs a date'),
    ]);
    const make: WriteIntent = {
      operation: 'create',
      object: 'deal',
      records: [{ values: { name: 'New', stage: 'open', close_date: '2026-12-24' } }],
    };
    expect((await stage.plan(make, 'writer', rightsOf(stage))).sideEffects).toContain(
      'crm runs an automation after it',
    );
  });

  test('by whether an operation’s condition over hidden fields holds: people decide, whatever it says', async () => {
    const closing = { operation: 'deal.close_won', records: [{ id: 'o1', input: { closed_on: '2026-11-20' } }] };
    // Whether the account is a customer is not the agent's to know.
    const prospects: Rows = {
      ...rows,
      Account: (rows['Account'] ?? []).map((row) => ({ ...row, Status__c: 'Interessent' })),
    };
    const prospect = await openStage(project, prospects, db);
    const stage = await openStage(project);
    try {
      const plans = await Promise.all([stage, prospect].map((each) => each.run(closing)));
      const [holds, fails] = plans.map((plan) => comparable({ ...plan, unseen: [] }));
      expect(fails).toEqual(holds);
      const because = expect.arrayContaining([expect.objectContaining({ rule: 'precondition' })]);
      expect(plans[0]).toMatchObject({ problems: [], decision: { kind: 'approve', because } });
      // Those who decide are told.
      expect(plans.map(({ unseen }) => unseen?.map((each) => each.fails))).toEqual([[0], [1]]);
      expect(plans.map((plan) => shownPlan(plan).preconditions.at(-1)?.slice(0, 6))).toEqual(['So of ', 'NOT SO']);
      // What it is shown itself, it is told: o3 is no open deal, whatever its account is.
      const told = await stage.run({ ...closing, records: [{ id: 'o3', input: { closed_on: '2026-11-20' } }] });
      expect(told.problems).toMatchObject([{ code: 'write_precondition_failed' }]);
    } finally {
      await stage.close();
      await prospect.close();
    }
  });
});
