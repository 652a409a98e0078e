import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { openStage, projectFolder, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';

export interface ConsoleStage {
  readonly url: string;
  readonly tenant: string;
  /** Operators' own keys by name: ann approves, otto operates, vera looks. */
  readonly keys: Readonly<Record<string, string>>;
  /** Prepares a change of one deal's stage and commits it: it waits for an approver. Resolves with the plan. */
  propose(reason: string): Promise<string>;
  planState(plan: string): Promise<string>;
  close(): Promise<void>;
}

/** The example with a Salesforce org, an agent whose writes people approve, and the console built from this tree. */
export async function openConsoleStage(): Promise<ConsoleStage> {
  await build({ root: fileURLToPath(new URL('../../ui', import.meta.url)), logLevel: 'silent' });
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-console-'));
  const stage = await openStage({ scale: 2_000, seed: 5, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' });
  await stage.gantry.revisions.apply({ files: await gatedProject(), author: 'test', message: 'writes that wait' });
  await stage.operator.connect('crm', stage.crm);
  await stage.operator.loaded(['crm']);
  const agent = await connectAgent(stage.url, await stage.acme.keyFor('closer'));
  const keys: Record<string, string> = {};
  for (const [name, role] of Object.entries({ ann: 'approver', otto: 'operator', vera: 'viewer' })) {
    const made = await operatorAsks(stage, 'POST', '/v1/operators', { name, role });
    keys[name] = String(made['key']);
  }
  return {
    url: stage.url,
    tenant: stage.tenant,
    keys,
    propose: (reason) => propose(agent, reason),
    planState: async (plan) =>
      String((await operatorAsks(stage, 'GET', `/v1/tenants/${stage.tenant}/write-plans/${plan}`))['status']),
    close: async () => {
      await agent.close();
      await stage.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function operatorAsks(stage: Stage, method: string, path: string, body?: object): Promise<JsonObject> {
  const response = await fetch(`${stage.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${stage.operatorKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as JsonObject;
}

async function propose(agent: Agent, reason: string): Promise<string> {
  const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
    (await agent.call(name, args)).content as JsonObject;
  const { rows } = (await call('query_records', {
    object: 'deal',
    filter: { field: 'stage', op: 'eq', value: 'proposal' },
    fields: ['name'],
    limit: 1,
  })) as unknown as { rows: string[][] };
  const ref = rows[0]?.at(-1) ?? '';
  const plan = await call('prepare_write', {
    operation: 'update',
    object: 'deal',
    records: [{ id: ref, values: { stage: 'negotiation' } }],
    reason,
  });
  const id = String(plan['plan_id']);
  await call('commit_write', { plan_id: id });
  return id;
}

async function gatedProject(): Promise<Map<string, string>> {
  const files = new Map(
    [...(await readProject(projectFolder))].map(([name, text]) => [
      name,
      typeof text === 'string' ? text : new TextDecoder().decode(text),
    ]),
  );
  const edit = (file: string, find: RegExp | string, replace: string): void => {
    const text = files.get(file) ?? '';
    if (text.search(find) === -1) throw new Error(`${file} has no ${String(find)}`);
    files.set(
      file,
      text.replace(find, () => replace),
    );
  };
  const crm = 'integrations/crm.yaml';
  edit(crm, /mode: .*/, 'mode: gated');
  if (!(files.get(crm) ?? '').includes('scope:')) {
    edit(crm, 'objects:\n', 'scope: { write: [Opportunity] }\nobjects:\n');
    edit(
      crm,
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
