import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { openStage, projectFolder, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';

let stage: Stage;
let agent: Agent;
let key: string;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-writes-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  stage = await openStage({ scale: 2_000, seed: 5, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' });
  cleanUp.push(() => stage.close());
  await stage.gantry.revisions.apply({ files: await writingProject(), author: 'test', message: 'writes' });
  await stage.operator.connect('crm', stage.crm);
  await stage.operator.loaded(['crm']);
  key = (await stage.acme.keyFor('closer')) ?? '';
  agent = await connectAgent(stage.url, key);
  cleanUp.push(() => agent.close());
}, 300_000);
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

/** The example, with an agent that may write deals. */
async function writingProject(): Promise<Map<string, string>> {
  const files = new Map(
    [...(await readProject(projectFolder))].map(([name, text]) => [
      name,
      typeof text === 'string' ? text : new TextDecoder().decode(text),
    ]),
  );
  const edit = (file: string, find: string, replace: string): void => {
    const text = files.get(file) ?? '';
    if (!text.includes(find)) throw new Error(`${file} has no ${find}`);
    files.set(file, text.replace(find, replace));
  };
  edit(
    'integrations/crm.yaml',
    /mode: .*/.exec(files.get('integrations/crm.yaml') ?? '')?.[0] ?? '',
    'mode: autonomous',
  );
  if (!(files.get('integrations/crm.yaml') ?? '').includes('scope:')) {
    edit('integrations/crm.yaml', 'objects:\n', 'scope: { write: [Opportunity] }\nobjects:\n');
    edit(
      'integrations/crm.yaml',
      '  Opportunity:\n    model: deal\n',
      '  Opportunity:\n    model: deal\n    write: { operations: [update] }\n',
    );
  }
  edit(
    'gantry.yaml',
    'agents:\n',
    `agents:
  closer:
    owner: lena.brandt@acme.example
    grant:
      tools: [query_records, prepare_write, commit_write, get_status, undo]
      objects: { deal: { fields: [crm_id, name, stage, amount, probability, close_date] } }
      write: { deal: { operations: [update], fields: [stage, probability] } }
`,
  );
  return files;
}

const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
  (await agent.call(name, args)).content as JsonObject;

/** What is behind a link of an answer. */
async function read(uri: string): Promise<unknown> {
  const client = new Client({ name: 'reader', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${stage.url}/mcp`), { requestInit }));
  const [first] = (await client.readResource({ uri })).contents;
  await client.close();
  return JSON.parse(first !== undefined && 'text' in first ? first.text : 'null');
}

async function rest(
  method: 'GET' | 'POST',
  path: string,
  body?: JsonObject,
  headers: Record<string, string> = {},
): Promise<JsonObject> {
  const response = await fetch(`${stage.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as JsonObject;
}

interface Entry {
  readonly effects?: readonly {
    readonly id: string;
    readonly op: string;
    readonly cause?: string;
    readonly fields?: unknown;
  }[];
}

/** Waits for a state of a plan. */
async function until(plan: string, state: string): Promise<JsonObject> {
  for (;;) {
    const status = await call('get_status', { plan_id: plan });
    if (status['status'] === state) return status;
    if (['done', 'stopped', 'refused', 'expired'].includes(String(status['status']))) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('an agent changes a deal in Salesforce, sees it there, and takes it back', async () => {
  const { rows } = (await call('query_records', {
    object: 'deal',
    filter: { field: 'stage', op: 'eq', value: 'proposal' },
    fields: ['name', 'probability'],
    limit: 1,
  })) as unknown as { rows: [string, number, string][] };
  const [, before, ref] = rows[0] ?? ['', 0, ''];
  const native = ref.slice(ref.lastIndexOf('/') + 1);
  /** What callers did to the deal there, as its ledger has it. */
  const inSalesforce = async (): Promise<unknown[]> => {
    const { entries } = await stage.crm.control<{ entries: Entry[] }>('GET', 'ledger');
    return entries.flatMap(({ effects = [] }) =>
      effects
        .filter(({ id, op, cause }) => id === native && op === 'update' && cause === undefined)
        .map(({ fields }) => fields),
    );
  };

  const plan = await rest(
    'POST',
    '/v1/write-plans',
    {
      operation: 'update',
      object: 'deal',
      records: [{ id: ref, values: { stage: 'negotiation', probability: before === 75 ? 80 : 75 } }],
    },
    { 'idempotency-key': 'a-1' },
  );
  expect(plan).toMatchObject({ status: 'prepared', decision: { kind: 'allow' }, impact: { amount: 0 } });
  expect(await inSalesforce()).toEqual([]);
  const id = String(plan['plan_id']);
  await call('commit_write', { plan_id: id });
  expect(await until(id, 'done')).toMatchObject({ status: 'done', counts: { succeeded: 1 } });
  expect(await inSalesforce()).toEqual([expect.objectContaining({ Vertriebsphase__c: 'Verhandlung' })]);
  const asOperator = { authorization: `Bearer ${stage.operatorKey}` };
  const { plans } = (await rest(
    'GET',
    `/v1/tenants/${stage.tenant}/write-plans?agent=closer`,
    undefined,
    asOperator,
  )) as unknown as { plans: JsonObject[] };
  expect(plans).toMatchObject([{ plan: id, state: 'done', agent: 'closer', records: 1 }]);
  expect(await rest('GET', `/v1/tenants/${stage.tenant}/write-plans/${id}`, undefined, asOperator)).toMatchObject({
    plan_id: id,
    status: 'done',
    changes: [{ ref, fields: { stage: { from: 'proposal', to: 'negotiation' } } }],
    writes: [{ item: 0, state: 'succeeded' }],
  });
  // Whoever asks for data from after the write has it, long before anything is read by the schedule.
  const { rows: fresh } = (await call('query_records', {
    object: 'deal',
    filter: { field: 'crm_id', op: 'eq', value: native },
    fields: ['stage'],
    min_as_of: new Date().toISOString(),
  })) as unknown as { rows: unknown[][] };
  expect(fresh).toMatchObject([['negotiation', ref]]);
  const lately = { since: new Date(Date.now() - 3_600_000).toISOString(), agent: 'closer', dry_run: true };
  expect(await rest('POST', `/v1/tenants/${stage.tenant}/undo`, lately, asOperator)).toMatchObject({
    undos: [{ agent: 'closer', counts: { restored: 2, conflict: 0 }, status: 'no_plan' }],
  });
  // Committed once: whatever is repeated changes nothing.
  expect(await rest('POST', `/v1/write-plans/${id}/commit`, {})).toMatchObject({ status: 'done' });

  const undo = await call('undo', { plan_id: id });
  expect(undo).toMatchObject({ status: 'prepared', undoes: id, counts: { restored: 2, conflict: 0 } });
  // What takes it back says so in the words of the system, also page by page.
  const page = await read(`gantry://plans/${String(undo['plan_id'])}?from=0`);
  expect(page).toMatchObject({ changes: [{ ref, fields: { Vertriebsphase__c: { to: 'Angebot' } } }] });
  const own = await read(`gantry://plans/${id}?from=0`);
  expect(own).toMatchObject({ changes: [{ ref, fields: { stage: { to: 'negotiation' } } }] });
  await call('commit_write', { plan_id: String(undo['plan_id']) });
  expect(await until(String(undo['plan_id']), 'done')).toMatchObject({ counts: { succeeded: 1 } });
  expect(await inSalesforce()).toEqual([
    expect.objectContaining({ Vertriebsphase__c: 'Verhandlung' }),
    expect.objectContaining({ Vertriebsphase__c: 'Angebot' }),
  ]);
}, 300_000);
