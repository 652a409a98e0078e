import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { parseDocument } from 'yaml';
import { connectAgent, type Agent } from '../../examples/renewals/demo/agent.ts';
import type { Customer } from '../../examples/renewals/stage/customer.ts';
import { openStage, projectFolder, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { readProject, type ProjectFiles } from '../../src/manifest/index.ts';

export type Args = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly failed: boolean;
  readonly content: JsonObject;
}

/** Two customers of one installation, and agents of each that see everything, or little. */
export interface AttackStage extends Pick<Stage, 'gantry' | 'url' | 'operatorKey'> {
  readonly acme: Customer;
  readonly globex: Customer;
  readonly tools: (who: Who) => Promise<readonly string[]>;
  /** Over MCP. */
  readonly call: (who: Who, tool: string, args: Args) => Promise<Reply>;
  /** The rows of an answer; fails where there is none. */
  readonly rows: (who: Who, tool: string, args: Args) => Promise<readonly (readonly Json[])[]>;
  /** The text behind a link of an answer. */
  readonly follow: (who: Who, uri: string) => Promise<string>;
  /** Over REST. */
  readonly send: (who: Who, method: string, path: string, body?: string) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** `acme/thief`. */
export type Who = `${'acme' | 'globex'}/${(typeof agentNames)[number]}`;

const agentNames = ['renewals-copilot', 'renewals-watch', 'thief', 'meetings-clerk'] as const;

const all = ['search_catalog', 'describe', 'query_records', 'query_sql', 'get_record', 'list_connections'];

/** Whose key the attacker holds: some fields of some records, of models and of native objects. */
const agents = {
  thief: {
    title: 'A stolen key',
    owner: 'nobody@acme.example',
    grant: {
      tools: all,
      objects: {
        account: {
          fields: ['crm_id', 'name', 'city', 'owner'],
          where: { status: { in: ['active', 'prospect'] }, country: { ne: 'Österreich' } },
        },
        deal: {
          fields: ['crm_id', 'name', 'stage', 'contract_value', 'account'],
          where: { 'account.status': { in: ['active', 'prospect'] }, stage: { ne: 'lost' } },
        },
        ticket: {
          fields: ['ticket_id', 'subject', 'account', 'opened_at'],
          where: { status: { in: ['new', 'open', 'pending', 'hold'] } },
        },
        meeting: { fields: ['kind', 'held_at', 'account'], where: { kind: { ne: 'qbr' } } },
        'crm.Account': { fields: ['Id', 'Name'], where: { Kundenstatus__c: 'Aktiv' } },
        'erp.res.partner': { fields: ['id', 'name'], where: { is_company: true } },
      },
    },
  },
  'meetings-clerk': {
    title: 'Knows when people meet, not about what',
    owner: 'nobody@acme.example',
    grant: { tools: all, objects: { meeting: { fields: ['held_at', 'minutes'] } } },
  },
};

/** `prepare`: what happens in the customers' systems before anybody connects them. */
export async function openAttackStage(
  prepare: (customers: { readonly acme: Customer; readonly globex: Customer }) => Promise<void> = async () => undefined,
): Promise<AttackStage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-attack-'));
  const options = { scale: 2_000, seed: 11, dataDir, databaseUrl: null, port: 0, logLevel: 'silent', whole: true };
  const stage = await openStage(options);
  const callers = new Map<string, { readonly key: string; readonly agent: Agent }>();
  const close = async (): Promise<void> => {
    for (const { agent } of callers.values()) await agent.close();
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { acme, globex, gantry, url } = stage;
    if (globex === null) throw new Error('the stage is not whole');
    await prepare({ acme, globex });
    await gantry.revisions.apply({ files: await withAgents(), author: 'test', message: 'agents that see little' });
    for (const customer of [acme, globex]) {
      await customer.connectAll();
      for (const name of agentNames) {
        const key = await customer.keyFor(name);
        callers.set(`${customer.tenant}/${name}`, { key, agent: await connectAgent(url, key) });
      }
      const found = await gantry.callers.find(callers.get(`${customer.tenant}/thief`)?.key ?? '');
      if (found === null) throw new Error('the key is not known');
      await gantry.lens.catchUp(found.caller.tenant);
    }
    const of = (who: Who) => {
      const caller = callers.get(who);
      if (caller === undefined) throw new Error(`nobody is ${who}`);
      return caller;
    };
    const call: AttackStage['call'] = async (who, tool, args) => {
      const { failed, content } = await of(who).agent.call(tool, args);
      return { failed, content: content as JsonObject };
    };
    return {
      gantry,
      url,
      operatorKey: stage.operatorKey,
      acme,
      globex,
      tools: (who) => of(who).agent.tools(),
      call,
      rows: async (who, tool, args) => {
        const { failed, content } = await call(who, tool, args);
        if (failed || !Array.isArray(content['rows'])) throw new Error(JSON.stringify(content));
        return content['rows'] as readonly (readonly Json[])[];
      },
      follow: async (who, uri) => {
        const client = new Client({ name: 'reader', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
        const headers = { authorization: `Bearer ${of(who).key}` };
        await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }));
        try {
          const { contents } = await client.readResource({ uri });
          return contents.map((part) => ('text' in part ? part.text : '')).join('');
        } finally {
          await client.close();
        }
      },
      send: (who, method, path, body) =>
        fetch(`${url}${path}`, {
          method,
          headers: { authorization: `Bearer ${of(who).key}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body }),
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The example, and these agents. */
async function withAgents(): Promise<ProjectFiles> {
  const files = new Map(await readProject(projectFolder));
  const document = parseDocument(Buffer.from(files.get('gantry.yaml') ?? '').toString('utf8'));
  for (const [name, agent] of Object.entries(agents)) document.setIn(['agents', name], document.createNode(agent));
  return files.set('gantry.yaml', document.toString());
}

/** Every text in a document, names included. */
export function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsIn);
  return isJsonObject(value) ? Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]) : [];
}
