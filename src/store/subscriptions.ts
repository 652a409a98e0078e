import type { JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** `state` is src/subscriptions' own, opaque here. */
export interface SubscriptionRow {
  readonly id: number;
  readonly agent: string;
  /** The user in whose name it is told; null: the agent itself. */
  readonly principal: string | null;
  readonly object: string;
  readonly filter: JsonObject;
  readonly events: readonly string[];
  readonly fields: readonly string[] | null;
  readonly url: string;
  readonly note: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly cursor: number;
  readonly failingSince: Date | null;
  readonly failures: number;
  readonly restsUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface SubscriptionSecrets {
  readonly current: Uint8Array;
  readonly previous: Uint8Array | null;
  readonly previousUntil: Date | null;
}

export interface SubscriptionKey {
  readonly tenant: TenantId;
  readonly id: number;
}

/** A subscription that a worker has, until its lease ends. */
export interface SubscriptionTurn {
  readonly tenant: TenantId;
  readonly subscription: number;
}

const columns = `id, agent, principal, object, filter, events, fields, url, note, state, reason, cursor,
    failing_since as "failingSince", failures, rests_until as "restsUntil",
    created_at as "createdAt", updated_at as "updatedAt"`;

export const subscriptionsSql = {
  add: `insert into subscription (tenant, id, agent, object, filter, events, fields, url, note, secret, state, cursor,
      created_at, updated_at, principal)
    values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9, $10, $11,
      coalesce((select seq from change_head where tenant = $1), 0), $12, $12, $13)`,
  list: `select ${columns} from subscription where tenant = $1 order by id`,
  read: `select ${columns} from subscription where tenant = $1 and id = $2`,
  lock: `select ${columns} from subscription where tenant = $1 and id = $2 for update`,
  secrets: `select secret as current, previous_secret as previous, previous_until as "previousUntil"
    from subscription where tenant = $1 and id = $2`,
  rotate: `update subscription set previous_secret = secret, previous_until = $4, secret = $3, updated_at = $5
    where tenant = $1 and id = $2 returning id`,
  setState: 'update subscription set state = $3, reason = $4, updated_at = $5 where tenant = $1 and id = $2',
  forgive: `update subscription set failing_since = null, failures = 0, rests_until = null
    where tenant = $1 and id = $2`,
  setHealth: `update subscription set failing_since = $3, failures = $4, rests_until = $5
    where tenant = $1 and id = $2`,
  setCursor: 'update subscription set cursor = $3 where tenant = $1 and id = $2',
  remove: 'delete from subscription where tenant = $1 and id = $2 returning id',
  hasKey: `select agent from api_key where tenant = $1 and agent = $2 and revoked_at is null
      and (expires_at is null or expires_at > $3) limit 1`,
  addTurn: `insert into subscription_turn (tenant, subscription, due_at) values ($1, $2, $3)
    on conflict (tenant, subscription) do update set due_at = least(subscription_turn.due_at, excluded.due_at)`,
  removeTurn: 'delete from subscription_turn where tenant = $1 and subscription = $2',
  changed: 'update subscription_turn set due_at = now() where tenant = $1 and due_at > now()',
  // A word that came while somebody had it makes it due again at once: `due_at` is moved at claiming, not only at the end.
  claim: `with free as (
      select tenant, subscription, row_number() over (partition by tenant order by due_at) as turn, due_at
      from subscription_turn
      where due_at <= now() and (lease_until is null or lease_until <= now()) and not tenant = any($4::int[])),
    taken as (
      select s.tenant, s.subscription from subscription_turn s
      where (s.tenant, s.subscription) in (select tenant, subscription from free order by turn, due_at limit $3)
        and (s.lease_until is null or s.lease_until <= now())
      for update skip locked)
    update subscription_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond',
      due_at = now() + $5::int * interval '1 millisecond'
    from taken where t.tenant = taken.tenant and t.subscription = taken.subscription
    returning t.tenant, t.subscription`,
  hold: `update subscription_turn set lease_until = $4 where tenant = $1 and subscription = $2 and lease_by = $3
    returning subscription`,
  settle: `update subscription_turn set lease_by = null, lease_until = null, due_at = least(due_at, $4)
    where tenant = $1 and subscription = $2 and lease_by = $3`,
} as const;

export interface NewSubscription extends SubscriptionKey {
  readonly agent: string;
  /** Absent: null. */
  readonly principal?: string | null;
  readonly object: string;
  readonly filter: JsonObject;
  readonly events: readonly string[];
  readonly fields: readonly string[] | null;
  readonly url: string;
  readonly note: string | null;
  readonly secret: Uint8Array;
  readonly state: string;
}

/** From the newest change on; a worker looks at it at once. */
export async function addSubscription(tx: Tx, row: NewSubscription): Promise<void> {
  const { tenant, id, agent, principal = null, object, filter, events, fields, url, note, secret, state } = row;
  await tx.query(subscriptionsSql.add, [
    tenant,
    id,
    agent,
    object,
    JSON.stringify(filter),
    [...events],
    fields === null ? null : [...fields],
    url,
    note,
    secret,
    state,
    tx.now,
    principal,
  ]);
  await tx.query(subscriptionsSql.addTurn, [tenant, id, tx.now]);
}

export async function listSubscriptions(tx: Tx, tenant: TenantId): Promise<SubscriptionRow[]> {
  return tx.query<SubscriptionRow>(subscriptionsSql.list, [tenant]);
}

export async function readSubscription(tx: Tx, { tenant, id }: SubscriptionKey): Promise<SubscriptionRow | null> {
  const [row] = await tx.query<SubscriptionRow>(subscriptionsSql.read, [tenant, id]);
  return row ?? null;
}

/** The same, locked until commit. */
export async function lockSubscription(tx: Tx, { tenant, id }: SubscriptionKey): Promise<SubscriptionRow | null> {
  const [row] = await tx.query<SubscriptionRow>(subscriptionsSql.lock, [tenant, id]);
  return row ?? null;
}

export async function readSubscriptionSecrets(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
): Promise<SubscriptionSecrets | null> {
  const [row] = await tx.query<SubscriptionSecrets>(subscriptionsSql.secrets, [tenant, id]);
  return row ?? null;
}

/** The present secret signs beside the new one until then. */
export async function rotateSubscriptionSecret(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  next: { readonly secret: Uint8Array; readonly previousUntil: Date },
): Promise<void> {
  await tx.query(subscriptionsSql.rotate, [tenant, id, next.secret, next.previousUntil, tx.now]);
}

export async function setSubscriptionState(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  next: { readonly state: string; readonly reason: string | null },
): Promise<void> {
  await tx.query(subscriptionsSql.setState, [tenant, id, next.state, next.reason, tx.now]);
}

/** What failed before does not count any more. */
export async function forgiveSubscription(tx: Tx, { tenant, id }: SubscriptionKey): Promise<void> {
  await tx.query(subscriptionsSql.forgive, [tenant, id]);
}

export async function setSubscriptionHealth(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  health: { readonly failingSince: Date | null; readonly failures: number; readonly restsUntil: Date | null },
): Promise<void> {
  await tx.query(subscriptionsSql.setHealth, [tenant, id, health.failingSince, health.failures, health.restsUntil]);
}

export async function setSubscriptionCursor(tx: Tx, { tenant, id }: SubscriptionKey, seq: number): Promise<void> {
  await tx.query(subscriptionsSql.setCursor, [tenant, id, seq]);
}

/** Whether the agent has a key at this tenant that is good at this moment of the database. */
export async function agentHasKey(tx: Tx, tenant: TenantId, agent: string): Promise<boolean> {
  return (await tx.query(subscriptionsSql.hasKey, [tenant, agent, tx.now])).length > 0;
}

/** With its deliveries. False: there was none. */
export async function removeSubscription(tx: Tx, { tenant, id }: SubscriptionKey): Promise<boolean> {
  await tx.query(subscriptionsSql.removeTurn, [tenant, id]);
  return (await tx.query(subscriptionsSql.remove, [tenant, id])).length > 0;
}

/** Somebody is to look at it now. */
export async function turnNow(tx: Tx, { tenant, id }: SubscriptionKey): Promise<void> {
  await tx.query(subscriptionsSql.addTurn, [tenant, id, tx.now]);
}

/** The tenant's records changed: all its subscriptions are to be looked at. */
export async function turnsNow(db: Directory, tenant: TenantId): Promise<void> {
  await db.query(subscriptionsSql.changed, [tenant]);
}

/** At most `limit` that are to be looked at and that nobody has, tenants by turns; `busy` tenants are left out. */
export async function claimTurns(
  db: Directory,
  request: {
    /** Another for each claim: what a claim of before left running, even in this process, holds nothing then. */
    readonly worker: string;
    readonly leaseMs: number;
    readonly limit: number;
    readonly busy: readonly TenantId[];
    /** Unless something makes it due before, it is looked at again after so long. */
    readonly againMs: number;
  },
): Promise<SubscriptionTurn[]> {
  const { worker, leaseMs, limit, busy, againMs } = request;
  return db.query<SubscriptionTurn>(subscriptionsSql.claim, [worker, leaseMs, limit, [...busy], againMs]);
}

/** Proves and prolongs the lease, in the transaction that relies on it. False: another worker has it, and nothing may be kept. */
export async function holdTurn(
  tx: Tx,
  { tenant, subscription }: SubscriptionTurn,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  const until = new Date(tx.now.getTime() + lease.leaseMs);
  return (await tx.query(subscriptionsSql.hold, [tenant, subscription, lease.worker, until])).length > 0;
}

/** Gives it back; it is due again at `dueAt` at the latest. */
export async function settleTurn(
  db: Directory,
  { tenant, subscription }: SubscriptionTurn,
  end: { readonly worker: string; readonly dueAt: Date },
): Promise<void> {
  await db.query(subscriptionsSql.settle, [tenant, subscription, end.worker, end.dueAt]);
}
