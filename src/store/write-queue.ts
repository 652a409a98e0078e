import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';
import type { WriteSending } from './write-journal.ts';
import type { WriteTurn, WriteTurnKey } from './write-turns.ts';

/** A write that may be sent now. States are src/write's; here only that `queued` waits and `planned` is not accepted. */
export interface QueuedWrite {
  readonly plan: string;
  readonly item: number;
  readonly object: string;
  readonly operation: string;
  readonly target: string;
  readonly recordId: string | null;
  readonly attempts: number;
  readonly deadlineAt: Date;
  readonly content: JsonObject;
  readonly agent: string;
  readonly principal: string | null;
  /** Operation of the manifest. */
  readonly intent: string | null;
  /** Somebody approved what it was planned from. */
  readonly approved: boolean;
}

export interface WriteKey {
  readonly plan: string;
  readonly item: number;
}

/** A write that is over, or waits again. */
export interface WriteMove extends WriteKey {
  readonly state: string;
  readonly open: boolean;
  readonly recordId: string | null;
  readonly code: string | null;
  readonly dueAt: Date | null;
  /** Null: it has not ended. */
  readonly endedAt: Date | null;
  /** For the journal; null: nothing to add. */
  readonly outcome: JsonObject | null;
}

/**
 * One write to a record at a time, in the order of acceptance: an earlier one that is not over stands in the way. By
 * numbering, not by looking for an earlier one of each: without statistics that would compare every row with every other.
 */
const openWrites = `select plan, item, object, operation, target, record_id, attempts, due_at, deadline_at, seq, state,
        row_number() over (partition by object, target order by seq) as turn
      from write where tenant = $1 and connection = $2 and open`;

