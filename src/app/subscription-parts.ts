import { createCallerCache } from '../access/index.ts';
import type { EventUseCases, SubscriptionUseCases } from '../api/index.ts';
import {
  bearerRefused,
  GantryError,
  limits,
  type JsonObject,
  type RequestFrom,
  type TenantId,
} from '../kernel/index.ts';
import { refuseMissing, type CallerContext, type FollowEvents, type ReadEvents } from '../mcp/index.ts';
import type { Clock, Random } from '../kernel/index.ts';
import {
  findTenant,
  type Db,
  type DeliveryAttempt,
  type ListedDelivery,
  type SubscriptionKey,
  type SubscriptionRow,
} from '../store/index.ts';
import {
  createChangeBell,
  createReceiverAgent,
  createSubscriptions,
  deliveryStates,
  followEvents,
  readEvent,
  readEventPage,
  sentEvents,
  startSubscriptionWorker,
  type SubscriptionDeps,
  type SubscriptionWorker,
} from '../subscriptions/index.ts';
import type { AppendAudit } from '../audit/index.ts';
import type { Vault } from '../vault/index.ts';
import { keepSubscriptionDeeds } from './audit/subscription-deeds.ts';
import type { AgentStops } from './callers/agent-stops.ts';
import type { AccessReader } from './callers/callers.ts';
import type { Catalogues } from './project/catalogues.ts';
import type { Config } from './config.ts';
import type { EventSink } from './events.ts';
import type { TenantManifests } from './project/tenant-manifests.ts';

export interface SubscriptionPartDeps {
  readonly config: Config;
  readonly db: Db;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
  readonly manifests: TenantManifests;
  readonly catalogues: Catalogues;
  readonly findCaller: (bearer: string, from: RequestFrom) => Promise<CallerContext | null>;
  readonly access: AccessReader;
  readonly stops: AgentStops;
  readonly append: AppendAudit;
}

