import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTasks, type TaskEnabledSession } from '@modelcontextprotocol/ext-tasks/client';
import { taskId } from '@modelcontextprotocol/ext-tasks/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { approverOf, type Approver } from '../../examples/renewals/demo/approvers.ts';
import { askRest } from '../../examples/renewals/demo/ask-rest.ts';
import { deskOf, type Account, type Desk } from '../../examples/renewals/demo/desk.ts';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { planTask } from '../../src/mcp/tools/plan-tasks.ts';
import { planStates } from '../../src/write/plan-state.ts';

const TASKS = 'io.modelcontextprotocol/tasks';

let stage: Stage;
let agent: Agent;
let desk: Desk;
let account: Account;
let jonas: Approver;
let key: string;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-tasks-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  stage = await openStage({ scale: 8_000, seed: 5, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' });
  cleanUp.push(() => stage.close());
  await stage.operator.connect('crm', stage.crm);
  await stage.operator.loaded(['crm']);
  key = (await stage.acme.keyFor('renewals-desk')) ?? '';
  agent = await connectAgent(stage.url, key);
  cleanUp.push(() => agent.close());
  desk = deskOf(agent);
  account = await desk.accountWith(3);
  const name = 'jonas.keller@acme.example';
  const made = await askRest(stage.url, stage.operatorKey)<{ key: string }>('POST', '/v1/operators', {
    name,
    role: 'approver',
  });
  jonas = approverOf(name, stage.tenant, askRest(stage.url, made.key));
}, 300_000);
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