export const writeQueueSql = {
  release: `with planned as materialized (
      select w.connection, max(w.item) + 1 as room, bool_or(k.id is not null) as there
      from write w left join connection k on k.tenant = $1 and k.id = w.connection
      where w.tenant = $1 and w.plan = $2 and w.step = $3 and w.state = 'planned'
      group by w.connection),
    line as (
      insert into write_line as l (tenant, connection, last_seq)
      select $1, connection, room from planned where there order by connection
      on conflict (tenant, connection) do update set last_seq = l.last_seq + excluded.last_seq
      returning connection, last_seq),
    released as (
      update write w set state = 'queued', open = true, seq = line.last_seq - planned.room + 1 + w.item, due_at = $4,
        accepted_at = $4, deadline_at = $5
      from line join planned on planned.connection = line.connection
      where w.tenant = $1 and w.plan = $2 and w.step = $3 and w.connection = line.connection and w.state = 'planned')
    select connection, there from planned order by connection`,
  again: `with line as (
      update write_line set last_seq = last_seq + 1 where tenant = $1 and connection = $4 returning last_seq)
    update write w set state = $5, open = true, seq = line.last_seq, due_at = $7, deadline_at = $8,
      ended_at = null, code = null
    from line where w.tenant = $1 and w.plan = $2 and w.item = $3 and w.state = any($6::text[]) returning w.item`,
  // A plan says all that was asked for: it is taken apart once, not once for each of its writes.
  next: `with ready as materialized (
      select * from (${openWrites}) o
      where turn = 1 and state = 'queued' and due_at <= $3 and deadline_at > $3 order by seq limit $4),
    plans as materialized (
      select id, agent, principal, content -> 'intent' ->> 'intent' as intent, approved from write_plan
      where tenant = $1 and id = any(array(select distinct plan from ready)))
    select w.plan, w.item, w.object, w.operation, w.target, w.record_id as "recordId", w.attempts,
      w.deadline_at as "deadlineAt", c.content, p.agent, p.principal, p.intent, p.approved
    from ready w join write_content c on c.tenant = $1 and c.plan = w.plan and c.item = w.item
      join plans p on p.id = w.plan
    order by w.seq`,
  chores: `select
      exists (select from write_sending where tenant = $1 and connection = $2 and ended_at is null and fence < $3)
        as abandoned,
      exists (select from write_sending where tenant = $1 and connection = $2 and ended_at is null and settle_at <= $4)
        as unsettled,
      exists (select from write where tenant = $1 and connection = $2 and open and state = 'queued'
        and deadline_at <= $4) as overdue,
      exists (select from write_take_back where tenant = $1 and connection = $2 and state = 'comparing'
        and due_at <= $4) as "takeBack"`,
  take: `with taken as materialized (
      select r.p, r.i, r.b, r.h from jsonb_to_recordset($4::text::jsonb) as r(p text, i int, b jsonb, h text)),
    moved as (
      update write w set state = $5, sending = $3, attempts = w.attempts + 1
      from taken where w.tenant = $1 and w.plan = any($7::text[]) and w.item between $13 and $14
        and w.plan = taken.p and w.item = taken.i and w.state = 'queued' and w.connection = $2
      returning w.plan, w.item, w.attempts),
    sent as (
      insert into write_sending (tenant, id, connection, object, operation, form, principal, fence, began_at)
      select $1, $3, $2, $8, $9, $10, $11, $12, $6 where exists (select from moved))
    insert into write_attempt (tenant, plan, item, attempt, sending, before, payload_hash, began_at)
      select $1, m.plan, m.item, m.attempts, $3, nullif(t.b, 'null'), t.h, $6
      from moved m join taken t on t.p = m.plan and t.i = m.item
    returning plan, item, attempt`,
  move: `with ended as materialized (
      select r.p, r.i, r.s, r.o, r.r, r.c, r.d, r.e, r.x from jsonb_to_recordset($3::text::jsonb)
        as r(p text, i int, s text, o boolean, r text, c text, d timestamptz, e boolean, x jsonb)),
    noted as (
      update write_attempt a set outcome = ended.x, ended_at = $4
      from ended where a.tenant = $1 and a.plan = any($6::text[]) and a.item between $9 and $10
        and a.plan = ended.p and a.item = ended.i and a.sending = $2
        and ended.x is not null),
    sent as (
      update write_sending set ended_at = case when $7 then $4::timestamptz end, settle_at = $8
      where tenant = $1 and id = $2 and $7::boolean is not null)
    update write w set state = ended.s, open = ended.o, record_id = coalesce(ended.r, w.record_id), code = ended.c,
      due_at = coalesce(ended.d, w.due_at), ended_at = case when ended.e then $4::timestamptz end
    from ended where w.tenant = $1 and w.plan = any($6::text[]) and w.item between $9 and $10
      and w.plan = ended.p and w.item = ended.i and w.state = any($5::text[])
      and ($2::text is null or w.sending = $2)
    returning w.plan, w.item, w.state`,
  overdue: `select distinct plan from (
      select plan from write w where w.tenant = $1 and w.connection = $2 and w.open and w.state = 'queued'
        and w.deadline_at <= $3 limit $4) late`,
  expire: `update write w set state = $4, open = false, ended_at = $3, code = $5
    where w.tenant = $1 and w.connection = $2 and w.plan = any($6::text[]) and w.open and w.state = 'queued'
      and w.deadline_at <= $3
    returning w.plan, w.item`,
  cancel: `update write w set state = $3, open = false, ended_at = $4, code = $6
    where w.tenant = $1 and w.plan = any($2::text[]) and w.state = any($5::text[])
      and ($7::int is null or w.step >= $7) returning w.plan, w.item`,
  recall: `update write w set state = $3, open = false, seq = null, due_at = null, deadline_at = null,
      accepted_at = null, code = null
    where w.tenant = $1 and w.plan = $2 and w.state = any($4::text[]) returning w.plan, w.item`,
  ofConnection: `select distinct plan from (
      select plan from write w where w.tenant = $1 and w.connection = $2 and w.open limit $3) left_over`,
  openAt: `select p as plan from unnest($3::text[]) p where exists (
      select from write w where w.tenant = $1 and w.connection = $2 and w.open and w.plan = p)`,
  endOf: `update write w set state = $4, open = false, ended_at = $5, code = $6
    where w.tenant = $1 and w.connection = $2 and w.plan = any($3::text[]) and w.state = any($7::text[])
    returning w.plan, w.item`,
  soonest: `select least(
      (select min(o.due_at) from (${openWrites}) o where o.turn = 1 and o.state = 'queued'),
      (select min(w.deadline_at) from write w
        where w.tenant = $1 and w.connection = $2 and w.open and w.state = 'queued'),
      (select min(s.settle_at) from write_sending s
        where s.tenant = $1 and s.connection = $2 and s.ended_at is null),
      (select min(b.due_at) from write_take_back b
        where b.tenant = $1 and b.connection = $2 and b.state = 'comparing')) as at`,
  pending: `select w.plan, w.item, w.object, w.operation, w.record_id as "recordId", w.state, w.seq, c.content, p.agent,
      p.principal, p.content ? 'preparedBy' as "byPerson"
    from write w join write_content c on c.tenant = $1 and c.plan = w.plan and c.item = w.item
      join write_plan p on p.tenant = $1 and p.id = w.plan
    where w.tenant = $1 and w.connection = $2 and w.open and w.object = $3
      and ($4::text[] is null or w.target = any($4))
    order by w.seq limit $5`,
} as const;

