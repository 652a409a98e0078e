import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { SubscriptionKey } from './subscriptions.ts';

/** `type` and `state` are src/subscriptions' own, opaque here but for `due`. */
export interface DeliveryRow {
  readonly seq: number;
  readonly stream: StreamId;
  readonly recordId: string;
  readonly type: string;
  readonly state: string;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly cause: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface ListedDelivery extends DeliveryRow {
  /** `crm/Account/001...`; null where its connection is gone. */
  readonly ref: string | null;
}

export interface DeliveryAttempt {
  readonly seq: number;
  readonly attempt: number;
  readonly at: Date;
  /** Null: no answer. */
  readonly status: number | null;
  readonly cause: string | null;
  readonly tookMs: number;
}

const columns = `d.seq, d.stream, d.ext_id as "recordId", d.type, d.state, d.attempts, d.due_at as "dueAt", d.cause,
    d.created_at as "createdAt", d.ended_at as "endedAt"`;

export const deliveriesSql = {
  add: `insert into delivery (tenant, subscription, seq, stream, ext_id, type, state, due_at, created_at)
    select $1, $2, (r ->> 'q')::bigint, (r ->> 's')::int, r ->> 'i', r ->> 't', 'due', $4, $4
    from jsonb_array_elements($3::text::jsonb) r
    on conflict (tenant, subscription, seq) do nothing`,
  // An event whose record has an earlier one that is not to be tried yet waits behind it.
  next: `select ${columns} from delivery d
    where d.tenant = $1 and d.subscription = $2 and d.state = 'due' and d.due_at <= $3 and not exists (
      select 1 from delivery e where e.tenant = $1 and e.subscription = $2 and e.stream = d.stream
        and e.ext_id = d.ext_id and e.state = 'due' and e.seq < d.seq and e.due_at > $3)
    order by d.seq limit $4`,
  soonest: `select min(due_at) as at from delivery where tenant = $1 and subscription = $2 and state = 'due'`,
  open: `select count(*) as count from (
    select 1 from delivery where tenant = $1 and subscription = $2 and state = 'due' limit $3) few`,
  move: `update delivery set state = $4, attempts = $5, due_at = $6, cause = $7, ended_at = $8
    where tenant = $1 and subscription = $2 and seq = $3 and state = 'due' returning seq`,
  attempt: `insert into delivery_attempt (tenant, subscription, seq, attempt, at, status, cause, took_ms)
    values ($1, $2, $3,
      (select count(*) + 1 from delivery_attempt where tenant = $1 and subscription = $2 and seq = $3), $4, $5, $6, $7)`,
  list: `select ${columns}, c.slug || '/' || s.object || '/' || d.ext_id as ref from delivery d
      left join stream s on s.tenant = $1 and s.id = d.stream
      left join connection c on c.tenant = $1 and c.id = s.connection
    where d.tenant = $1 and d.subscription = $2
      and ($3::text is null or d.state = $3) order by d.seq desc limit $4`,
  attempts: `select seq, attempt, at, status, cause, took_ms as "tookMs" from delivery_attempt
    where tenant = $1 and subscription = $2 and seq = any($3::bigint[]) order by seq, attempt`,
  replay: `update delivery set state = 'due', attempts = 0, due_at = $6, ended_at = null
    where tenant = $1 and subscription = $2 and state = any($3::text[]) and seq between $4 and $5
    returning seq`,
  prune: `delete from delivery where tenant = $1 and subscription = $2 and seq in (
      select seq from delivery where tenant = $1 and subscription = $2
        and (ended_at < $4 or (ended_at < $3 and state <> 'dead')) order by ended_at limit $5)
    returning seq`,
} as const;

export interface NewDelivery {
  readonly seq: number;
  readonly stream: StreamId;
  readonly recordId: string;
  readonly type: string;
}

/** Those that are there already stay as they are. */
export async function addDeliveries(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map(({ seq, stream, recordId, type }) => ({ q: seq, s: stream, i: recordId, t: type }));
  await tx.query(deliveriesSql.add, [tenant, id, JSON.stringify(rows), tx.now]);
}

/** What is to be sent now, in the order of the changes. */
export async function nextDeliveries(tx: Tx, { tenant, id }: SubscriptionKey, limit: number): Promise<DeliveryRow[]> {
  return tx.query<DeliveryRow>(deliveriesSql.next, [tenant, id, tx.now, limit]);
}

/** When the first open one is to be tried; null: none is open. */
export async function soonestDelivery(tx: Tx, { tenant, id }: SubscriptionKey): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(deliveriesSql.soonest, [tenant, id]);
  return row?.at ?? null;
}

/** How many are open, counting no further than `most`. */
export async function countOpenDeliveries(tx: Tx, { tenant, id }: SubscriptionKey, most: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>(deliveriesSql.open, [tenant, id, most]);
  return row?.count ?? 0;
}

export interface DeliveryMove {
  readonly state: string;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly cause: string | null;
  readonly endedAt: Date | null;
}

/** False: it is not open any more. */
export async function moveDelivery(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  seq: number,
  move: DeliveryMove,
): Promise<boolean> {
  const { state, attempts, dueAt, cause, endedAt } = move;
  const params = [tenant, id, seq, state, attempts, dueAt, cause, endedAt];
  return (await tx.query(deliveriesSql.move, params)).length > 0;
}

export async function noteAttempt(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  attempt: Omit<DeliveryAttempt, 'attempt'>,
): Promise<void> {
  const { seq, at, status, cause, tookMs } = attempt;
  await tx.query(deliveriesSql.attempt, [tenant, id, seq, at, status, cause, tookMs]);
}

/** Newest first. */
export async function listDeliveries(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  request: { readonly state: string | null; readonly limit: number },
): Promise<{ readonly deliveries: readonly ListedDelivery[]; readonly attempts: readonly DeliveryAttempt[] }> {
  const deliveries = await tx.query<ListedDelivery>(deliveriesSql.list, [tenant, id, request.state, request.limit]);
  const seqs = deliveries.map(({ seq }) => seq);
  return { deliveries, attempts: await tx.query<DeliveryAttempt>(deliveriesSql.attempts, [tenant, id, seqs]) };
}

/** Opens those in these states again, as if they had never been tried; the log of attempts stays. Returns how many. */
export async function replayDeliveries(
  tx: Tx,
  { tenant, id }: SubscriptionKey,
  range: { readonly states: readonly string[]; readonly from: number; readonly to: number },
): Promise<number> {
  const params = [tenant, id, [...range.states], range.from, range.to, tx.now];
  return (await tx.query(deliveriesSql.replay, params)).length;
}

/** Removes those that ended before `before`, dead ones those before `deadBefore`. */
export async function pruneDeliveries(
  tx: Tx,
  { tenant, id }: { readonly tenant: TenantId; readonly id: number },
  age: { readonly before: Date; readonly deadBefore: Date; readonly limit: number },
): Promise<number> {
  return (await tx.query(deliveriesSql.prune, [tenant, id, age.before, age.deadBefore, age.limit])).length;
}