/** One JSON-RPC request as a client of 2026-07-28 sends it. */
async function send(
  request: { readonly id?: Json; readonly method: string; readonly params?: JsonObject },
  { declares = true, bearer = key }: { readonly declares?: boolean; readonly bearer?: string } = {},
): Promise<JsonObject> {
  const { method, params = {} } = request;
  const named = params['taskId'] ?? params['name'];
  const response = await fetch(`${stage.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof named === 'string' ? { 'mcp-name': named } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: request.id ?? 1,
      method,
      params: {
        ...params,
        _meta: {
          ...(params['_meta'] as JsonObject | undefined),
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': declares ? { extensions: { [TASKS]: {} } } : {},
        },
      },
    }),
  });
  return (await response.json()) as JsonObject;
}

/** The extension's own client, over requests of ours. */
function openSession(): TaskEnabledSession {
  const nothing = () => () => undefined;
  return withTasks({
    endpointId: 'gantry',
    taskCapabilities: { generation: 'v2', capabilities: {} },
    invalidated: false,
    onServerRequest: nothing,
    onNotification: nothing,
    onInvalidated: nothing,
    dispatch: async (request) => {
      const { result, error } = await send(request as never);
      return error === undefined
        ? { kind: 'result', result: (result ?? null) as never }
        : { kind: 'error', error: error as never };
    },
  });
}

const resultOf = (answer: JsonObject): JsonObject => (answer['result'] ?? answer['error']) as JsonObject;

/** The calls that named this plan, as the audit has them, newest first; it takes a moment until the last ones stand there. */
async function callsAbout(plan: string, least: number): Promise<readonly string[]> {
  const ask = askRest(stage.url, stage.operatorKey);
  const path = `/v1/audit?tenant=${stage.tenant}&kind=tool_called&limit=100`;
  let calls: readonly string[] = [];
  await expect
    .poll(async () => {
      const { entries } = await ask<{ readonly entries: readonly AuditedCall[] }>('GET', path);
      calls = entries.filter(({ detail }) => detail.input.plan_id === plan).map(({ subject }) => subject.tool);
      return calls.length;
    })
    .toBeGreaterThanOrEqual(least);
  return calls;
}

interface AuditedCall {
  readonly subject: { readonly tool: string };
  readonly detail: { readonly input: { readonly plan_id?: string } };
}

/** A plan that people have to approve. */
async function gated(at: number, worth = 1_200): Promise<string> {
  const deal = account.deals[at];
  if (deal === undefined) throw new Error('too few deals');
  const plan = await desk.prepare(deal, Math.round((deal.amount + worth) * 100) / 100, 'agreed');
  expect(plan.decision.kind).toBe('approve');
  return plan.plan_id;
}

describe('a committed plan', () => {
  it('is a task in every state that leaves something to wait for', () => {
    const seen = Object.fromEntries(
      planStates.map((status) => [status, planTask({ plan_id: 'plan_1', status, text: 'x' })?.status ?? null]),
    );
    expect(seen).toEqual({
      prepared: null,
      proposed: 'completed',
      awaiting_approval: 'working',
      queued: 'working',
      running: 'working',
      stopping: 'working',
      done: 'completed',
      stopped: 'completed',
      refused: 'completed',
      rejected: 'completed',
      expired: 'completed',
      withdrawn: 'cancelled',
      taking_back: 'working',
      taken_back: 'completed',
      partly_taken_back: 'completed',
    });
  });

  it('is waited for by a stock client until people have decided and the system has it', async () => {
    const session = openSession();
    const plan = await gated(0);
    const execution = await session.callTool('commit_write', { plan_id: plan });
    expect(execution).toMatchObject({ kind: 'task', handle: { taskId: plan } });
    const waits = await session.task(taskId(plan)).snapshot();
    expect(waits).toMatchObject({ status: 'working', suggestedPollIntervalMs: 5_000, retentionMs: null });
    expect(waits.statusMessage).toMatch(/people have to approve it/);
    const open = (await jonas.waiting(plan)).find(({ kind }) => kind === 'approval');
    expect(await jonas.approve(open?.id ?? 0)).toBe('approved');
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({
      status: 'completed',
      result: { structuredContent: { plan_id: plan, status: 'done', counts: { succeeded: 1 } } },
    });
    await session.close();
  });

  it('is taken back by who cancels its task, and stays as it is once it has ended', async () => {
    const session = openSession();
    const plan = await gated(1);
    const execution = await session.callTool('commit_write', { plan_id: plan });
    await session.cancelTask(taskId(plan));
    expect((await execution.result()).status).toBe('cancelled');
    expect(resultOf(await send({ method: 'tasks/cancel', params: { taskId: plan } }))).toMatchObject({
      resultType: 'complete',
    });
    expect(await desk.ended(plan)).toBe('withdrawn');
    expect(resultOf(await send({ method: 'tasks/update', params: { taskId: plan, inputResponses: {} } }))).toEqual({
      resultType: 'complete',
      _meta: expect.anything() as unknown,
    });
    await session.close();
  });

  it('counts as one call when its task is cancelled, asked for or told something, and stands in the audit once', async () => {
    const plan = await gated(0, 1_300);
    expect(resultOf(await send({ method: 'tasks/cancel', params: { taskId: plan } }))).toMatchObject({ code: -32602 });
    expect(await desk.commit(plan)).toBe('awaiting_approval');
    const before = await callsAbout(plan, 2);
    expect(before).toEqual(['commit_write', 'tasks/cancel']);
    for (const method of ['tasks/update', 'tasks/get', 'tasks/cancel'])
      expect(resultOf(await send({ method, params: { taskId: plan } }))).toMatchObject({ resultType: 'complete' });
    expect(await callsAbout(plan, before.length + 3)).toEqual(['tasks/cancel', 'get_status', 'get_status', ...before]);
  });

  it('is an answer as ever for clients that do not declare the extension, and they are told what they lack', async () => {
    const plan = await gated(2);
    const said = resultOf(
      await send(
        { method: 'tools/call', params: { name: 'commit_write', arguments: { plan_id: plan } } },
        { declares: false },
      ),
    );
    expect(said).toMatchObject({ structuredContent: { plan_id: plan, status: 'awaiting_approval' } });
    expect(said['resultType']).not.toBe('task');
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      expect(resultOf(await send({ method, params: { taskId: plan } }, { declares: false }))).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { [TASKS]: {} } } },
      });
  });

  it("is nobody else's task, and no task before it is committed", async () => {
    const plan = await gated(0, 2_700);
    expect(resultOf(await send({ method: 'tasks/get', params: { taskId: plan } }))).toMatchObject({ code: -32602 });
    await agent.call('commit_write', { plan_id: plan });
    const other = (await stage.acme.keyFor('renewals-copilot')) ?? '';
    for (const method of ['tasks/get', 'tasks/cancel'])
      for (const [id, bearer] of [
        [plan, other],
        [`plan_${'x'.repeat(22)}`, key],
      ] as const)
        expect(resultOf(await send({ method, params: { taskId: id } }, { bearer }))).toMatchObject({ code: -32602 });
    expect(resultOf(await send({ method: 'tasks/get', params: { taskId: plan } }))).toMatchObject({
      status: 'working',
    });
  });
});
