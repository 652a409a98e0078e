import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import { createCustomer, type Customer } from '../../examples/renewals/stage/customer.ts';
import { openStage, projectFolder, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { buildConsole } from './built-console.ts';

/** What an agent is made to do. */
export interface Proposal {
  readonly reason: string;
  /** Absent: the first customer. */
  readonly tenant?: string;
  /** How many deals; 1 unless said otherwise. */
  readonly deals?: number;
  /** One deal after the other, as steps of one plan. */
  readonly inSteps?: boolean;
}

export interface Proposed {
  readonly plan: string;
  /** Native ids of the deals. */
  readonly deals: readonly string[];
}

export interface ConsoleStage {
  readonly url: string;
  readonly tenant: string;
  /** Operators' own keys by name: ann and bea approve, otto and olga operate, vera looks, ada administers. */
  readonly keys: Readonly<Record<string, string>>;
  /** Prepares a change of deals' stage and commits it: it waits for an approver. */
  propose(proposal: Proposal): Promise<Proposed>;
  planState(plan: string, tenant?: string): Promise<string>;
  /** As that operator asks; without a name, with the key of the installation. */
  ask(method: string, path: string, body?: object, by?: string): Promise<JsonObject>;
  /** Somebody at the customer does something in the CRM itself. */
  change(op: 'update' | 'delete' | 'undelete', deal: string, fields?: Readonly<Record<string, unknown>>): Promise<void>;
  /** The store takes no new version of that deal, and the deal gets one; null: it takes all of them again. */
  refuseDeal(deal: string | null): Promise<void>;
  /** Nobody can tell any more what became of a plan's first write. */
  loseOutcome(plan: string): Promise<void>;
  /** Everybody's session ends. */
  endSessions(): Promise<void>;
  close(): Promise<void>;
}

const roles = {
  ann: 'approver',
  bea: 'approver',
  otto: 'operator',
  olga: 'operator',
  vera: 'viewer',
  ada: 'admin',
} as const;

/**
 * The example with a Salesforce org, an agent whose writes people approve, and
 * the console built from this tree. `others`: customers beside the first, with
 * the same org.
 */
export async function openConsoleStage(others: readonly string[] = []): Promise<ConsoleStage> {
  await buildConsole();
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-console-'));
  const stage = await openStage({ scale: 2_000, seed: 5, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' });
  await stage.gantry.revisions.apply({ files: await gatedProject(), author: 'test', message: 'writes that wait' });
  const { gantry, url, operatorKey, crm } = stage;
  const customers: Customer[] = [stage.acme];
  for (const tenant of others) {
    const configured = { apps: new Map<string, never>(), loginUrls: new Map<string, string>() };
    const systems = new Map([['crm', crm]]);
    customers.push(await createCustomer({ gantry, url, operatorKey, configured, tenant, systems }));
  }
  const agents = new Map<string, Agent>();
  for (const customer of customers) {
    await customer.operator.connect('crm', crm);
    await customer.operator.loaded(['crm']);
    agents.set(customer.tenant, await connectAgent(url, await customer.keyFor('closer')));
  }
  const keys: Record<string, string> = {};
  for (const [name, role] of Object.entries(roles)) {
    const made = await operatorAsks(stage, { method: 'POST', path: '/v1/operators', body: { name, role } });
    keys[name] = String(made['key']);
  }
  const used = new Set<string>();
  return {
    url,
    tenant: stage.tenant,
    keys,
    propose: (proposal) => propose(required(agents.get(proposal.tenant ?? stage.tenant)), proposal, used),
    planState: async (plan, tenant = stage.tenant) => {
      const path = `/v1/tenants/${tenant}/write-plans/${plan}`;
      return String((await operatorAsks(stage, { method: 'GET', path }))['status']);
    },
    ask: (method, path, body, by) =>
      operatorAsks(stage, {
        method,
        path,
        ...(body === undefined ? {} : { body }),
        ...(by === undefined ? {} : { key: required(keys[by]) }),
      }),
    change: async (op, deal, fields) => {
      await crm.mutate({ op, object: 'Opportunity', id: deal, ...(fields === undefined ? {} : { fields }) });
    },
    refuseDeal: async (deal) => {
      await gantry.db.query('alter table record drop constraint if exists not_this');
      if (deal === null) return;
      await gantry.db.query(`alter table record add constraint not_this check (ext_id <> '${deal}') not valid`);
      await crm.mutate({ op: 'update', object: 'Opportunity', id: deal, fields: { NextStep: randomUUID() } });
      await operatorAsks(stage, { method: 'POST', path: '/v1/connections/crm/sync', body: { tenant: stage.tenant } });
    },
    loseOutcome: async (plan) => {
      await gantry.db.query(
        `update write set state = 'needs_human', code = 'unclear', ended_at = null where plan = $1`,
        [plan],
      );
      await gantry.db.query(`update write_plan set state = 'running', ended_at = null where id = $1`, [plan]);
    },
    endSessions: async () => {
      await gantry.db.query(`update oauth_item set expires_at = now() - interval '1 s' where kind = 'ConsoleSession'`);
    },
    close: async () => {
      for (const agent of agents.values()) await agent.close();
      await stage.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the stage has no such one');
  return value;
}

async function operatorAsks(
  stage: Stage,
  asked: { readonly method: string; readonly path: string; readonly body?: object; readonly key?: string },
): Promise<JsonObject> {
  const { method, path, body, key = stage.operatorKey } = asked;
  const response = await fetch(`${stage.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as JsonObject;
}

/** About deals that nobody has proposed anything about yet. */
async function propose(
  agent: Agent,
  { reason, deals = 1, inSteps = false }: Proposal,
  used: Set<string>,
): Promise<Proposed> {
  const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
    (await agent.call(name, args)).content as JsonObject;
  const refs: string[] = [];
  for (const stage of ['proposal', 'discovery', 'qualification']) {
    const { rows } = (await call('query_records', {
      object: 'deal',
      filter: { field: 'stage', op: 'eq', value: stage },
      fields: ['name'],
      limit: 200,
    })) as unknown as { rows: string[][] };
    const free = rows.map((row) => row.at(-1) ?? '').filter((ref) => !used.has(ref));
    refs.push(...free.slice(0, deals - refs.length));
  }
  if (refs.length < deals) throw new Error(`${String(refs.length)} deals are left, and ${String(deals)} are wanted`);
  for (const ref of refs) used.add(ref);
  const one = (records: readonly string[]) => ({
    operation: 'update',
    object: 'deal',
    records: records.map((id) => ({ id, values: { stage: 'negotiation' } })),
  });
  const plan = inSteps
    ? await call('run_operation', { operation: 'in_steps', records: refs.map((ref) => one([ref])), reason })
    : await call('prepare_write', { ...one(refs), reason });
  const id = String(plan['plan_id']);
  await call('commit_write', { plan_id: id });
  return { plan: id, deals: refs.map((ref) => ref.split('/').at(-1) ?? '') };
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
      tools: [query_records, prepare_write, run_operation, commit_write, get_status, undo]
      objects: { deal: { fields: [crm_id, name, stage, amount, probability, close_date] } }
      write: { deal: { operations: [update], fields: [stage, probability] } }
`,
  );
  files.set('policies/switches.yaml', 'switches:\n  too_many: { per: agent, within: 1h, records: 12 }\n');
  return files;
}
