import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { approverOf, type Approver } from '../../examples/renewals/demo/approvers.ts';
import { askRest, type AskRest } from '../../examples/renewals/demo/ask-rest.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { fieldProject } from './project.ts';

let stage: Stage;
let acme: Agent;
let admin: AskRest;
let jonas: AskRest;
let approver: Approver;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-fields-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  stage = await openStage({
    scale: 2_000,
    seed: 7,
    dataDir,
    databaseUrl: null,
    port: 0,
    logLevel: 'silent',
  });
  cleanUp.push(() => stage.close());
  await stage.gantry.revisions.apply({ files: await fieldProject(), author: 'test', message: 'fields' });
  for (const system of ['crm', 'support']) await stage.acme.connect(system);
  await stage.acme.operator.loaded(['crm', 'support']);
  admin = askRest(stage.url, stage.operatorKey);
  const { key } = await admin<{ key: string }>('POST', '/v1/operators', { name: 'jonas', role: 'approver' });
  jonas = askRest(stage.url, key);
  approver = approverOf('jonas', stage.acme.tenant, jonas);
  acme = await connectAgent(stage.url, await stage.acme.keyFor('doer'));
  cleanUp.push(() => acme.close());
}, 300_000);
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

const call = async (agent: Agent, name: string, args: JsonObject): Promise<JsonObject> =>
  (await agent.call(name, args)).content as JsonObject;

const prepare = (agent: Agent, object: string, id: string, values: JsonObject): Promise<JsonObject> =>
  call(agent, 'prepare_write', { operation: 'update', object, records: [{ id, values }] });

async function refsIn(agent: Agent, object: string, limit: number, filter?: Json): Promise<string[]> {
  const answer = await call(agent, 'query_records', { object, limit, ...(filter === undefined ? {} : { filter }) });
  return (answer['rows'] as Json[][]).map((row) => String(row.at(-1)));
}

const open = { field: 'status', op: 'in', value: ['new', 'open', 'pending'] };

/** Says yes to everything that waits for the plan. */
async function approve(plan: string): Promise<void> {
  const waiting = await approver.waiting(plan);
  expect(waiting.length).toBeGreaterThan(0);
  for (const { id } of waiting) expect(await approver.approve(id)).toBe('approved');
}

