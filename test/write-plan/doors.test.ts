import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { createToolDoor, type ToolDoor, type ToolOutcome } from '../../src/mcp/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { manifest } from './project.ts';
import { rows } from './source.ts';
import { openStage, type Stage } from './stage.ts';

const many = Array.from({ length: 2_500 }, (_, index) => ({
  Id: `b${String(index)}`,
  Name: `Deal ${String(index)}`,
  Stage__c: 'Offen',
  Amount: index,
  CloseDate: '2026-12-01',
  OwnerId: 'u1',
}));

let stage: Stage;
let door: ToolDoor;
beforeAll(async () => {
  const autonomous = manifest([['integrations/crm.yaml', 'mode: gated', 'mode: autonomous']]);
  stage = await openStage(autonomous, { ...rows, Opportunity: [...(rows['Opportunity'] ?? []), ...many] });
  door = createToolDoor({
    services: { query: stage.query, connections: async () => [], writes: stage.tools },
    clock: systemClock,
    random: systemRandom,
  });
}, 300_000);
afterAll(() => stage.close());

async function call(
  tool: string,
  args: Json,
  more: { readonly agent?: string; readonly key?: string } = {},
): Promise<JsonObject> {
  const { agent = 'writer', key } = more;
  const details = key === undefined ? {} : { idempotencyKey: key };
  return bodyOf(await door.call(stage.context(agent), tool, args, details));
}

function bodyOf(outcome: ToolOutcome): JsonObject {
  return outcome.kind === 'answer' ? outcome.answer : { ...outcome.error };
}

const small = (note: string): JsonObject => ({
  operation: 'deal.close_won',
  records: [{ id: 'o1', input: { closed_on: '2026-11-20', note } }],
});