/** Accepts the writes of a step: they get their place in the order of their connection. Those of connections that are gone stay. */
export async function releaseWrites(
  tx: Tx,
  tenant: TenantId,
  { plan, step, deadlineAt }: { readonly plan: string; readonly step: number; readonly deadlineAt: Date },
): Promise<{ readonly released: readonly ConnectionId[]; readonly gone: readonly ConnectionId[] }> {
  const params = [tenant, plan, step, tx.now, deadlineAt];
  const planned = await tx.query<{ connection: ConnectionId; there: boolean }>(writeQueueSql.release, params);
  const connections = (there: boolean): ConnectionId[] =>
    planned.filter((each) => each.there === there).map(({ connection }) => connection);
  return { released: connections(true), gone: connections(false) };
}

/** One write again, behind all that were accepted before now. False: it is not in one of these states. */
export async function queueAgain(
  tx: Tx,
  tenant: TenantId,
  { plan, item, connection }: WriteKey & { readonly connection: ConnectionId },
  move: { readonly state: string; readonly from: readonly string[]; readonly deadlineAt: Date },
): Promise<boolean> {
  const params = [tenant, plan, item, connection, move.state, [...move.from], tx.now, move.deadlineAt];
  return (await tx.query(writeQueueSql.again, params)).length > 0;
}

