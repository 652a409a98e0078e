import {
  ControlError,
  createClock,
  createTokenStore,
  randomToken,
  resolveOptions,
  startSandbox,
  type OAuthClient,
  type RunningSandbox,
  type SandboxOptions,
  type SandboxProvider,
} from '../kit/index.ts';
import { changeSchema } from './control/change-schema.ts';
import { mutate } from './control/mutate.ts';
import { oauthRoutes } from './oauth.ts';
import { createOrg, type Org } from './org.ts';
import { apiError, errorOfStatus, notFound } from './rest/errors.ts';
import { createLimits } from './rest/limits.ts';
import { restRoutes } from './rest/routes.ts';

/** A customised Salesforce org over HTTP: OAuth, describe, SOQL, limits. */
export async function startSalesforceSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const resolved = resolveOptions(options);
  const clock = createClock(resolved.startsAt);
  const org = createOrg(resolved, clock);
  return startSandbox(salesforceProvider(org, resolved.redirectUris), resolved, clock);
}

function salesforceProvider(org: Org, redirectUris: readonly string[]): SandboxProvider {
  let client: OAuthClient = {
    clientId: '3MVG9sandbox.gantry.connected.app',
    clientSecret: 'salesforce-sandbox-secret',
    redirectUris,
  };
  const limits = createLimits(org.clock, org.users.filter((user) => user.active).length);
  const tokens = createTokenStore({
    clock: org.clock,
    accessTtlMs: () => limits.settings.sessionTimeoutMs,
    rotateRefresh: false,
    accessToken: () => `${org.id.slice(0, 15)}!${randomToken(60)}`,
  });
  return {
    provider: 'salesforce',
    routes: [...oauthRoutes(org, () => client, tokens), ...restRoutes(org, tokens, limits)],
    notFound,
    errorAnswer: errorOfStatus,
    begin: (request) => {
      if (!request.path.startsWith('/services/data/')) return { kind: 'admitted', end: () => undefined };
      const end = limits.enter();
      if (end !== null) return { kind: 'admitted', end };
      return {
        kind: 'refused',
        response: apiError(
          403,
          'REQUEST_LIMIT_EXCEEDED',
          'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
        ),
      };
    },
    counts: () => counts(org),
    users: org.users,
    client: () => client,
    setRedirectUris: (uris) => {
      client = { ...client, redirectUris: uris };
    },
    mutate: (mutation) => mutate(org, mutation),
    changeSchema: (change) => changeSchema(org, change),
    revoke: ({ user, accessOnly }) => {
      const known = org.users.find((one) => one.username === user || one.id === user);
      if (user !== undefined && known === undefined) throw new ControlError(`no user ${user}`);
      return { ended: accessOnly === true ? tokens.expireAccess(known?.username) : tokens.revokeUser(known?.username) };
    },
    limits: (input) => limits.change(input),
  };
}

function counts(org: Org): Readonly<Record<string, number>> {
  const stored = org.schema.objects().filter((object) => object.queryable);
  return Object.fromEntries(stored.map((object) => [object.name, org.table(object.name).liveCount()]));
}
