import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { openStage, projectFolder, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Customer } from '../../examples/renewals/stage/customer.ts';
import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { isJsonObject, type Json, type JsonObject, type TenantId } from '../../src/kernel/index.ts';
import { readProject, type ProjectFiles } from '../../src/manifest/index.ts';
import { createAsk, type Ask } from './doors.ts';
import { sightOf, sightsOf, type Person, type System } from './system.ts';

/** A provider with its people, connected to a whole Gantry in which every one of them is linked. */
export interface ParityStage {
  readonly system: System;
  readonly sandbox: RunningSandboxProcess;
  readonly customer: Customer;
  readonly gantry: Stage['gantry'];
  readonly tenant: TenantId;
  /** Those who are linked. */
  readonly people: readonly Person[];
  readonly ask: Ask;
  /** Marks of records that principals were told so far, whatever they asked. */
  readonly told: Map<string, Set<string>>;
  readonly operator: (method: string, path: string, body?: JsonObject) => Promise<JsonObject>;
}

const AGENT = 'parity-agent';

const tools = ['search_catalog', 'describe', 'query_records', 'query_sql', 'get_record', 'list_connections'];
const models = ['account', 'contact', 'deal', 'meeting', 'ticket', 'user'];

/** The example with an agent that sees everything and acts for users, and with these objects of the providers. */
async function projectFor(systems: readonly System[]): Promise<ProjectFiles> {
  const files = new Map(await readProject(projectFolder));
  const edit = (name: string, change: (document: ReturnType<typeof parseDocument>) => void): void => {
    const document = parseDocument(Buffer.from(files.get(name) ?? '').toString('utf8'));
    change(document);
    files.set(name, document.toString());
  };
  edit('gantry.yaml', (document) => {
    const objects = Object.fromEntries(
      [...models, ...systems.map(({ integration }) => `${integration}.*`)].map((name) => [name, '*']),
    );
    const grant = { tools, objects, rows_max: 1_000, calls_per_minute: 100_000 };
    document.setIn(
      ['agents', AGENT],
      document.createNode({ title: 'Acts for everybody', owner: 'lena.brandt@acme.example', acts_for: 'both', grant }),
    );
  });
  for (const { integration, objects } of systems) {
    edit(`integrations/${integration}.yaml`, (document) => {
      if (integration === 'crm') document.delete('also_sync');
      for (const object of objects) {
        if (!document.hasIn(['objects', object]))
          document.setIn(['objects', object], document.createNode({ sync: { every: '5m' } }));
      }
    });
  }
  return files;
}

export interface ParityStages {
  readonly open: (system: System, users: number) => Promise<ParityStage>;
  readonly close: () => Promise<void>;
}

/** One Gantry for all of them; each provider is filled with people, connected and linked when it is asked for. */
export async function openParityStages(systems: readonly System[], seed: number): Promise<ParityStages> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-parity-'));
  const whole = systems.some(({ customer, integration }) => customer === 'globex' || integration === 'calendar');
  const stage = await openStage({ scale: 2_000, seed, dataDir, databaseUrl: null, port: 0, logLevel: 'silent', whole });
  const close = async (): Promise<void> => {
    await stage.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    // Custom objects without records, which the example reads, are left out.
    const allowBreaking = systems.some(({ integration }) => integration === 'crm') ? ['integration crm'] : [];
    const files = await projectFor(systems);
    await stage.gantry.revisions.apply({ files, author: 'security', message: 'acts for users', allowBreaking });
  } catch (error) {
    await close();
    throw error;
  }
  return { open: (system, users) => openSystem(stage, system, users, seed), close };
}

async function openSystem(stage: Stage, system: System, users: number, seed: number): Promise<ParityStage> {
  const customer = system.customer === 'acme' ? stage.acme : stage.globex;
  const sandbox = customer?.systems.get(system.integration);
  if (customer === null || sandbox === undefined) throw new Error(`the stage has no ${system.provider}`);
  await sandbox.control('POST', 'sharing', { generate: { users: 200, seed } });
  await markRecords(system, sandbox);
  await customer.connect(system.integration);
  await customer.operator.loaded([system.integration]);
  const key = await customer.keyFor(AGENT);
  const caller = await stage.gantry.callers.find(key);
  if (caller === null) throw new Error('the key is not known');
  const told: ParityStage['told'] = new Map();
  const operator: ParityStage['operator'] = async (method, path, body) => {
    const response = await fetch(`${stage.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${stage.operatorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = JSON.parse(text) as Json;
    if (!response.ok || !isJsonObject(answer)) throw new Error(`${method} ${path}: ${text}`);
    return answer;
  };
  const { users: everybody } = await sandbox.control<{ users: Person[] }>('GET', 'health');
  // The administrator, whose sign-in Gantry has, is always one of them.
  // Where the provider does not tell everything, it does not tell either who left: an operator has to end such links.
  const people = everybody.filter(({ active }) => system.isWhole || active).slice(0, users);
  await linkAll({ system, sandbox, customer, operator }, people);
  const ask = createAsk({ url: stage.url, key }, (principal, text, asked) => {
    const heard = told.get(principal) ?? new Set();
    // What somebody said themselves may come back to them.
    for (const [mark] of text.matchAll(marks)) if (!asked.includes(mark)) heard.add(mark);
    told.set(principal, heard);
  });
  return { system, sandbox, customer, gantry: stage.gantry, tenant: caller.caller.tenant, people, ask, told, operator };
}

async function linkAll(
  { system, sandbox, customer, operator }: Pick<ParityStage, 'system' | 'sandbox' | 'customer' | 'operator'>,
  people: readonly Person[],
): Promise<void> {
  const tenant = customer.tenant;
  for (const { username, id, active, apiKey } of people) {
    if (!system.signsIn) {
      await operator('POST', '/v1/principals', {
        tenant,
        principal: username,
        connection: system.integration,
        source_user: system.linkedByName ? username : id,
      });
    } else if (active) {
      const values = {
        url: sandbox.url,
        database: sandbox.health.details['database'] ?? '',
        login: username,
        api_key: apiKey ?? '',
      };
      await operator('POST', `/v1/connections/${system.integration}/users/${encodeURIComponent(username)}`, {
        tenant,
        method: 'api_key',
        values,
      });
    }
  }
}

const MARKED_PER_OBJECT = 80;

/** What is in no record but one: whoever is told it has seen that record. */
export const markOf = (object: string, id: string): string => `zq${Buffer.from(`${object}/${id}`).toString('hex')}qz`;

const marks = /zq((?:[0-9a-f]{2})+)qz/g;

/** Object and id of the record that a mark stands in. */
export function readMark(mark: string): { readonly object: string; readonly id: string } {
  const [object = '', ...id] = Buffer.from(mark.slice(2, -2), 'hex').toString('utf8').split('/');
  return { object, id: id.join('/') };
}

async function markRecords(system: System, sandbox: RunningSandboxProcess): Promise<void> {
  const { users } = await sandbox.control<{ users: Person[] }>('GET', 'health');
  const [admin] = users;
  if (admin === undefined) throw new Error('nobody is there');
  for (const [object, field] of Object.entries(system.marked)) {
    const { ids } = sightOf(await sightsOf(sandbox, admin, [object]), object);
    for (const id of [...ids].slice(0, MARKED_PER_OBJECT)) {
      await sandbox.mutate({ op: 'update', object, id, fields: { [field]: markOf(object, id) } });
    }
  }
}