/** Writes that may be sent now, in the order of acceptance, each record once. */
export function nextWrites(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<QueuedWrite[]> {
  return tx.query<QueuedWrite>(writeQueueSql.next, [tenant, connection, tx.now, limit]);
}

/** What is to be done for a connection beside sending. */
export interface WriteChores {
  /** Sendings that an earlier holder of the turn did not see to their end. */
  readonly abandoned: boolean;
  /** Sendings whose outcome is to be asked for now. */
  readonly unsettled: boolean;
  /** Writes that should have been sent by now. */
  readonly overdue: boolean;
  /** Steps that are taken back, and of which nobody has compared yet what stands there. */
  readonly takeBack: boolean;
}

export async function writeChores(tx: Tx, { tenant, connection, fence }: WriteTurn): Promise<WriteChores> {
  const [chores] = await tx.query<WriteChores>(writeQueueSql.chores, [tenant, connection, fence, tx.now]);
  if (chores === undefined) throw new Error('a question without rows has one');
  return chores;
}

/** Before the send: what stood there, and that it is about to leave together. Which of them were still waiting; none: nothing was kept. */
export function takeWrites(
  tx: Tx,
  { tenant, connection, fence }: WriteTurn,
  {
    sending: { id: sending, object, operation, form, principal },
    state,
    writes,
  }: { readonly sending: NewSending; readonly state: string; readonly writes: readonly TakenWrite[] },
): Promise<(WriteKey & { readonly attempt: number })[]> {
  const rows = writes.map(({ plan, item, before, payloadHash }) => ({ p: plan, i: item, b: before, h: payloadHash }));
  const text = jsonbText(JSON.stringify(rows));
  const params = [tenant, connection, sending, text, state, tx.now, plansOf(writes)];
  return tx.query(writeQueueSql.take, [...params, object, operation, form, principal, fence, ...itemsOf(writes)]);
}

/** Writes that go together. */
export type NewSending = Pick<WriteSending, 'id' | 'object' | 'operation' | 'form' | 'principal'>;

export interface TakenWrite extends WriteKey {
  readonly before: JsonObject | null;
  readonly payloadHash: string;
}

/**
 * What became of writes that are in one of the states `from` (and of `sending`; null: whichever). Those that were.
 * `settleAt`: when it is asked what became of the sending; null: everything of it is known.
 */
export function moveWrites(
  tx: Tx,
  tenant: TenantId,
  {
    sending,
    from,
    moves,
    settleAt,
  }: {
    readonly sending: string | null;
    readonly from: readonly string[];
    readonly moves: readonly WriteMove[];
    readonly settleAt?: Date | null;
  },
): Promise<(WriteKey & { readonly state: string })[]> {
  const rows = moves.map(({ plan, item, state, open, recordId, code, dueAt, endedAt, outcome }) => ({
    p: plan,
    i: item,
    s: state,
    o: open,
    r: recordId,
    c: code,
    d: dueAt,
    e: endedAt !== null,
    x: outcome,
  }));
  const text = jsonbText(JSON.stringify(rows));
  const isOver = settleAt === undefined ? null : settleAt === null;
  const params = [tenant, sending, text, tx.now, [...from], plansOf(moves), isOver, settleAt ?? null];
  return tx.query(writeQueueSql.move, [...params, ...itemsOf(moves)]);
}

/** So that no statement looks further than at these plans. */
const plansOf = (writes: readonly WriteKey[]): string[] => [...new Set(writes.map(({ plan }) => plan))];

/** Nor, in large plans, at others than from the first to the last of these. */
const itemsOf = (writes: readonly WriteKey[]): readonly [number, number] =>
  writes.reduce(([least, most], { item }) => [Math.min(least, item), Math.max(most, item)], [ITEM_MAX, 0]);

const ITEM_MAX = 2 ** 31 - 1;

/** Plans of which a write waits that should have been sent by now. */
export async function overdueWrites(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<string[]> {
  const rows = await tx.query<{ plan: string }>(writeQueueSql.overdue, [tenant, connection, tx.now, limit]);
  return rows.map(({ plan }) => plan);
}

/** Ends those of plans whose deadline has passed before they were sent. */
export function expireWrites(
  tx: Tx,
  { tenant, connection }: WriteTurnKey,
  { plans, state, code }: { readonly plans: readonly string[]; readonly state: string; readonly code: string },
): Promise<WriteKey[]> {
  return tx.query(writeQueueSql.expire, [tenant, connection, tx.now, state, code, [...plans]]);
}

/** Ends those of plans that are in one of the states `from`, of step `step` and later ones where it is given. */
export function cancelWrites(
  tx: Tx,
  tenant: TenantId,
  plans: readonly string[],
  move: { readonly state: string; readonly code: string; readonly from: readonly string[]; readonly step?: number },
): Promise<WriteKey[]> {
  const { state, code, from, step = null } = move;
  return tx.query(writeQueueSql.cancel, [tenant, [...plans], state, tx.now, [...from], code, step]);
}

/** Those of a plan that wait are not accepted any more: it is asked about anew. */
export function recallWrites(
  tx: Tx,
  tenant: TenantId,
  plan: string,
  { state, from }: { readonly state: string; readonly from: readonly string[] },
): Promise<WriteKey[]> {
  return tx.query(writeQueueSql.recall, [tenant, plan, state, [...from]]);
}

/** Plans of which writes to the connection are accepted and not over. */
export async function plansWritingTo(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<string[]> {
  const rows = await tx.query<{ plan: string }>(writeQueueSql.ofConnection, [tenant, connection, limit]);
  return rows.map(({ plan }) => plan);
}

/** Those of the plans of which writes to the connection are accepted and not over. */
export async function plansOpenAt(
  tx: Tx,
  { tenant, connection }: WriteTurnKey,
  plans: readonly string[],
): Promise<string[]> {
  const rows = await tx.query<{ plan: string }>(writeQueueSql.openAt, [tenant, connection, [...plans]]);
  return rows.map(({ plan }) => plan);
}

/** Takes those of the connection out of the queue that are in one of the states `from`. `endedAt` null: a person has to look. */
export function endWritesTo(
  tx: Tx,
  { tenant, connection }: WriteTurnKey,
  move: {
    readonly plans: readonly string[];
    readonly state: string;
    readonly endedAt: Date | null;
    readonly code: string;
    readonly from: readonly string[];
  },
): Promise<WriteKey[]> {
  const { plans, state, endedAt, code, from } = move;
  return tx.query(writeQueueSql.endOf, [tenant, connection, [...plans], state, endedAt, code, [...from]]);
}

/** When something of the connection is to be done next; null: nothing waits. */
export async function soonestWrite(tx: Tx, { tenant, connection }: WriteTurnKey): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(writeQueueSql.soonest, [tenant, connection]);
  return row?.at ?? null;
}

export interface PendingWriteRow extends WriteKey {
  readonly object: string;
  readonly operation: string;
  readonly recordId: string | null;
  readonly state: string;
  readonly content: JsonObject;
  readonly agent: string;
  readonly principal: string | null;
  /** A person had the plan prepared. */
  readonly byPerson: boolean;
}

/** Accepted and not over, in the order in which they take effect. `targets` null: of any record. */
export function pendingWrites(
  tx: Tx,
  { tenant, connection }: WriteTurnKey,
  request: { readonly object: string; readonly targets: readonly string[] | null; readonly limit: number },
): Promise<PendingWriteRow[]> {
  const { object, targets, limit } = request;
  return tx.query(writeQueueSql.pending, [tenant, connection, object, targets === null ? null : [...targets], limit]);
}