async function ended(agent: Agent, plan: string): Promise<JsonObject> {
  for (;;) {
    const status = await call(agent, 'get_status', { plan_id: plan });
    if (status['ended_at'] !== null) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function succeeds(agent: Agent, plan: string, writes: number): Promise<void> {
  const status = await ended(agent, plan);
  expect(status, JSON.stringify(status)).toMatchObject({ status: 'done', counts: { succeeded: writes } });
}

/** Fields that callers made in a system, as its own ledger has it. */
async function made(system: string): Promise<readonly string[]> {
  const { entries } = await ledger(system);
  return entries
    .flatMap(({ effects }) => effects)
    .filter(({ op }) => op === 'schema')
    .map(({ id }) => String(id));
}

const ledger = (system: string) => {
  const sandbox = stage.acme.systems.get(system);
  if (sandbox === undefined) throw new Error(`no ${system}`);
  return sandbox.control<{ entries: { effects: JsonObject[] }[] }>('GET', 'ledger?limit=100000');
};

/** What an agent reads of a deal, as soon as the replica has it. */
async function reads(ref: string, field: string, value: Json): Promise<void> {
  const filter = { field: 'crm_id', op: 'eq', value: ref.split('/').at(-1) ?? '' };
  const read = async (): Promise<Json | undefined> => {
    const answer = await call(acme, 'query_records', { object: 'deal', fields: [field], filter });
    return (answer['rows'] as Json[][] | undefined)?.[0]?.[0];
  };
  await expect.poll(read, { timeout: 120_000, interval: 500 }).toEqual(value);
}

describe('unmapped: create_field', () => {
  test('is planned as a change of the customer’s system, and nothing is made before people agree', async () => {
    const [deal = '', other = ''] = await refsIn(acme, 'deal', 2, { field: 'stage', op: 'eq', value: 'proposal' });
    const plan = await prepare(acme, 'deal', deal, { churn_risk: 'high' });
    expect(plan).toMatchObject({
      status: 'prepared',
      steps: ['Make the field "Churn risk" of Opportunity in crm', expect.stringContaining('Update Deal')],
      changes: [
        {
          operation: 'create_field',
          in: 'crm/Opportunity',
          label: 'Churn risk',
          fields: { churn_risk: { to: 'Churn risk: Picklist' } },
        },
        { operation: 'update', ref: deal, fields: { churn_risk: { to: 'high' } } },
      ],
      side_effects: expect.arrayContaining([expect.stringContaining('gets a new field "Churn risk" (Picklist)')]),
      // The integration is autonomous, and a rule lets small changes through.
      decision: {
        kind: 'approve',
        because: expect.arrayContaining([expect.stringContaining('create_field: A field is made in crm')]),
      },
      undo: 'none',
      dedupe: expect.arrayContaining(['chosen_id']),
    });
    const id = String(plan['plan_id']);
    expect(await call(acme, 'commit_write', { plan_id: id })).toMatchObject({ status: 'awaiting_approval' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await made('crm')).toEqual([]);

    await approve(id);
    await succeeds(acme, id, 2);
    expect(await made('crm')).toEqual(['Churn_Risk__c']);
    await reads(deal, 'churn_risk', 'high');

    // From now on it is a field like any other.
    const next = await prepare(acme, 'deal', other, { churn_risk: 'low' });
    expect(next).toMatchObject({ decision: { kind: 'allow' }, changes: [{ operation: 'update' }] });
    await call(acme, 'commit_write', { plan_id: String(next['plan_id']) });
    await succeeds(acme, String(next['plan_id']), 1);

    // The value goes back, the field stays, and that is said.
    const undo = await call(acme, 'undo', { plan_id: id });
    expect(JSON.stringify(undo)).toContain('The field that was made stays');
    expect(undo).toMatchObject({
      changes: [{ operation: 'update', ref: deal, fields: { Churn_Risk__c: { to: null } } }],
    });

    const told = await admin<object>('GET', `/v1/audit?tenant=acme&limit=200`);
    expect(JSON.stringify(told)).toContain('create_field');
  }, 300_000);

  test('is not made where people say no, nor by a plan in steps', async () => {
    const [ticket = ''] = await refsIn(acme, 'ticket', 1, open);
    const record = { id: ticket, values: { churn_note: 'x' } };
    const step = { operation: 'update', object: 'ticket', records: [record] };
    expect(await call(acme, 'run_operation', { operation: 'in_steps', records: [step, step] })).toMatchObject({
      status: 'has_problems',
      problems: [{ code: 'write_field_unmapped', at: 'records[0].records[0].values.churn_note' }, {}],
    });
    const id = String((await prepare(acme, 'ticket', ticket, record.values))['plan_id']);
    await call(acme, 'commit_write', { plan_id: id });
    const [waiting] = await approver.waiting(id);
    const path = `/v1/approvals/${String(waiting?.id ?? 0)}`;
    const { seen } = await jonas<{ seen: string }>('GET', `${path}?tenant=acme`);
    await jonas('POST', `${path}/decision`, { tenant: 'acme', verdict: 'deny', seen, reason: 'not yet' });
    expect(await ended(acme, id)).toMatchObject({ status: 'rejected' });
    expect(await made('support')).toEqual([]);
  });

  test('is made once where its answer is lost, by two plans at one moment as well', async () => {
    const [one = '', two = ''] = await refsIn(acme, 'ticket', 2, open);
    await stage.support.control('POST', 'faults', [
      { match: { method: 'POST', path: '/ticket_fields/' }, action: { reset: true, applied: true } },
    ]);
    const plans = await Promise.all(
      [one, two].map((ticket) => prepare(acme, 'ticket', ticket, { churn_note: `Angerufen: ${ticket}` })),
    );
    const ids = plans.map((plan) => String(plan['plan_id']));
    for (const id of ids) {
      await call(acme, 'commit_write', { plan_id: id });
      await approve(id);
    }
    for (const id of ids) await succeeds(acme, id, 2);
    const again = await prepare(acme, 'ticket', one, { churn_note: 'Noch einmal' });
    // It is not mapped there: the next value finds the field all the same.
    expect(again).toMatchObject({
      decision: { kind: 'allow' },
      changes: [{ operation: 'update' }],
      warnings: expect.arrayContaining([expect.stringContaining('Churn note (custom_')]),
    });
    const { entries } = await ledger('support');
    const schema = entries.flatMap(({ effects }) => effects).filter(({ op }) => op === 'schema');
    expect(schema.filter(({ fields }) => JSON.stringify(fields).includes('Churn note'))).toHaveLength(1);
    const written = entries
      .flatMap(({ effects }) => effects)
      .filter((effect) => JSON.stringify(effect).includes('Angerufen'));
    expect(new Set(written.map(({ id }) => String(id)))).toEqual(new Set([one, two].map((ref) => ref.split('/')[2])));
  }, 240_000);
});