describe('the tools', () => {
  test('are there for whose grant has them', () => {
    const names = (agent: string): string[] => door.list(stage.context(agent)).map(({ name }) => name);
    expect(names('narrow')).toEqual(['prepare_write']);
    expect(names('writer')).toEqual([
      'describe',
      'query_records',
      'prepare_write',
      'commit_write',
      'run_operation',
      'get_status',
      'undo',
    ]);
    const commit = door.all.find(({ name }) => name === 'commit_write');
    expect(commit?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
  });

  test('are explained where objects are described', async () => {
    const { objects } = (await call('describe', { names: ['deal'] })) as unknown as { objects: JsonObject[] };
    expect(objects[0]).toMatchObject({
      writes: { operations: ['create', 'update', 'upsert', 'delete'] },
      operations: [
        {
          name: 'deal.close_won',
          on: 'update',
          why: 'When the customer signed.',
          input: { closed_on: { type: 'date', required: true, why: 'When it was signed.' }, note: { type: 'string' } },
          safety: 'safe_write',
        },
      ],
    });
    const { objects: bare } = bodyOf(
      await door.call(stage.context('writer'), 'describe', { names: ['account'] }),
    ) as unknown as {
      objects: JsonObject[];
    };
    expect(bare[0]).not.toHaveProperty('writes');
  });

  test('prepare, tell, and keep the plan for its own agent', async () => {
    const plan = await call('prepare_write', {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'crm/Opportunity/o1', values: { amount: 1600 } }],
      reason: 'agreed on the phone',
    });
    expect(plan).toMatchObject({
      status: 'prepared',
      title: 'Update Deal in Salesforce (crm)',
      records: 1,
      changes: [{ ref: 'crm/Opportunity/o1', label: 'Renewal', fields: { amount: { from: 1000, to: 1600 } } }],
      impact: { amount: 600, currency: 'EUR' },
      decision: { kind: 'approve' },
      undo: 'exact',
      calls: { crm: 1 },
      dedupe: ['conditional'],
    });
    const id = plan['plan_id'];
    expect(await call('get_status', { plan_id: id ?? null })).toMatchObject({
      status: 'prepared',
      counts: { planned: 1 },
    });
    expect(await call('get_status', { plan_id: `plan_${'x'.repeat(22)}` })).toMatchObject({
      code: 'write_plan_unknown',
    });
    const stranger = await stage.tools
      .status(stage.context('narrow'), { plan: String(id) })
      .catch((error: unknown) => error);
    expect(stranger).toMatchObject({ code: 'write_plan_unknown' });
    // Nobody can be asked here.
    expect(await call('commit_write', { plan_id: id ?? null })).toMatchObject({ code: 'approval_unavailable' });
  });

  test('refuse what has problems, and say which', async () => {
    const plan = await call('prepare_write', {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'o1', values: { stage: 'wonn' } }],
    });
    expect(plan).toMatchObject({
      status: 'has_problems',
      problems: [
        { at: 'records[0].values.stage', code: 'write_value_not_allowed', fix: expect.stringContaining('won') },
      ],
    });
    // Of nothing nobody decides, and "allow" would read as if it could be sent.
    expect(plan).not.toHaveProperty('decision');
    expect(plan).not.toHaveProperty('undo');
    const refused = await call('commit_write', { plan_id: plan['plan_id'] ?? null });
    expect(refused).toMatchObject({ code: 'write_plan_has_problems', where: 'records[0].values.stage' });
    expect(await call('prepare_write', { operation: 'update', object: 'deal', records: [{ id: 1 }] })).toMatchObject({
      code: 'bad_request',
      where: 'records[0].id',
    });
    expect(await call('prepare_write', { operation: 'update', object: 'deal', records: [{ ref: 'x' }] })).toMatchObject(
      {
        code: 'bad_request',
        where: 'records[0].ref',
      },
    );
  });

  test('accept once, whatever is repeated, and take back what was not sent', async () => {
    const plan = await call('run_operation', {
      operation: 'deal.close_won',
      records: [{ id: 'b7', input: { closed_on: '2026-11-20' } }],
    });
    // The agent is not shown the account: whether the condition holds is for people, and not told.
    expect(plan).toMatchObject({ decision: { kind: 'approve' } });
    expect(plan).not.toHaveProperty('problems');
    expect(JSON.stringify(plan['decision'])).toContain('precondition');
    const cheap = await call(
      'run_operation',
      { ...small('signed'), records: [{ id: 'o1', input: { closed_on: '2026-11-20' } }] },
      { key: 'k-1' },
    );
    const again = await call(
      'run_operation',
      { ...small('signed'), records: [{ id: 'o1', input: { closed_on: '2026-11-20' } }] },
      { key: 'k-1' },
    );
    expect(again['plan_id']).toBe(cheap['plan_id']);
    expect(await call('run_operation', small('other'), { key: 'k-1' })).toMatchObject({ code: 'write_key_reused' });
    const note = await call('prepare_write', {
      operation: 'update',
      object: 'deal',
      records: [{ id: 'o1', values: { note: 'Called.' } }],
    });
    const id = note['plan_id'] ?? null;
    // A plain write waits for people, unless a rule lets it through: small changes do.
    expect(note).toMatchObject({ decision: { kind: 'allow' } });
    const [one, two] = await Promise.all([
      call('commit_write', { plan_id: id }),
      call('commit_write', { plan_id: id }),
    ]);
    expect([one['status'], two['status']]).toEqual(['queued', 'queued']);
    expect(one['counts']).toEqual({ queued: 1 });
    // Until the source confirms it, who wrote it sees it, marked.
    const asked = {
      object: 'deal',
      filter: { field: 'crm_id', op: 'eq', value: 'o1' },
      fields: ['name', 'note', 'stage'],
    };
    expect(await call('query_records', asked)).toMatchObject({
      rows: [['Renewal', 'Called.', 'open', 'crm/Opportunity/o1']],
      pending: [{ ref: 'crm/Opportunity/o1', fields: ['note'], plans: [id] }],
    });
    expect(await call('undo', { plan_id: id, reason: 'not yet' })).toMatchObject({
      status: 'stopped',
      counts: { cancelled: 1 },
    });
    expect(await call('query_records', asked)).not.toHaveProperty('pending');
    expect(await call('commit_write', { plan_id: id })).toMatchObject({ status: 'stopped', counts: { cancelled: 1 } });
  });

  test('plan thousands of records with as many questions as one, and show the rest behind a link', async () => {
    const records = many.map(({ Id, Amount }) => ({
      id: `crm/Opportunity/${Id}`,
      values: { amount: Amount + 1, owner_mail: 'brita@example.com' },
    }));
    stage.statements.count = 0;
    const one = await call('prepare_write', { operation: 'update', object: 'deal', records: records.slice(0, 1) });
    const asked = stage.statements.count;
    stage.statements.count = 0;
    const plan = await call('prepare_write', { operation: 'update', object: 'deal', records });
    expect(stage.statements.count).toBe(asked);
    expect(one['problems']).toBeUndefined();
    expect(plan).toMatchObject({ status: 'prepared', records: 2_500, impact: { amount: 2_500 }, calls: { crm: 13 } });
    expect(plan['changes']).toHaveLength(5);
    expect(JSON.stringify(plan).length).toBeLessThan(4_000);
    const page = await door.readLink(stage.context('writer'), String(plan['more']));
    const { changes, next } = JSON.parse(String(bodyOf(page)['text'])) as { changes: JsonObject[]; next: string };
    expect(changes).toHaveLength(200);
    expect(changes[0]).toMatchObject({
      item: 5,
      ref: 'crm/Opportunity/b5',
      fields: { owner_mail: { to: 'brita@example.com' } },
    });
    expect(next).toBe(`gantry://plans/${String(plan['plan_id'])}?from=205`);
    // The agent of another grant has no such plan.
    expect(bodyOf(await door.readLink(stage.context('narrow'), next))).toMatchObject({ code: 'write_plan_unknown' });
  }, 300_000);
});
