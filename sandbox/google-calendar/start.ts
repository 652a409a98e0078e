import {
  createClock,
  ControlError,
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
import { errorForStatus, notFound } from './api/errors.ts';
import { changedLimits } from './limits.ts';
import { sharing } from './control/sharing.ts';
import { visible } from './control/visible.ts';
import { mutate } from './mutate.ts';
import { createOAuth } from './oauth/server.ts';

/** Starts the calendars of the fictitious customer on 127.0.0.1. */
export async function startGoogleCalendarSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const resolved = resolveOptions(options);
  const clock = createClock(resolved.startsAt);
  const account = createAccount(createWorld(resolved), clock);
  return startSandbox(providerOf(account, resolved.redirectUris), resolved, clock);
}

/** What `session` agrees to for everybody, unless it says otherwise: reading, and seeing who shares what. */
const SESSION_SCOPE = ['calendar.readonly', 'calendar.acls.readonly']
  .map((name) => `https://www.googleapis.com/auth/${name}`)
  .join(' ');

function providerOf(account: Account, redirectUris: readonly string[]): SandboxProvider {
  let client: OAuthClient = {
    clientId: '100000000000-gantrysandbox.apps.googleusercontent.com',
    clientSecret: `GOCSPX-${randomToken(21)}`,
    redirectUris,
  };
  const oauth = createOAuth(account, () => client);
  return {
    provider: 'google_calendar',
    routes: [...oauth.routes, ...createApi(account, oauth.tokens)],
    notFound,
    errorAnswer: errorForStatus,
    counts: () => ({ calendars: account.directory.calendars().length, events: account.events.liveCount() }),
    get users() {
      return account.people.signIn();
    },
    client: () => client,
    setRedirectUris: (uris) => {
      client = { ...client, redirectUris: uris };
    },
    deliveries: account.deliveries,
    failures: account.failures,
    controls: {
      sharing: (input) => sharing(account, input),
      visible: (input) => visible(account, input),
      session: ({ users, scope = SESSION_SCOPE }) => ({ tokens: oauth.sessions(users, String(scope)) }),
    },
    mutate: (mutation) => mutate(account, mutation),
    changeSchema: () => {
      throw new ControlError('calendars have no fields to change; properties come with events');
    },
    revoke: ({ user, accessOnly }) => ({
      ended: accessOnly === true ? oauth.tokens.expireAccess(user) : oauth.revokeUser(user),
    }),
    limits: ({ expireSyncTokens, ...input }) => {
      account.limits = changedLimits(account.limits, input);
      if (expireSyncTokens === true) account.epoch += 1;
      return account.limits;
    },
  };
}