export interface SubscriptionParts {
  readonly subscriptions: SubscriptionUseCases;
  readonly events: EventUseCases;
  /** The same over MCP. */
  readonly readEvents: ReadEvents;
  readonly followEvents: FollowEvents;
  /** Begins to deliver. */
  start(): void;
  /** Lets the attempts under way end. */
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

/** Telling others of changes: what operators and agents may do, and the worker that delivers. */
export async function createSubscriptionParts(parts: SubscriptionPartDeps): Promise<SubscriptionParts> {
  const { config, db, vault, clock, random, emit, manifests, findCaller } = parts;
  const rules = { toLoopback: config.eventsToLoopback === true };
  const receivers = createReceiverAgent(rules);
  const bell = await createChangeBell(db, clock);
  const deps: SubscriptionDeps = {
    db,
    vault,
    clock,
    random,
    onEvent: emit,
    viewerOf: viewerOf(parts),
    keepDays: async (tenant) =>
      (await manifests.of(tenant))?.manifest.policies.history.keepDays ?? limits.historyKeepDays,
    rules,
    receivers,
    publicUrl: config.publicUrl,
    changed: keepSubscriptionDeeds(parts.append),
  };
  let worker: SubscriptionWorker | null = null;
  return {
    subscriptions: useCases(deps),
    events: {
      follow: (bearer, wish, signal, from) =>
        followEvents({ ...deps, bell }, askReader(findCaller, bearer, from), wish, signal),
      read: async (bearer, { seq, ...wish }, from) => {
        return readEvent(deps, await knownReader(findCaller, bearer, from), wish, seq);
      },
    },
    readEvents: (context, wish) => readEventPage(deps, context, wish),
    followEvents: async (bearer, wish, signal, from) => {
      const items = await followEvents({ ...deps, bell }, askReader(findCaller, bearer, from), wish, signal);
      return sentEvents(items, config.publicUrl, wish.object);
    },
    start: () => {
      worker ??= startSubscriptionWorker(deps, `events-${Buffer.from(random.bytes(6)).toString('hex')}`);
    },
    stopWorker: async () => worker?.stop(),
    close: async () => {
      await bell.stop();
      await receivers.destroy();
    },
  };
}

/** Raises `insufficient_scope` for a token that may not read. */
async function readerOf(
  find: SubscriptionPartDeps['findCaller'],
  bearer: string,
  from: RequestFrom,
): Promise<CallerContext | null> {
  const context = await find(bearer, from);
  if (context !== null) refuseMissing(context, 'events');
  return context;
}

/** Raises `unauthenticated` where nobody is behind the bearer, with the advice that is meant for keys, or for tokens. */
async function knownReader(
  find: SubscriptionPartDeps['findCaller'],
  bearer: string,
  from: RequestFrom,
): Promise<CallerContext> {
  const context = await readerOf(find, bearer, from);
  if (context === null) throw bearerRefused(bearer, 'The key is not valid any more.');
  return context;
}

/** Who follows must be somebody at first; a stream under way ends where nobody is any more. */
function askReader(...known: Parameters<typeof readerOf>): () => Promise<CallerContext | null> {
  let ask: typeof readerOf = knownReader;
  return async () => {
    const context = await ask(...known);
    ask = readerOf;
    return context;
  };
}

/** An agent at a tenant as the project in force has it, in the name of a user as the sources show them things now. */
function viewerOf({ manifests, catalogues, access, stops }: SubscriptionPartDeps): SubscriptionDeps['viewerOf'] {
  const callers = createCallerCache();
  return async (tenant, name, principal) => {
    const agent = (await manifests.of(tenant))?.manifest.agents.get(name);
    if (agent === undefined || agent.status === 'suspended' || (await stops.stopOf(name)) !== null) return null;
    const actsFor = agent.actsFor ?? 'service';
    if (actsFor === (principal === null ? 'users' : 'service')) return null;
    const rights = principal === null ? null : await access.rightsOf(tenant, principal);
    const catalogue = await catalogues.of(tenant);
    const tenantSlug = await manifests.slugOf(tenant);
    return { caller: callers.get({ agent, catalogue, tenant, tenantSlug, rights }), scope: catalogue };
  };
}

function useCases(deps: SubscriptionDeps): SubscriptionUseCases {
  const subscriptions = createSubscriptions(deps);
  const keyOf = async ({ tenant, id }: { readonly tenant: string; readonly id: number }) => ({
    tenant: await tenantNamed(deps.db, tenant),
    id,
  });
  /** What `work` leaves of the subscription, and how many of its deliveries are dead. */
  const shownAfter = async (
    request: { readonly tenant: string; readonly id: number },
    work: (key: SubscriptionKey) => Promise<SubscriptionRow>,
  ): Promise<JsonObject> => {
    const key = await keyOf(request);
    return shown(await work(key), await subscriptions.dead(key.tenant));
  };
  return {
    create: async ({ name }, { tenant, ...wish }) => {
      const { row, secret } = await subscriptions.create(await tenantNamed(deps.db, tenant), wish, name);
      return { ...shown(row, new Map()), secret };
    },
    list: async (_, { tenant }) => {
      const id = await tenantNamed(deps.db, tenant);
      const dead = await subscriptions.dead(id);
      return (await subscriptions.list(id)).map((row) => shown(row, dead));
    },
    show: (_, request) => shownAfter(request, subscriptions.show),
    pause: ({ name }, request) => shownAfter(request, (key) => subscriptions.pause(key, name)),
    resume: ({ name }, request) => shownAfter(request, (key) => subscriptions.resume(key, name)),
    rotateSecret: async ({ name }, request) => ({
      secret: await subscriptions.rotateSecret(await keyOf(request), name),
    }),
    remove: async ({ name }, request) => subscriptions.remove(await keyOf(request), name),
    replay: async ({ name }, { from, to, all, ...request }) => ({
      replayed: await subscriptions.replay(await keyOf(request), { from, to, all }, name),
    }),
    deliveries: async (_, { state, limit, ...request }) => {
      const wanted = deliveryStates.find((name) => name === state) ?? null;
      const { deliveries, attempts } = await subscriptions.deliveries(await keyOf(request), { state: wanted, limit });
      return deliveries.map((each) => shownDelivery(each, attempts));
    },
  };
}

async function tenantNamed(db: Db, slug: string): Promise<TenantId> {
  const row = await findTenant(db, slug);
  if (row !== null) return row.id;
  throw new GantryError('not_found', { message: `There is no tenant "${slug}".`, where: 'tenant' });
}

function shown(row: SubscriptionRow, dead: ReadonlyMap<number, number>): JsonObject {
  return {
    id: row.id,
    agent: row.agent,
    principal: row.principal,
    object: row.object,
    filter: row.filter,
    events: [...row.events],
    fields: row.fields === null ? null : [...row.fields],
    url: row.url,
    note: row.note,
    state: row.state,
    reason: row.reason,
    told_up_to: row.cursor,
    dead: dead.get(row.id) ?? 0,
    failures: row.failures,
    failing_since: row.failingSince?.toISOString() ?? null,
    rests_until: row.restsUntil?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

function shownDelivery(row: ListedDelivery, attempts: readonly DeliveryAttempt[]): JsonObject {
  return {
    sequence: row.seq,
    type: row.type,
    _ref: row.ref,
    state: row.state,
    cause: row.cause,
    due_at: row.state === 'due' ? row.dueAt.toISOString() : null,
    ended_at: row.endedAt?.toISOString() ?? null,
    attempts: attempts
      .filter(({ seq }) => seq === row.seq)
      .map(({ at, status, cause, tookMs }) => ({ at: at.toISOString(), status, cause, took_ms: tookMs })),
  };
}
