import {
  ControlError,
  createClock,
  createTokenStore,
  createWriteFailures,
  randomToken,
  resolveOptions,
  startSandbox,
  type Mutation,
  type RunningSandbox,
  type SandboxOptions,
  type SandboxProvider,
  type TokenStore,
} from '../kit/index.ts';
import { createIngestJobs } from './bulk/ingest-jobs.ts';
import { createQueryJobs } from './bulk/jobs.ts';
import { bulkControl } from './bulk/routes.ts';
import { commit } from './control/commit.ts';
import { changeSchema } from './control/change-schema.ts';
import { changeRecordType } from './control/change-record-type.ts';
import { mutate } from './control/mutate.ts';
import { validate } from './control/validate.ts';
import { oauthRoutes } from './oauth.ts';
import { createOrg, type Org, type OrgExtras } from './org.ts';
import { startPubSub, type PubSub } from './pubsub/server.ts';
import { apiError, errorOfStatus, notFound } from './rest/errors.ts';
import { createLimits, type Limits } from './rest/limits.ts';
import { restRoutes } from './rest/routes.ts';
import { changeSharing } from './sharing/control.ts';
import { derivedObjects } from './sharing/share-objects.ts';
import { visible } from './sharing/visible.ts';
import { createSaver } from './writes/saver.ts';
import { createConnectedApp, type ConnectedApp } from './sign-in/connected-app.ts';

export interface SalesforceOptions extends SandboxOptions, OrgExtras {
  /** Certificate or public key (PEM) of the connected app, for JWT bearer; the control API can set it later. */
  readonly certificate?: string;
  /** Port of the Pub/Sub API; 0 (default) takes a free one. */
  readonly pubsubPort?: number;
  /** An org of so many users, in which not everybody sees everything; absent: the usual one, where everybody does. */
  readonly users?: number;
}

/**
 * A customised Salesforce org over HTTP: OAuth, describe, SOQL, bulk queries,
 * Tooling and UI API, limits. Beside it, over gRPC, the org's change events.
 */
export async function startSalesforceSandbox(options: SalesforceOptions): Promise<RunningSandbox> {
  const resolved = resolveOptions(options);
  const clock = createClock(resolved.startsAt);
  const org = createOrg(resolved, clock, options);
  if (options.users !== undefined) changeSharing(org, { generate: { users: options.users, seed: resolved.seed } });
  const app = createConnectedApp(resolved.redirectUris, options.certificate ?? null);
  const limits = createLimits(clock, org.users.filter((user) => user.active).length);
  const tokens = orgTokens(org, limits);
  const pubsub = await startPubSub(org, tokens, options.pubsubPort ?? 0);
  const running = await startSandbox(salesforceProvider(org, app, { limits, tokens, pubsub }), resolved, clock);
  return {
    ...running,
    stop: async () => {
      pubsub.stop();
      await running.stop();
    },
  };
}

interface OrgParts {
  readonly limits: Limits;
  readonly tokens: TokenStore;
  readonly pubsub: PubSub;
}

function salesforceProvider(org: Org, app: ConnectedApp, { limits, tokens, pubsub }: OrgParts): SandboxProvider {
  const jobs = createQueryJobs(org, limits);
  const failures = createWriteFailures();
  const saver = createSaver(org, failures, ({ op, object, id, fields }, userId) =>
    pubsub.noted({ op, object, id, fields }, id, userId),
  );
  const ingest = createIngestJobs(org, limits, saver);
  return {
    provider: 'salesforce',
    routes: [...oauthRoutes(org, app, tokens), ...restRoutes(org, { tokens, limits, jobs, ingest, saver })],
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
    client: app.client,
    setRedirectUris: app.setRedirectUris,
    controls: {
      'connected-app': app.configure,
      bulk: bulkControl(jobs, ingest),
      'duplicate-rules': saver.duplicates.change,
      permissions: org.sharing.rights.change,
      sharing: (input) => {
        const before = org.users.length;
        const answer = changeSharing(org, input);
        if (org.users.length > before) limits.licences(org.users.filter((user) => user.active).length);
        return answer;
      },
      visible: (input) => visible(org, input),
      session: (input) => sessions(org, app, tokens, input),
      commit: (input) => commit(org, org.late, input),
      'record-types': (input) => changeRecordType(org, input),
      validate: (input) => validate(org, input),
      pubsub: pubsub.control,
    },
    failures,
    observe: ingest.observe,
    close: ingest.close,
    details: () => ({ pubsub: pubsub.address }),
    mutate: (mutation) => {
      const done = mutateShared(org, mutation);
      pubsub.noted(mutation, done.id);
      return done;
    },
    changeSchema: (change) => changeSchema(org, change),
    revoke: ({ user, accessOnly }) => {
      const known = org.users.find((one) => one.username === user || one.id === user);
      if (user !== undefined && known === undefined) throw new ControlError(`no user ${user}`);
      return { ended: accessOnly === true ? tokens.expireAccess(known?.username) : tokens.revokeUser(known?.username) };
    },
    limits: (input) => limits.change(input),
  };
}

function orgTokens(org: Org, limits: Limits): TokenStore {
  return createTokenStore({
    clock: org.clock,
    accessTtlMs: () => limits.settings.sessionTimeoutMs,
    rotateRefresh: false,
    // The platform asks for 128 random bytes, which are 171 characters: more than the RFC allows.
    verifierMax: 171,
    accessToken: () => `${org.id.slice(0, 15)}!${randomToken(60)}`,
  });
}

/** A change to a record, with what follows from it for who sees it. */
function mutateShared(org: Org, mutation: Mutation): ReturnType<typeof mutate> {
  const { records } = org.sharing;
  const before = mutation.id === undefined ? null : records.locate(mutation.id);
  const owner = before === null ? null : records.owner(before.object, before.row);
  const done = mutate(org, mutation);
  const after = records.locate(done.id);
  if (after === null) return done;
  org.sharing.touched(after.object, after.row);
  if (before !== null && records.owner(after.object, after.row) !== owner)
    org.sharing.ownerChanged(after.object, records.id(after.object, after.row));
  return done;
}

/** Access tokens of users, as if each had signed in: `{users: [username, ...] or "all"}`. */
function sessions(
  org: Org,
  app: ConnectedApp,
  tokens: TokenStore,
  { users }: Readonly<Record<string, unknown>>,
): unknown {
  const named = users === 'all' ? org.users.filter((user) => user.active).map(({ username }) => username) : users;
  if (!Array.isArray(named)) throw new ControlError('session wants {users: [username, ...] or "all"}');
  const { clientId } = app.client();
  const entries = named.map((name: unknown) => {
    const user = org.users.find((one) => one.username === name || one.id === name);
    if (user === undefined || !user.active) throw new ControlError(`no active user ${String(name)}`);
    return [user.username, tokens.issueAccess({ user, clientId, scope: 'api' }).accessToken];
  });
  return { tokens: Object.fromEntries(entries) as unknown };
}

function counts(org: Org): Readonly<Record<string, number>> {
  const worked = new Set(derivedObjects(org.schema.objects()).map((object) => object.name));
  const stored = org.schema.objects().filter((object) => object.queryable && !worked.has(object.name));
  return Object.fromEntries(stored.map((object) => [object.name, org.table(object.name).liveCount()]));
}
