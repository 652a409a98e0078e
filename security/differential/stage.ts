import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStage, type Stage } from '../../examples/renewals/stage/open-stage.ts';
import type { Customer } from '../../examples/renewals/stage/customer.ts';
import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { isJsonObject, type Json, type JsonObject, type TenantId } from '../../src/kernel/index.ts';
import { createAsk, createMcpAsks, type Ask, type McpAsks } from './doors.ts';
import { AGENT, projectFor } from './project.ts';
import { sightOf, sightsOf, type Person, type SourcePerson, type System } from './system.ts';

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
  /** The same through MCP. */
  readonly mcp: McpAsks;
  /** Marks of records, also of the customer's other systems, that principals were told so far, whatever they asked. */
  readonly told: Map<string, Set<string>>;
  readonly operator: (method: string, path: string, body?: JsonObject) => Promise<JsonObject>;
}

export interface ParityStages {
  /** Systems of one customer, whose people have the same names: the first of one system is the first of the other. */
  readonly open: (systems: readonly System[], users: number | null) => Promise<readonly ParityStage[]>;
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
  return { open: (chosen, users) => openSystems(stage, chosen, users, seed), close };
}

async function openSystems(
  stage: Stage,
  systems: readonly System[],
  users: number | null,
  seed: number,
): Promise<ParityStage[]> {
  const opened: ParityStage[] = [];
  const told: ParityStage['told'] = new Map();
  for (const system of systems) {
    const names = opened[0]?.people.map(({ principal }) => principal) ?? [];
    opened.push(await openSystem(stage, system, { users: users ?? system.users, names, told, seed }));
  }
  return opened;
}

async function openSystem(
  stage: Stage,
  system: System,
  given: {
    readonly users: number;
    /** Of people, where another system named them before. */
    readonly names: readonly string[];
    readonly told: ParityStage['told'];
    readonly seed: number;
  },
): Promise<ParityStage> {
  const { users, names, told, seed } = given;
  const customer = system.customer === 'acme' ? stage.acme : stage.globex;
  const sandbox = customer?.systems.get(system.integration);
  if (customer === null || sandbox === undefined) throw new Error(`the stage has no ${system.provider}`);
  if (system.sandboxLimits !== null) await sandbox.control('POST', 'limits', system.sandboxLimits);
  await sandbox.control('POST', 'sharing', { generate: { users: 200, seed } });
  await markRecords(system, sandbox);
  await customer.connect(system.integration);
  await customer.operator.loaded([system.integration]);
  const key = await customer.keyFor(AGENT);
  const caller = await stage.gantry.callers.find(key);
  if (caller === null) throw new Error('the key is not known');
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
  const { users: everybody } = await sandbox.control<{ users: SourcePerson[] }>('GET', 'health');
  // The administrator, whose sign-in Gantry has, is always one of them.
  // Where the provider does not tell everything, it does not tell either who left: an operator has to end such links.
  const people = everybody
    .filter(({ active }) => system.isWhole || active)
    .slice(0, users)
    .map((person, at): Person => ({ ...person, principal: names[at] ?? person.username }));
  await linkAll({ system, sandbox, customer, operator }, people);
  const hear = (principal: string, text: string, asked: string): void => {
    const heard = told.get(principal) ?? new Set();
    // What somebody said themselves may come back to them.
    for (const [mark] of text.matchAll(marks)) if (!asked.includes(mark)) heard.add(mark);
    told.set(principal, heard);
  };
  const door = { url: stage.url, key };
  const [ask, mcp] = [createAsk(door, hear), createMcpAsks(door, hear)];
  const { tenant } = caller.caller;
  return { system, sandbox, customer, gantry: stage.gantry, tenant, people, ask, mcp, told, operator };
}

async function linkAll(
  { system, sandbox, customer, operator }: Pick<ParityStage, 'system' | 'sandbox' | 'customer' | 'operator'>,
  people: readonly Person[],
): Promise<void> {
  const tenant = customer.tenant;
  for (const { principal, username, id, active, apiKey } of people) {
    if (!system.signsIn) {
      await operator('POST', '/v1/principals', {
        tenant,
        principal,
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
      await operator('POST', `/v1/connections/${system.integration}/users/${encodeURIComponent(principal)}`, {
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
  const { users } = await sandbox.control<{ users: SourcePerson[] }>('GET', 'health');
  const [admin] = users;
  if (admin === undefined) throw new Error('nobody is there');
  for (const [object, field] of Object.entries(system.marked)) {
    const { ids } = sightOf(await sightsOf(sandbox, admin, [object]), object);
    for (const id of [...ids].slice(0, MARKED_PER_OBJECT)) {
      await sandbox.mutate({ op: 'update', object, id, fields: { [field]: markOf(object, id) } });
    }
  }
}
