import {
  ControlError,
  createClock,
  randomToken,
  resolveOptions,
  startSandbox,
  type OAuthClient,
  type RunningSandbox,
  type SandboxOptions,
  type SandboxProvider,
} from '../kit/index.ts';
import { createWorld } from '../world/index.ts';
import { createAccount, type Account } from './account.ts';
import { createApi } from './api/dispatch.ts';
import { errorForStatus, invalidEndpoint } from './api/errors.ts';
import { changeSchema } from './change-schema.ts';
import { sharing } from './control/sharing.ts';
import { visible } from './control/visible.ts';
import { changedLimits } from './limits.ts';
import { mutate } from './mutate.ts';
import { createOAuth, type OAuthServer } from './oauth.ts';
import { signInUsers } from './sign-in-users.ts';

export interface ZendeskSandboxOptions extends SandboxOptions {
  /** Limits to start with, as `POST /__sandbox/limits` takes them: `{plan, highVolume, incrementalPerMinute, ...}`. */
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** Starts a help desk of the fictitious customer on 127.0.0.1. */
export async function startZendeskSandbox(options: ZendeskSandboxOptions = {}): Promise<RunningSandbox> {
  const resolved = resolveOptions(options);
  const clock = createClock(resolved.startsAt);
  const world = createWorld(resolved);
  const account = createAccount(world, clock);
  account.limits = changedLimits(account.limits, options.limits ?? {});

  let client: OAuthClient = {
    clientId: 'gantry_zendesk_sandbox',
    clientSecret: randomToken(32),
    redirectUris: resolved.redirectUris,
  };
  const oauth = createOAuth(account, () => client);
  const provider = providerOf(account, oauth, {
    client: () => client,
    setRedirectUris: (redirectUris) => {
      client = { ...client, redirectUris };
    },
  });
  return startSandbox(provider, resolved, clock);
}

function providerOf(
  account: Account,
  oauth: OAuthServer,
  app: Pick<SandboxProvider, 'client' | 'setRedirectUris'>,
): SandboxProvider {
  const api = createApi(account, oauth.tokens);
  return {
    provider: 'zendesk',
    routes: [
      ...oauth.routes,
      ...(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => ({
        method,
        path: '/api/v2/*',
        handle: api,
      })),
    ],
    notFound: invalidEndpoint,
    errorAnswer: errorForStatus,
    counts: () => ({
      tickets: account.records.tickets.liveCount(),
      organizations: account.records.organizations.liveCount(),
      users: account.records.users.liveCount(),
    }),
    get users() {
      return signInUsers(account);
    },
    client: app.client,
    setRedirectUris: app.setRedirectUris,
    deliveries: account.deliveries,
    failures: account.failures,
    observe: account.jobs.observe,
    close: account.jobs.close,
    controls: {
      jobs: ({ held }) => {
        if (typeof held !== 'boolean') throw new ControlError('jobs wants {held: true or false}');
        account.jobs.hold(held);
        return { held };
      },
      sharing: (input) => sharing(account, input),
      visible: (input) => visible(account, input),
      session: ({ users, scope }) => ({ tokens: oauth.sessions(users, scope) }),
    },
    mutate: (mutation) => mutate(account, mutation),
    changeSchema: (change) => changeSchema(account, change),
    revoke: ({ user, accessOnly }) => ({
      ended: accessOnly === true ? oauth.tokens.expireAccess(user) : oauth.tokens.revokeUser(user),
    }),
    limits: (input) => {
      account.limits = changedLimits(account.limits, input);
      return account.limits;
    },
  };
}
