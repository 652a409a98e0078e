import {
  ControlError,
  createClock,
  html,
  json,
  resolveOptions,
  startSandbox,
  type RunningSandbox,
  type SandboxOptions,
  type SandboxProvider,
  type SandboxRequest,
  type SandboxUser,
} from '../kit/index.ts';
import { jsonRpc, versionInfoCall } from './api/jsonrpc.ts';
import { httpError, json2 } from './api/json2.ts';
import { NOT_FOUND_PAGE } from './api/pages.ts';
import { xmlRpc } from './api/xmlrpc.ts';
import { changeSchema } from './control/change-schema.ts';
import { mutate } from './control/mutate.ts';
import { sharing } from './control/sharing.ts';
import { visible } from './control/visible.ts';
import { createLimits } from './limits.ts';
import { createOrg, type Org } from './org.ts';
import { serie, versionInfo, type OdooVersion } from './version.ts';

export interface OdooSandboxOptions extends SandboxOptions {
  /** Default 19. */
  readonly odooVersion?: OdooVersion;
}

/** Starts an Odoo with one customised database on 127.0.0.1. */
export async function startOdooSandbox(options: OdooSandboxOptions = {}): Promise<RunningSandbox> {
  const resolved = resolveOptions(options);
  const clock = createClock(resolved.startsAt);
  const org = createOrg(resolved, options.odooVersion ?? 19, clock);
  return startSandbox(providerOf(org), resolved, clock);
}

function providerOf(org: Org): SandboxProvider {
  const limits = createLimits(org.clock);
  const withJson2 = org.version >= 19;
  return {
    provider: 'odoo',
    routes: [
      { method: 'POST', path: '/jsonrpc', handle: (request) => jsonRpc(org, request) },
      { method: 'POST', path: '/xmlrpc/2/:service', handle: (request) => xmlRpc(org, request) },
      { method: 'POST', path: '/web/webclient/version_info', handle: (request) => versionInfoCall(org, request) },
      ...(withJson2
        ? ([
            {
              method: 'POST',
              path: '/json/2/:model/:method',
              handle: (request: SandboxRequest) => json2(org, request),
            },
            {
              method: 'GET',
              path: '/web/version',
              handle: () => json(200, { version_info: versionInfo(org.version), version: `${serie(org.version)}+e` }),
            },
          ] as const)
        : []),
    ],
    notFound: (request) =>
      withJson2 && /^\/json\/2(\/|$)/.test(request.path)
        ? httpError('NotFound', 404, 'Did you mean POST /json/2/<model>/<method>?')
        : html(404, NOT_FOUND_PAGE),
    errorAnswer: (status) =>
      html(status, `<html><head><title>${status}</title></head><body><h1>${status}</h1><hr>nginx</body></html>`),
    begin: () => limits.admit(),
    counts: () =>
      Object.fromEntries(
        org.registry
          .modelNames()
          .filter((name) => !name.startsWith('ir.') && org.registry.get(name)?.kind === 'table')
          .map((name) => [name, org.table(name).liveCount()]),
      ),
    get users() {
      return users(org);
    },
    client: () => null,
    setRedirectUris: () => {
      throw new ControlError('this Odoo has no OAuth app');
    },
    details: () => ({ database: org.database, version: serie(org.version) }),
    deliveries: org.deliveries,
    failures: org.failures,
    controls: {
      sharing: (input) => sharing(org, input),
      visible: (input) => visible(org, input),
      session: ({ users: wanted }) => ({
        tokens: Object.fromEntries(
          org
            .logins()
            .filter(
              ({ login, active }) => active && (wanted === 'all' || (Array.isArray(wanted) && wanted.includes(login))),
            )
            .map(({ uid, login }) => [login, org.keys.of(uid)]),
        ),
      }),
    },
    mutate: (mutation) => mutate(org, mutation),
    changeSchema: (change) => changeSchema(org, change),
    revoke: ({ user }) => {
      const login = org.logins().find((each) => each.login === user || String(each.uid) === user);
      if (user !== undefined && login === undefined) throw new ControlError(`no user ${user}`);
      return { ended: org.keys.renew(login?.uid) };
    },
    limits: ({ commitMs = org.commitMs, ...input }) => {
      if (typeof commitMs !== 'number' || commitMs < 0) throw new ControlError('commitMs must be a number from 0');
      org.commitMs = commitMs;
      return { ...limits.change(input), commitMs };
    },
  };
}

/** The portal user stands last; its role is that of any user. */
function users(org: Org): readonly SandboxUser[] {
  return org.logins().map(({ uid, login, password, name, active }, index) => ({
    username: login,
    password,
    id: String(uid),
    name,
    role: index === 0 ? 'admin' : 'user',
    active,
    apiKey: org.keys.of(uid),
  }));
}
