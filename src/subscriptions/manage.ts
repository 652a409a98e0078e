import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import {
  addSubscription,
  agentHasKey,
  countDeadDeliveries,
  forgiveSubscription,
  listDeliveries,
  listSubscriptions,
  lockSubscription,
  nextNumber,
  readSubscription,
  removeSubscription,
  replayDeliveries,
  rotateSubscriptionSecret,
  setSubscriptionState,
  turnNow,
  type DeliveryAttempt,
  type ListedDelivery,
  type SubscriptionKey,
  type SubscriptionRow,
  type Tx,
} from '../store/index.ts';
import type { SubscriptionDeed, SubscriptionDeps } from './deps.ts';
import { statesBefore, type DeliveryState } from './delivery-state.ts';
import { readSpec, type EventWish } from './read-spec.ts';
import { checkReceiverUrl } from './receiver-agent.ts';
import { secretPurpose } from './secret-purpose.ts';
import { newEventSecret } from './sign-event.ts';
import { nextSubscriptionState, subscriptionStateOf } from './subscription-state.ts';

export interface NewSubscriptionWish extends EventWish {
  readonly agent: string;
  /** In whose name it is told; null or absent: the agent's own. */
  readonly principal?: string | null;
  readonly url: string;
  readonly note: string | null;
}

/** What operators do to subscriptions, `by` whom as the audit tells it. All but `create`, `list` and `dead` raise `not_found`. */
export interface Subscriptions {
  /** The secret is told here and never again. Raises what readSpec raises, and the subscription family's errors. */
  create(
    tenant: TenantId,
    wish: NewSubscriptionWish,
    by?: string | null,
  ): Promise<{ readonly row: SubscriptionRow; readonly secret: string }>;
  list(tenant: TenantId): Promise<readonly SubscriptionRow[]>;
  /** How many dead deliveries each has; those that have none are left out. */
  dead(tenant: TenantId): Promise<ReadonlyMap<number, number>>;
  show(key: SubscriptionKey): Promise<SubscriptionRow>;
  /** Both raise `subscription_state_conflict`, `resume` raises `subscription_agent_keyless`. */
  pause(key: SubscriptionKey, by?: string | null): Promise<SubscriptionRow>;
  resume(key: SubscriptionKey, by?: string | null): Promise<SubscriptionRow>;
  /** The new secret; the present one signs beside it for a day. */
  rotateSecret(key: SubscriptionKey, by?: string | null): Promise<string>;
  remove(key: SubscriptionKey, by?: string | null): Promise<void>;
  /** Sends again what ended in one of these states within this range of sequence numbers; returns how many. */
  replay(key: SubscriptionKey, range: ReplayRange, by?: string | null): Promise<number>;
  deliveries(
    key: SubscriptionKey,
    request: { readonly state: DeliveryState | null; readonly limit: number },
  ): Promise<{ readonly deliveries: readonly ListedDelivery[]; readonly attempts: readonly DeliveryAttempt[] }>;
}

export interface ReplayRange {
  readonly from: number;
  readonly to: number;
  /** Dead ones only, or whatever has ended. */
  readonly all: boolean;
}

export function createSubscriptions(deps: SubscriptionDeps): Subscriptions {
  const { db, vault, random } = deps;
  const told = async (tx: Tx, { tenant }: SubscriptionKey, deed: SubscriptionDeed): Promise<void> =>
    deps.changed?.(tx, tenant, deed);
  /** Locked, changed by `work`, and as it is then. */
  const changed =
    (
      key: SubscriptionKey,
      { done, by = null }: { readonly done: SubscriptionDeed['done']; readonly by: string | null | undefined },
      work: (tx: Tx, row: SubscriptionRow) => Promise<void>,
    ) =>
    async (tx: Tx): Promise<SubscriptionRow> => {
      await work(tx, found(await lockSubscription(tx, key)));
      const row = found(await readSubscription(tx, key));
      await told(tx, key, { row, done, by });
      return row;
    };
  return {
    create: (tenant, wish, by = null) => create(deps, tenant, wish, by),
    list: (tenant) => db.tenantRead(tenant, (tx) => listSubscriptions(tx, tenant)),
    dead: async (tenant) => {
      const counts = await db.tenantRead(tenant, (tx) => countDeadDeliveries(tx, tenant));
      return new Map(counts.map(({ subscription, count }) => [subscription, count]));
    },
    show: async (key) => found(await db.tenantRead(key.tenant, (tx) => readSubscription(tx, key))),
    pause: (key, by) =>
      db.tenantTx(
        key.tenant,
        changed(key, { done: 'paused', by }, (tx, row) => setSubscriptionState(tx, key, after(row, 'paused'))),
        'subscriptions.pause',
      ),
    resume: (key, by) =>
      db.tenantTx(
        key.tenant,
        changed(key, { done: 'resumed', by }, async (tx, row) => {
          const next = after(row, 'resumed');
          await requireKey(tx, key.tenant, row.agent);
          await setSubscriptionState(tx, key, next);
          await forgiveSubscription(tx, key);
          await turnNow(tx, key);
        }),
        'subscriptions.resume',
      ),
    rotateSecret: async (key, by) => {
      const secret = newEventSecret(random);
      await db.tenantTx(
        key.tenant,
        changed(key, { done: 'secret exchanged', by }, async (tx) => {
          const sealed = await vault.seal(tx, key.tenant, secretPurpose(key.id), secret);
          const previousUntil = new Date(tx.now.getTime() + limits.secretOverlapMs);
          await rotateSubscriptionSecret(tx, key, { secret: sealed, previousUntil });
        }),
        'subscriptions.rotate',
      );
      return secret;
    },
    remove: (key, by = null) => db.tenantTx(key.tenant, (tx) => remove(deps, tx, key, by), 'subscriptions.remove'),
    replay: (key, range, by = null) =>
      db.tenantTx(key.tenant, (tx) => replay(deps, tx, key, { ...range, by }), 'subscriptions.replay'),
    deliveries: (key, request) =>
      db.tenantRead(key.tenant, async (tx) => {
        found(await readSubscription(tx, key));
        return listDeliveries(tx, key, request);
      }),
  };
}

