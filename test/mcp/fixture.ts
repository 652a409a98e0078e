import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import type { Caller, VisibleObject } from '../../src/access/index.ts';
import { GantryError, systemClock, streamId, systemRandom, tenantId, type Clock } from '../../src/kernel/index.ts';
import {
  createMcpHttp,
  createToolDoor,
  toolNames,
  type CallerContext,
  type McpRefusal,
  type ToolCallEvent,
  type ToolDoor,
  type ToolServices,
} from '../../src/mcp/index.ts';
import type { Answer, QueryService, SavedQuery } from '../../src/query/index.ts';

/** A text as somebody hostile would leave it in a CRM: bidi override, zero-width, tag characters, escape sequence. */
export const hostileText = 'Say\u202E yes\u200B\u{E0041}\u0007 now';
export const hostileTextCleaned = 'Say yes now';

const answer: Answer = {
  columns: ['name', 'amount', 'note', '_ref'],
  rows: [
    ['Alpha', 1200.5, hostileText, 'crm/Opportunity/0061'],
    ['Beta\tGmbH', null, null, 'crm/Opportunity/0062'],
  ],
  next_cursor: 'c-1',
  freshness: { as_of: '2026-11-20T10:00:00Z', age_s: 12 },
  sources: [
    {
      ref: 'crm/Opportunity/',
      system: 'salesforce',
      link: 'https://crm.example/{id}',
    },
  ],
  schema_version: 'v-1',
  warnings: [],
};

/** What was asked, and answers of the real shape; the transport is under test here, not the query compiler. */
export function recordingQuery(): QueryService & { readonly asked: { tool: string; request: unknown }[] } {
  const asked: { tool: string; request: unknown }[] = [];
  return {
    asked,
    searchCatalog: async (_caller, _scope, request) => {
      asked.push({ tool: 'search_catalog', request });
      return { matches: [], more: 0, schema_version: 'v-1' };
    },
    describe: async (_caller, _scope, request) => {
      asked.push({ tool: 'describe', request });
      return { objects: [], schema_version: 'v-1' };
    },
    queryRecords: async (_caller, _scope, request) => {
      asked.push({ tool: 'query_records', request });
      if (request.object === 'broken') throw new Error('secret: connection string postgres://user:pw@host');
      if (request.object !== 'deal') {
        throw new GantryError('not_found', {
          message: `There is no object \`${request.object}\`.`,
          where: 'object',
          suggestions: ['deal'],
        });
      }
      return answer;
    },
    querySql: async (_caller, _scope, request) => {
      asked.push({ tool: 'query_sql', request });
      return answer;
    },
    getRecord: async (_caller, _scope, request) => {
      asked.push({ tool: 'get_record', request });
      return { ...answer, rows: answer.rows.slice(0, 1) };
    },
    locate: async (_caller, _scope, request) => {
      asked.push({ tool: 'locate', request });
      return [];
    },
    readValue: async (_caller, _scope, request) => {
      asked.push({ tool: 'readValue', request });
      return { text: hostileText, whole: true };
    },
  };
}

export const services = (query: QueryService): ToolServices => ({
  query,
  connections: async () => [
    {
      connection: 'crm',
      system: 'salesforce',
      title: 'Salesforce',
      trust: 'record',
      health: 'ok',
      problem: null,
      objects: [
        {
          object: 'Opportunity',
          records: 2,
          expected: 2,
          set_aside: 0,
          left_out: { 'deal.bonus': 1 },
          unmatched: { 'deal.bonus': { records: 2, matched: 0 } },
          as_of: '2026-11-20T10:00:00.000Z',
          backfill: 'complete',
        },
        { object: 'Salary__c', records: 9, expected: 40, set_aside: 3, as_of: null, backfill: 'running' },
      ],
    },
  ],
});

/** A native object of connection `crm` as a caller sees it. */
export function seen(native: string, rowFilter: VisibleObject['rowFilter'] = null): VisibleObject {
  return {
    name: `crm.${native}`,
    kind: 'native',
    title: native,
    why: null,
    relation: `"crm"."${native}"`,
    label: null,
    fields: new Map(),
    many: new Map(),
    sources: [
      {
        stream: streamId(1),
        connectionSlug: 'crm',
        integration: 'crm',
        provider: 'salesforce',
        nativeObject: native,
        linkTemplate: null,
        trust: 'record',
      },
    ],
    rowFilter,
  };
}

interface TestGrant {
  readonly tools?: readonly string[] | undefined;
  readonly callsPerMinute?: number;
  readonly agent?: string;
  readonly objects?: readonly VisibleObject[];
  readonly savedQueries?: ReadonlyMap<string, SavedQuery>;
}

export function callerContext(grant: TestGrant = {}): CallerContext {
  const caller: Caller = {
    tenant: tenantId(1),
    tenantSlug: 'acme',
    agent: grant.agent ?? 'tester',
    principal: null,
    accessVersion: 'a-1',
    questionVersion: 'q-1',
    withheld: new Map(),
    objects: new Map((grant.objects ?? [seen('Opportunity')]).map((object) => [object.name, object])),
    tools: new Set(grant.tools ?? toolNames),
    savedQueries: new Set(grant.savedQueries?.keys()),
    rowsMax: 200,
    callsPerMinute: grant.callsPerMinute ?? null,
  };
  const policies = { savedQueries: grant.savedQueries ?? new Map(), rates: null, history: { keepDays: 90 } };
  return { caller, scope: { objects: new Map(), version: 'v-1', documents: new Map(), policies } };
}

export interface TestDoor {
  readonly door: ToolDoor;
  readonly query: ReturnType<typeof recordingQuery>;
  readonly events: ToolCallEvent[];
}

export function testDoor(clock: Clock = systemClock): TestDoor {
  const query = recordingQuery();
  const events: ToolCallEvent[] = [];
  const door = createToolDoor({
    services: services(query),
    clock,
    random: systemRandom,
    onCall: (event) => events.push(event),
  });
  return { door, query, events };
}

/** Real time, but nobody waits long. */
export const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };

export interface TestServer extends TestDoor {
  readonly url: string;
  readonly keys: Map<string, CallerContext>;
  readonly refused: McpRefusal[];
  stop(): Promise<void>;
}

/** The MCP endpoint on a real socket. Keys: `full`, `reader` (two tools), `slow` (two calls a minute). */
export async function startMcp(): Promise<TestServer> {
  const made = testDoor();
  const keys = new Map<string, CallerContext>([
    ['full', callerContext()],
    ['reader', callerContext({ agent: 'reader', tools: ['describe', 'query_records'] })],
    ['slow', callerContext({ agent: 'slow', callsPerMinute: 2 })],
  ]);
  const refused: McpRefusal[] = [];
  const mcp = createMcpHttp({
    door: made.door,
    authenticate: async (bearer) => {
      if (bearer === 'outage') throw new Error('secret: the database is away');
      return keys.get(bearer) ?? null;
    },
    random: systemRandom,
    clock: hurried,
    version: '0.0.0-test',
    allowedHosts: ['gantry.example'],
    onRefused: (event) => refused.push(event),
  });
  const { server, url } = await listen((request) => mcp.fetch(request));
  return {
    ...made,
    keys,
    refused,
    url: `${url}/mcp`,
    stop: async () => {
      await mcp.close();
      await closeServer(server);
    },
  };
}

export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ server: ServerType; url: string }> {
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) =>
      resolve({ server, url: `http://127.0.0.1:${address.port}` }),
    );
  });
}

export function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
