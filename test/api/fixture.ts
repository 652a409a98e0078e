import {
  createApi,
  type AlertUseCases,
  type ApprovalPageUseCases,
  type ApprovalUseCases,
  type BudgetUseCases,
  type ApiErrorEvent,
  type ErasureUseCases,
  type EventUseCases,
  type SubscriptionUseCases,
  type ConnectPageUseCases,
  type ConnectTokenUseCases,
  type ConnectionLifeUseCases,
  type ConnectionUseCases,
  type LensUseCases,
  type OffboardingUseCases,
  type Operator,
  type ProjectUseCases,
  type Readiness,
  type UserSignInUseCases,
  type VaultUseCases,
} from '../../src/api/index.ts';
import { roles } from '../../src/identity/index.ts';
import { approvalUseCases, noApprovalPage } from './approval-fixture.ts';
import { auditUseCases, checklistUseCases, switchUseCases } from './audit-fixture.ts';
import { noConsole } from './console-fixture.ts';
import { identityUseCases, principalUseCases } from './identity-fixture.ts';
import { syncUseCases } from './sync-fixture.ts';
import { writePlanUseCases } from './write-plan-fixture.ts';
import { GantryError, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import type { CallerContext } from '../../src/mcp/index.ts';
import { callerContext, closeServer, listen, testDoor, type TestDoor } from '../mcp/fixture.ts';

export interface TestApi extends TestDoor {
  readonly url: string;
  readonly done: { use: string; request: unknown }[];
  readonly errors: ApiErrorEvent[];
  readonly readiness: { now: Readiness };
  /** Every address that the app answers. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  stop(): Promise<void>;
}

export interface GivenApi {
  readonly events?: EventUseCases;
  readonly approvals?: ApprovalUseCases;
  readonly approvalPage?: ApprovalPageUseCases;
  /** Beside those with a role's name. */
  readonly findOperator?: (bearer: string) => Promise<Operator | null>;
}

/** Keys: `full` and `reader` are agents, `root` is an operator without a role, each role's name one who has it. */
export async function startApi(given: GivenApi = {}): Promise<TestApi> {
  const made = testDoor();
  const agents = new Map<string, CallerContext>([
    ['full', callerContext()],
    ['reader', callerContext({ agent: 'reader', tools: ['describe'] })],
  ]);
  const done: TestApi['done'] = [];
  const errors: ApiErrorEvent[] = [];
  const readiness: TestApi['readiness'] = { now: { ready: true, checks: { store: 'ok' } } };
  const app = createApi({
    takeDelivery: async () => ({ kind: 'unknown' }),
    makeWebhook: async () => ({ url: 'https://gantry.example.com/hooks/none', secret: 'none' }),
    tools: made.door,
    authenticate: async (bearer) => agents.get(bearer) ?? null,
    authenticateOperator: async (bearer) => {
      const role = roles.find((name) => name === bearer);
      const known = bearer === 'root' ? { name: 'root' } : role === undefined ? null : { name: `a ${role}`, role };
      return known ?? (await given.findOperator?.(bearer)) ?? null;
    },
    connections: useCases(done),
    connectionLife: lifeUseCases(done),
    sync: syncUseCases(done),
    connectTokens: connectTokenUseCases(done),
    connectPage: connectPageUseCases(done),
    project: projectUseCases(done),
    lens: lensUseCases(done),
    budgets: budgetUseCases(done),
    alerts: alertUseCases(done),
    audit: auditUseCases(done),
    checklist: checklistUseCases(done),
    switches: switchUseCases(done),
    console: noConsole,
    approvals: given.approvals ?? approvalUseCases(done),
    approvalPage: given.approvalPage ?? noApprovalPage,
    subscriptions: subscriptionUseCases(done),
    events: given.events ?? noEvents,
    users: userUseCases(done),
    vault: vaultUseCases(done),
    writePlans: writePlanUseCases(done),
    ...erasureUseCases(done),
    identity: identityUseCases(done),
    principals: principalUseCases(done),
    ready: async () => readiness.now,
    allowedHosts: ['gantry.example'],
    random: systemRandom,
    version: '0.0.0-test',
    onError: (event) => errors.push(event),
  });
  const { server, url } = await listen((request) => app.fetch(request));
  return { ...made, url, done, errors, readiness, routes: app.routes, stop: () => closeServer(server) };
}

function alertUseCases(done: TestApi['done']): AlertUseCases {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { use };
    };
  return {
    list: async (operator, request) => [await noted('list_alerts')(operator, request)],
    acknowledge: noted('acknowledge_alert'),
    routes: async (operator) => [await noted('list_alert_routes')(operator, {})],
    test: noted('test_alert_route'),
  };
}

function erasureUseCases(done: TestApi['done']): {
  readonly erasures: ErasureUseCases;
  readonly offboardings: OffboardingUseCases;
} {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { use };
    };
  return {
    erasures: {
      report: noted('report_erasure'),
      erase: noted('erase'),
      list: async (operator, request) => [await noted('list_erasures')(operator, request)],
      show: noted('show_erasure'),
      lift: noted('lift_erasure'),
    },
    offboardings: {
      begin: noted('offboard'),
      list: async (operator) => [await noted('list_offboardings')(operator, {})],
      show: noted('show_offboarding'),
    },
  };
}

