import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import type { Customer } from '../../examples/renewals/stage/customer.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { writingProject } from './project.ts';

let stage: Stage;
let acme: Agent;
let globex: Agent;
let narrow: Agent;
const cleanUp: (() => Promise<unknown>)[] = [];

/** Salesforce and Zendesk at one customer, Odoo and Google Calendar at the other. */
beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-intents-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  stage = await openStage({
    scale: 2_000,
    seed: 7,
    dataDir,
    databaseUrl: null,
    port: 0,
    logLevel: 'silent',
    whole: true,
  });
  cleanUp.push(() => stage.close());
  const files = await writingProject();
  await stage.gantry.revisions.apply({ files, author: 'test', message: 'intents' });
  const other = stage.globex;
  if (other === null) throw new Error('the stage is whole');
  for (const [customer, systems] of [
    [stage.acme, ['crm', 'support']],
    [other, ['erp', 'calendar']],
  ] as const) {
    for (const system of systems) await customer.connect(system);
    await customer.operator.loaded(systems);
  }
  const as = async (customer: Customer, agent: string): Promise<Agent> => {
    const connected = await connectAgent(stage.url, await customer.keyFor(agent));
    cleanUp.push(() => connected.close());
    return connected;
  };
  acme = await as(stage.acme, 'doer');
  globex = await as(other, 'doer');
  narrow = await as(stage.acme, 'narrow');
}, 300_000);
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

const call = async (agent: Agent, name: string, args: JsonObject): Promise<JsonObject> =>
  (await agent.call(name, args)).content as JsonObject;

const run = (agent: Agent, operation: string, record: JsonObject, more: JsonObject = {}): Promise<JsonObject> =>
  call(agent, 'run_operation', { operation, records: [record], ...more });

/** `_ref` of a record. */
async function refIn(agent: Agent, object: string, filter?: Json): Promise<string> {
  const answer = await call(agent, 'query_records', { object, limit: 1, ...(filter === undefined ? {} : { filter }) });
  const [row] = answer['rows'] as Json[][];
  const ref = row?.at(-1);
  if (typeof ref !== 'string') throw new Error(`nothing found in ${object}: ${JSON.stringify(answer)}`);
  return ref;
}