async function remove(deps: SubscriptionDeps, tx: Tx, key: SubscriptionKey, by: string | null): Promise<void> {
  const row = found(await lockSubscription(tx, key));
  if (!(await removeSubscription(tx, key))) throw unknown();
  await deps.changed?.(tx, key.tenant, { row, done: 'removed', by });
}

async function replay(
  deps: SubscriptionDeps,
  tx: Tx,
  key: SubscriptionKey,
  { from, to, all, by }: ReplayRange & { readonly by: string | null },
): Promise<number> {
  const row = found(await lockSubscription(tx, key));
  const states = all ? statesBefore('replayed') : ['dead'];
  const count = await replayDeliveries(tx, key, { states, from, to });
  await turnNow(tx, key);
  await deps.changed?.(tx, key.tenant, { row, done: 'sent again', by });
  return count;
}

async function create(
  { db, vault, random, viewerOf, rules, keepDays, changed }: SubscriptionDeps,
  tenant: TenantId,
  wish: NewSubscriptionWish,
  by: string | null,
): ReturnType<Subscriptions['create']> {
  const { principal = null } = wish;
  const viewer = await viewerOf(tenant, wish.agent, principal);
  if (viewer === null) {
    throw new GantryError('not_found', {
      message: `There is no agent "${wish.agent}" that can be told ${principal === null ? 'in its own name' : 'in the name of a user'}.`,
      where: principal === null ? 'agent' : 'principal',
      fix: 'See `acts_for` and `status` of the agent in gantry.yaml.',
    });
  }
  const { object, events, fields } = readSpec(viewer, wish);
  checkHistory(await keepDays(tenant));
  const { href: url } = checkReceiverUrl(wish.url, rules);
  const secret = newEventSecret(random);
  const row = await db.tenantTx(
    tenant,
    async (tx) => {
      await requireKey(tx, tenant, wish.agent);
      if ((await listSubscriptions(tx, tenant)).length >= limits.subscriptionsPerTenantMax) {
        throw new GantryError('subscriptions_too_many', {
          message: `This tenant has ${limits.subscriptionsPerTenantMax} subscriptions.`,
        });
      }
      const id = await nextNumber(tx, tenant, 'subscription');
      const sealed = await vault.seal(tx, tenant, secretPurpose(id), secret);
      const { agent, filter, note } = wish;
      await addSubscription(tx, {
        tenant,
        id,
        agent,
        principal,
        object,
        filter,
        events,
        fields,
        url,
        note,
        secret: sealed,
        state: 'active',
      });
      const made = found(await readSubscription(tx, { tenant, id }));
      await changed?.(tx, tenant, { row: made, done: 'made', by });
      return made;
    },
    'subscriptions.create',
  );
  return { row, secret };
}

/** What a record was before a change is needed to tell who may hear of it. Raises `subscription_unsupported`. */
export function checkHistory(days: number): void {
  if (days >= 1) return;
  throw new GantryError('subscription_unsupported', {
    message: 'The project keeps no earlier versions of records, so that changes cannot be judged.',
    where: 'history.keep',
    fix: 'Set `history: {keep: 14d}` or more in policies.',
  });
}

function after(row: SubscriptionRow, event: 'paused' | 'resumed'): { readonly state: string; readonly reason: null } {
  const state = nextSubscriptionState(subscriptionStateOf(row.state), event);
  if (state !== null) return { state, reason: null };
  throw new GantryError('subscription_state_conflict', {
    message: `The subscription is ${row.state}.`,
    where: 'state',
  });
}

/** Nothing is told for an agent that could not ask for it itself. */
async function requireKey(tx: Tx, tenant: TenantId, agent: string): Promise<void> {
  if (await agentHasKey(tx, tenant, agent)) return;
  throw new GantryError('subscription_agent_keyless', {
    message: `The agent "${agent}" has no good key at this tenant.`,
    where: 'agent',
  });
}

function found(row: SubscriptionRow | null): SubscriptionRow {
  if (row === null) throw unknown();
  return row;
}

const unknown = (): GantryError => new GantryError('not_found', { message: 'There is no such subscription.' });