function budgetUseCases(done: TestApi['done']): BudgetUseCases {
  return {
    list: async (_operator, request) => {
      done.push({ use: 'list_budgets', request });
      return [];
    },
  };
}

function lifeUseCases(done: TestApi['done']): ConnectionLifeUseCases {
  const noted =
    (use: string) =>
    async (_operator: Operator, request: { readonly connection: string }): Promise<JsonObject> => {
      done.push({ use, request });
      return { connection: request.connection };
    };
  return {
    show: noted('show'),
    pause: noted('pause'),
    resume: noted('resume'),
    revoke: noted('revoke'),
    remove: noted('remove'),
    deleted: async (_operator, request) => {
      done.push({ use: 'deleted', request });
      return [];
    },
  };
}

function connectTokenUseCases(done: TestApi['done']): ConnectTokenUseCases {
  return {
    create: async (_operator, request) => {
      done.push({ use: 'create_link', request });
      return {
        token: 't1',
        url: 'https://gantry.example/connect?token=t1',
        expiresAt: new Date('2026-11-21T00:15:00Z'),
      };
    },
    list: async (_operator, request) => {
      done.push({ use: 'list_links', request });
      return [];
    },
    revoke: async (_operator, request) => {
      done.push({ use: 'revoke_link', request });
      return { id: request.id };
    },
  };
}

/** Only `t1` is a token; everything on its pages is hostile text. */
function connectPageUseCases(done: TestApi['done']): ConnectPageUseCases {
  const evil = '<script>alert(1)</script>';
  const check = (token: string): void => {
    if (token !== 't1') throw new GantryError('connect_token_invalid', { message: 'This connect link is not known.' });
  };
  const choice = { integration: 'crm', title: `CRM ${evil}`, present: null };
  return {
    secure: false,
    offer: async (token) => {
      check(token);
      return { product: evil, tenant: 'acme', used: false, choices: [choice, { ...choice, integration: 'erp' }] };
    },
    consent: async (token) => {
      check(token);
      return {
        ...choice,
        product: evil,
        tenant: 'acme',
        connection: 'crm',
        system: 'Salesforce',
        reads: [{ title: `Account ${evil}`, native: 'Account', everyS: 300, days: null }],
        alsoReads: ['*__c'],
        writes: [],
        scopes: ['api'],
        browser: { addressNeeded: false, example: 'https://your-company.my.salesforce.com' },
        methods: [
          {
            name: 'api_key',
            title: 'API key',
            fields: [
              { name: 'url', title: 'Address', secret: false, optional: false },
              { name: 'api_key', title: 'Key', secret: true, optional: false },
            ],
          },
        ],
        formTargets: ['https://login.salesforce.com'],
        several: true,
      };
    },
    startBrowser: async (token, request) => {
      check(token);
      done.push({ use: 'page_browser', request });
      return 'https://login.salesforce.com/authorize?state=s1';
    },
    enter: async (token, request) => {
      check(token);
      done.push({ use: 'page_enter', request });
      if (request.values['api_key'] === 'wrong') {
        throw new GantryError('credentials_refused', { message: `Refused ${evil}.` });
      }
    },
    outcome: async (token) => {
      check(token);
      return {
        tenant: 'acme',
        connection: 'crm',
        system: 'Salesforce',
        accountName: evil,
        product: 'Acme Agents',
        returnUrl: 'https://app.example/back?status=connected',
      };
    },
  };
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

function userUseCases(done: TestApi['done']): UserSignInUseCases {
  return {
    signIn: async (_operator, request) => {
      done.push({ use: 'sign_in_user', request });
      return { user: request.user };
    },
    list: async (_operator, request) => {
      done.push({ use: 'list_user_sign_ins', request });
      return [];
    },
    signOut: async (_operator, request) => {
      done.push({ use: 'sign_out_user', request });
    },
  };
}

function vaultUseCases(done: TestApi['done']): VaultUseCases {
  return {
    status: async () => {
      done.push({ use: 'vault_status', request: {} });
      return { master_key: '0a1b2c3d' };
    },
    rotate: async (_operator, request) => {
      done.push({ use: 'rotate_vault', request });
      return { next: null };
    },
  };
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
    syncNow: async (_operator, request) => {
      done.push({ use: 'sync', request });
      return { queued: ['Opportunity'] };
    },
  };
}

const noEvents: EventUseCases = {
  follow: async () => {
    throw new GantryError('not_found', { message: 'no events here' });
  },
  read: async () => {
    throw new GantryError('not_found', { message: 'no events here' });
  },
};

function subscriptionUseCases(done: TestApi['done']): SubscriptionUseCases {
  const noted =
    (use: string) =>
    async (_: unknown, request: unknown): Promise<JsonObject> => {
      done.push({ use, request });
      return { id: 1 };
    };
  return {
    create: noted('create_subscription'),
    list: async (_, request) => [await noted('list_subscriptions')(_, request)],
    show: noted('show_subscription'),
    pause: noted('pause_subscription'),
    resume: noted('resume_subscription'),
    rotateSecret: noted('rotate_secret'),
    remove: async (_, request) => void (await noted('remove_subscription')(_, request)),
    replay: noted('replay_deliveries'),
    deliveries: async (_, request) => [await noted('list_deliveries')(_, request)],
  };
}