/** Carries a plan out and waits for its end. */
async function done(agent: Agent, plan: JsonObject): Promise<JsonObject> {
  expect(plan).toMatchObject({ status: 'prepared', decision: { kind: 'allow' } });
  const id = String(plan['plan_id']);
  await call(agent, 'commit_write', { plan_id: id });
  for (;;) {
    const status = await call(agent, 'get_status', { plan_id: id });
    if (status['ended_at'] !== null) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What the sandbox made or changed, by object, as its own ledger has it. */
async function effects(customer: Customer, system: string, object: string): Promise<readonly JsonObject[]> {
  const sandbox = customer.systems.get(system);
  if (sandbox === undefined) throw new Error(`no ${system}`);
  const { entries } = await sandbox.control<{ entries: JsonObject[] }>('GET', 'ledger');
  const all = entries.flatMap((entry) => (entry['effects'] ?? []) as unknown as JsonObject[]);
  return all.filter((effect) => JSON.stringify(effect).includes(`"${object}"`) && effect['cause'] === undefined);
}

describe('create_task', () => {
  test('is a task in Salesforce and a ticket in Zendesk, by the same words', async () => {
    const input = { subject: 'Send the offer', due_on: '2026-12-01', notes: 'With the new prices.', priority: 'high' };
    const about = await refIn(acme, 'crm.Opportunity');
    const plan = await run(acme, 'create_task', { input: { ...input, about } });
    expect(plan).toMatchObject({
      title: expect.stringMatching(/^Create a task: .* in Salesforce \(crm\)$/),
      changes: [{ in: 'crm/Task', fields: { WhatId: { to: about.split('/')[2] }, Priority: { to: 'High' } } }],
    });
    expect(await done(acme, plan)).toMatchObject({ counts: { succeeded: 1 } });
    expect(JSON.stringify(await effects(stage.acme, 'crm', 'Task'))).toContain('Send the offer');

    const person = await refIn(acme, 'support.users');
    const ticket = await run(acme, 'create_task', { input: { ...input, about: person } });
    expect(ticket).toMatchObject({
      changes: [
        {
          in: 'support/tickets',
          fields: { type: { to: 'task' }, due_at: { to: '2026-12-01T12:00:00.000Z' }, requester_id: {} },
        },
      ],
    });
    expect(await done(acme, ticket)).toMatchObject({ counts: { succeeded: 1 } });
    expect(JSON.stringify(await effects(stage.acme, 'support', 'tickets'))).toContain('Send the offer');
  }, 300_000);

  test('is an activity on the page of its record in Odoo, which takes the number of the model', async () => {
    const input = { subject: 'Send the offer', due_on: '2026-12-01', notes: 'a < b' };
    const about = await refIn(globex, 'erp.crm.lead');
    const plan = await run(globex, 'create_task', { input: { ...input, about } });
    expect(plan).toMatchObject({
      changes: [
        {
          in: 'erp/mail.activity',
          fields: {
            summary: { to: 'Send the offer' },
            date_deadline: { to: '2026-12-01' },
            note: { to: '<p>a &lt; b</p>' },
            res_model: { to: 'crm.lead' },
            res_id: { to: about.split('/')[2] },
          },
        },
      ],
    });
    const status = await done(globex, plan);
    expect(status).toMatchObject({ counts: { succeeded: 1 } });
    const [made] = await effects(stage.globex as Customer, 'erp', 'mail.activity');
    expect(made).toMatchObject({
      op: 'create',
      fields: { res_model_id: expect.any(Number), summary: 'Send the offer' },
    });
    const undo = await call(globex, 'undo', { plan_id: String(plan['plan_id']) });
    // What goes for good is looked at by a person first.
    expect(undo).toMatchObject({ decision: { kind: 'approve' } });
    expect((await run(globex, 'create_task', { input }, { to: 'erp' }))['problems']).toContainEqual(
      expect.objectContaining({ code: 'write_precondition_failed', at: 'records[0].input.about' }),
    );
  }, 300_000);

  test('asks which of two systems, and says where it cannot be done', async () => {
    const input = { subject: 'Call back' };
    expect(await run(acme, 'create_task', { input })).toMatchObject({
      code: 'write_system_ambiguous',
      allowed: ['crm', 'support'],
    });
    expect(await run(acme, 'create_task', { input }, { to: 'support' })).toMatchObject({ status: 'prepared' });
    expect(await run(globex, 'create_task', { input }, { to: 'calendar' })).toMatchObject({
      code: 'intent_unsupported',
      message: expect.stringContaining('calendar has no way to create_task'),
      allowed: ['erp'],
    });
    expect(await run(acme, 'log_activity', { input: { ...input, kind: 'call' } }, { to: 'support' })).toMatchObject({
      code: 'intent_unsupported',
      allowed: ['crm'],
    });
    // What the agent may not write plainly, it may not write so.
    expect(await run(narrow, 'create_task', { input })).toMatchObject({ code: 'intent_unsupported', allowed: [] });
    // Of a system of which it is shown nothing it hears what it would hear of one that there is not.
    for (const system of ['support', 'nosuch']) {
      const of = { input: { ...input, about: `${system}/tickets/1` } };
      expect(await run(narrow, 'create_task', of)).toMatchObject({
        code: 'intent_unsupported',
        message: `${system} has no way to create_task.`,
      });
    }
    expect(await run(narrow, 'update_deal_stage', { id: 'crm/Opportunity/x', input: { stage: 'won' } })).toMatchObject({
      code: 'write_not_granted',
    });
  });

  test('is refused where the input does not fit, and tells what would', async () => {
    expect(await run(acme, 'create_task', { input: {} }, { to: 'crm' })).toMatchObject({
      code: 'bad_request',
      where: 'records[0].input.subject',
      data: { input: { subject: { type: 'string', required: true }, priority: { values: ['low', 'normal', 'high'] } } },
    });
    const odd = { subject: 'x', due_on: '2026-13-45' };
    expect(await run(acme, 'create_task', { input: odd })).toMatchObject({ where: 'records[0].input.due_on' });
    expect(await run(acme, 'create_task', { input: { subject: 'x', duedate: '2026-12-01' } })).toMatchObject({
      where: 'records[0].input.duedate',
    });
    const product = await refIn(acme, 'crm.User');
    expect(await run(acme, 'create_task', { input: { subject: 'x', about: product } })).toMatchObject({
      code: 'bad_request',
      allowed: ['Contact', 'Lead', 'Account', 'Opportunity', 'Case'],
    });
    const gone = 'crm/Opportunity/006000000000000AAA';
    expect(await run(acme, 'create_task', { input: { subject: 'x', about: gone } })).toMatchObject({
      status: 'has_problems',
      problems: [{ code: 'write_reference_unknown', at: 'records[0].input.about' }],
    });
  });
});

describe('log_activity', () => {
  test('is an event, a finished task, a note in Odoo or an entry of a calendar', async () => {
    const at = '2026-11-20T14:00:00Z';
    const meeting = { kind: 'meeting', subject: 'Quarterly review', at, minutes: 45, notes: 'a < b' };
    const account = await refIn(acme, 'crm.Account');
    const event = await run(acme, 'log_activity', { input: { ...meeting, about: account } });
    expect(event).toMatchObject({
      changes: [{ in: 'crm/Event', fields: { EndDateTime: { to: '2026-11-20T14:45:00.000Z' } } }],
    });
    expect(await done(acme, event)).toMatchObject({ counts: { succeeded: 1 } });
    const called = { kind: 'call', subject: 'Called', at, about: account };
    const task = await run(acme, 'log_activity', { input: called });
    expect(task).toMatchObject({
      changes: [{ in: 'crm/Task', fields: { Status: { to: 'Completed' }, ActivityDate: { to: '2026-11-20' } } }],
    });
    expect(await done(acme, task)).toMatchObject({ counts: { succeeded: 1 } });

    const lead = await refIn(globex, 'erp.crm.lead');
    const note = await run(globex, 'log_activity', { input: { ...called, notes: 'a < b', about: lead } });
    expect(note).toMatchObject({
      changes: [{ in: 'erp/mail.message', fields: { model: { to: 'crm.lead' }, body: { to: '<p>a &lt; b</p>' } } }],
    });
    expect(await done(globex, note)).toMatchObject({ counts: { succeeded: 1 } });
    const calendar = await refIn(globex, 'calendar.calendars', { field: 'accessRole', op: 'eq', value: 'owner' });
    const entry = await run(globex, 'log_activity', { input: { ...meeting, about: calendar } });
    expect(entry).toMatchObject({ changes: [{ in: 'calendar/events' }] });
    expect(await done(globex, entry)).toMatchObject({ counts: { succeeded: 1 } });
  }, 300_000);

  test('needs in each app what that app needs', async () => {
    expect(await run(acme, 'log_activity', { input: { kind: 'meeting', subject: 'x' } })).toMatchObject({
      problems: [{ code: 'write_precondition_failed', at: 'records[0].input.at', message: 'A meeting has a time.' }],
    });
    const at = '2026-11-20T14:00:00Z';
    expect(
      await run(globex, 'log_activity', { input: { kind: 'note', subject: 'x', at } }, { to: 'erp' }),
    ).toMatchObject({ problems: [{ at: 'records[0].input.about' }] });
    expect(
      await run(globex, 'log_activity', { input: { kind: 'call', subject: 'x' } }, { to: 'calendar' }),
    ).toMatchObject({
      code: 'intent_unsupported',
      allowed: ['erp'],
    });
  });
});

describe('upsert_contact', () => {
  const input = { email: 'nova.stern@example.org', first_name: 'Nova', last_name: 'Stern', job_title: 'Buyer' };

  test('enters a person once, in each system as it keeps people', async () => {
    const account = await refIn(acme, 'crm.Account');
    expect(await run(acme, 'upsert_contact', { input }, { to: 'crm' })).toMatchObject({
      problems: [{ code: 'write_precondition_failed', at: 'records[0].input.account' }],
    });
    const first = await run(acme, 'upsert_contact', { input: { ...input, account } });
    expect(first).toMatchObject({
      changes: [{ operation: 'create', in: 'crm/Contact', fields: { Email: { to: input.email } } }],
    });
    expect(await done(acme, first)).toMatchObject({ counts: { succeeded: 1 } });
    // One that is there needs no account again; only what is new is written.
    const known = await call(acme, 'query_records', {
      object: 'crm.Contact',
      filter: { field: 'Email', op: 'eq', value: input.email },
      min_as_of: new Date().toISOString(),
    });
    expect(known['rows']).toHaveLength(1);
    const second = await run(
      acme,
      'upsert_contact',
      { input: { ...input, job_title: 'Head of buying' } },
      { to: 'crm' },
    );
    expect(second).toMatchObject({ changes: [{ operation: 'update', fields: { Title: { to: 'Head of buying' } } }] });
    expect(second['problems']).toBeUndefined();

    const user = await run(acme, 'upsert_contact', { input }, { to: 'support' });
    expect(user).toMatchObject({
      changes: [{ in: 'support/users', fields: { name: { to: 'Nova Stern' } } }],
      warnings: ['job_title is left out: users in support has no place for it.'],
    });
    expect(await done(acme, user)).toMatchObject({ counts: { succeeded: 1 } });
    const partner = await run(globex, 'upsert_contact', { input });
    expect(partner).toMatchObject({ changes: [{ in: 'erp/res.partner' }] });
    expect(await done(globex, partner)).toMatchObject({ counts: { succeeded: 1 } });
  }, 300_000);
});

describe('update_deal_stage', () => {
  test('writes the stage where this customer keeps it', async () => {
    const deal = await refIn(acme, 'deal', { field: 'stage', op: 'eq', value: 'proposal' });
    const plan = await run(acme, 'update_deal_stage', { id: deal, input: { stage: 'negotiation' } });
    expect(plan).toMatchObject({
      changes: [{ ref: deal, fields: { stage: { from: 'proposal', to: 'negotiation' } } }],
    });
    expect(await done(acme, plan)).toMatchObject({ counts: { succeeded: 1 } });
    // Not into StageName, which nobody keeps up here.
    expect(JSON.stringify(await effects(stage.acme, 'crm', 'Opportunity'))).toContain(
      '"Vertriebsphase__c":"Verhandlung"',
    );
    expect(await run(acme, 'update_deal_stage', { id: deal, input: { stage: 'signed' } })).toMatchObject({
      problems: [{ code: 'write_value_not_allowed', at: 'records[0].input.stage' }],
    });
  }, 300_000);

  test('finds the stage by its name where the model does not lead back to it', async () => {
    const lead = await refIn(globex, 'erp.crm.lead', { field: 'type', op: 'eq', value: 'opportunity' });
    const plan = await run(globex, 'update_deal_stage', { id: lead, input: { stage: 'Proposition' } });
    expect(plan).toMatchObject({ changes: [{ ref: lead, fields: { stage_id: {} } }] });
    expect(await done(globex, plan)).toMatchObject({ counts: { succeeded: 1 } });
    expect(await run(globex, 'update_deal_stage', { id: lead, input: { stage: 'Nowhere' } })).toMatchObject({
      problems: [{ code: 'write_reference_unknown', at: 'records[0].input.stage' }],
    });
  }, 300_000);
});

describe('in_steps', () => {
  const inSteps = (...steps: readonly JsonObject[]): Promise<JsonObject> =>
    call(acme, 'run_operation', { operation: 'in_steps', records: [...steps] });
  const ticketAbout = (subject: string, notes: Json): JsonObject => ({
    operation: 'create_task',
    to: 'support',
    records: [{ input: { subject, notes } }],
  });

  test('writes to one system, then to the next with what the first one made, and tells how far it is', async () => {
    const plan = await call(acme, 'run_operation', {
      operation: 'in_steps',
      reason: 'handed over',
      records: [
        { operation: 'create', object: 'crm.Task', records: [{ values: { Subject: 'Hand over' } }] },
        ticketAbout('Handed over', { from_step: 0, text: 'Task {id} in Salesforce.' }),
      ],
    });
    expect(plan).toMatchObject({
      title: expect.stringMatching(/^In 2 steps: Create Tasks? in Salesforce \(crm\); then Create a task: /),
      records: 2,
      steps: [expect.any(String), expect.any(String)],
      calls: { crm: 1, support: 1 },
    });
    const status = await done(acme, plan);
    expect(status).toMatchObject({
      status: 'done',
      counts: { succeeded: 2 },
      steps: [
        { step: 0, state: 'done', counts: { succeeded: 1 } },
        { step: 1, state: 'done', counts: { succeeded: 1 } },
      ],
    });
    const [task] = status['writes'] as { record: string }[];
    const tickets = JSON.stringify(await effects(stage.acme, 'support', 'tickets'));
    expect(tickets).toContain('Handed over');
    const { entries } = await stage.support.control<{ entries: Json[] }>('GET', 'ledger');
    expect(JSON.stringify(entries)).toContain(`Task ${task?.record ?? '?'} in Salesforce.`);
  }, 300_000);

  test('stops where a step did not succeed: nothing of the later ones is sent', async () => {
    const deal = await refIn(acme, 'deal', { field: 'stage', op: 'eq', value: 'discovery' });
    const moved = (stageName: string): JsonObject => ({
      operation: 'update_deal_stage',
      records: [{ id: deal, input: { stage: stageName } }],
    });
    const late = await inSteps(moved('proposal'), ticketAbout('Never opened', 'x'));
    // Somebody is faster, so that the first step meets another record than it was planned for.
    expect(await done(acme, await call(acme, 'run_operation', moved('qualification')))).toMatchObject({
      counts: { succeeded: 1 },
    });
    expect(await done(acme, late)).toMatchObject({
      status: 'done',
      counts: { failed: 1, cancelled: 1 },
      steps: [
        { step: 0, state: 'failed' },
        { step: 1, state: 'not_begun' },
      ],
      writes: [{ code: 'record_changed' }, { code: 'step_failed' }],
    });
    expect(JSON.stringify(await effects(stage.acme, 'support', 'tickets'))).not.toContain('Never opened');
  }, 300_000);

  test('is planned as a whole: mistakes name their step, and nothing points forward', async () => {
    const task = { operation: 'create', object: 'crm.Task', records: [{ values: { Subject: 'x' } }] };
    const steps = inSteps;
    expect(await steps(task)).toMatchObject({ code: 'write_too_large', where: 'records' });
    expect(await steps(task, ticketAbout('x', { from_step: 1 }))).toMatchObject({
      code: 'bad_request',
      where: 'records[1].records[0].notes',
    });
    expect(await steps(task, { ...task, object: 'crm.Nothing' })).toMatchObject({
      code: 'query_object_unknown',
      where: 'records[1].object',
    });
    expect(await steps(task, { operation: 'create_task', records: [{ values: {} }] })).toMatchObject({
      code: 'bad_request',
      where: 'records[1].records[0].values',
    });
    // An id is no date, and a plain write takes nothing for a result.
    const due = { values: { Subject: 'x', ActivityDate: { from_step: 0 } } };
    expect(await steps(task, { ...task, records: [due] })).toMatchObject({
      problems: [{ code: 'write_value_invalid', at: 'records[1].records[0].values.ActivityDate' }],
    });
    const plain = { values: { Subject: { from_step: 0 } } };
    expect(await call(acme, 'prepare_write', { ...task, records: [plain] })).toMatchObject({
      problems: [{ code: 'write_value_invalid', at: 'records[0].values.Subject' }],
    });
  });
});
