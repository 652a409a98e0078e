import {
  createApi,
  type ApiErrorEvent,
  type ConnectionUseCases,
  type LensUseCases,
  type Operator,
  type ProjectUseCases,
  type Readiness,
} from '../../src/api/index.ts';
import { GantryError, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import type { CallerContext } from '../../src/mcp/index.ts';
import { callerContext, closeServer, listen, testDoor, type TestDoor } from '../mcp/fixture.ts';

export interface TestApi extends TestDoor {
  readonly url: string;
  readonly done: { use: string; request: unknown }[];
  readonly errors: ApiErrorEvent[];
  readonly readiness: { now: Readiness };
  stop(): Promise<void>;
}

/** Keys: `full` and `reader` are agents, `root` is an operator. */
export async function startApi(): Promise<TestApi> {
  const made = testDoor();
  const agents = new Map<string, CallerContext>([
    ['full', callerContext()],
    ['reader', callerContext({ agent: 'reader', tools: ['describe'] })],
  ]);
  const done: TestApi['done'] = [];
  const errors: ApiErrorEvent[] = [];
  const readiness: TestApi['readiness'] = { now: { ready: true, checks: { store: 'ok' } } };
  const app = createApi({
    tools: made.door,
    authenticate: async (bearer) => agents.get(bearer) ?? null,
    authenticateOperator: async (bearer) => (bearer === 'root' ? { name: 'root' } : null),
    connections: useCases(done),
    project: projectUseCases(done),
    lens: lensUseCases(done),
    ready: async () => readiness.now,
    allowedHosts: ['gantry.example'],
    random: systemRandom,
    version: '0.0.0-test',
    onError: (event) => errors.push(event),
  });
  const { server, url } = await listen((request) => app.fetch(request));
  return { ...made, url, done, errors, readiness, stop: () => closeServer(server) };
}

function lensUseCases(done: TestApi['done']): LensUseCases {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: { readonly tenant: string }): Promise<JsonObject> => {
      done.push({ use, request });
      return { tenant: request.tenant };
    };
  return { status: noted('lens_status'), rebuild: noted('rebuild_lens'), snapshot: noted('snapshot_lens') };
}

function projectUseCases(done: TestApi['done']): ProjectUseCases {
  return {
    revisions: async (_operator, request) => {
      done.push({ use: 'revisions', request });
      return [{ revision: 2, current: true }];
    },
    showOverlay: async (_operator, request) => {
      done.push({ use: 'show_overlay', request });
      return { tenant: request.tenant, overlay: null, versions: [] };
    },
    setOverlay: async (_operator, request) => {
      done.push({ use: 'set_overlay', request });
      return { tenant: request.tenant, version: 1, changed: true };
    },
    removeOverlay: async (_operator, request) => {
      done.push({ use: 'remove_overlay', request });
      return { tenant: request.tenant, version: 2, changed: true };
    },
  };
}

function useCases(done: TestApi['done']): ConnectionUseCases {
  return {
    startConnect: async (_operator, request) => {
      done.push({ use: 'start', request });
      return {
        connection: request.connection ?? request.integration,
        authorizeUrl: 'https://login.example/authorize?state=s1',
        expiresAt: new Date('2026-11-21T00:10:00Z'),
      };
    },
    finishConnect: async (request) => {
      done.push({ use: 'finish', request });
      if (request.state === 'burst') throw new Error('token endpoint said: secret');
      if (request.state !== 's1') {
        throw new GantryError('not_found', { message: `No connect attempt <b>${request.state}</b> is open.` });
      }
      return {
        tenant: 'acme',
        connection: 'crm',
        system: 'Salesforce',
        accountName: '<script>alert(1)</script> & "Sons"',
      };
    },
    signInMethods: async (_operator, request) => {
      done.push({ use: 'methods', request });
      return {
        system: 'Odoo',
        browser: false,
        methods: [
          {
            name: 'api_key',
            title: 'API key',
            fields: [{ name: 'api_key', title: 'Key', secret: true, optional: false }],
          },
        ],
      };
    },
    signIn: async (_operator, request) => {
      done.push({ use: 'sign_in', request });
      return { tenant: request.tenant, connection: 'erp', system: 'Odoo', accountName: 'Globex' };
    },
    abandonConnect: async (request) => {
      done.push({ use: 'abandon', request });
    },
    list: async (_operator, request) => {
      done.push({ use: 'list', request });
      return [{ connection: 'crm', health: 'ok' }];
    },
    quarantine: async (_operator, request) => {
      done.push({ use: 'quarantine', request });
      return [{ object: 'Opportunity', field: 'Amount', reason: 'expected a number, got text' }];
    },
    syncNow: async (_operator, request) => {
      done.push({ use: 'sync', request });
      return { queued: ['Opportunity'] };
    },
  };
}
