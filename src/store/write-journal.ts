import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';
import type { WriteKey } from './write-queue.ts';
import type { WriteTurn, WriteTurnKey } from './write-turns.ts';

/** Writes that went together. */
export interface WriteSending {
  readonly id: string;
  readonly object: string;
  readonly operation: string;
  readonly form: string;
  /** Whose sign-in was used; null: the connection's own. */
  readonly principal: string | null;
  readonly job: JsonObject | null;
  readonly beganAt: Date;
  /** Times that it was asked what became of it. */
  readonly asked: number;
}

/** A write whose outcome is not known, as it was sent. */
export interface UnsettledWrite extends WriteKey {
  readonly attempt: number;
  readonly recordId: string | null;
  readonly deadlineAt: Date;
  readonly content: JsonObject;
  readonly before: JsonObject | null;
  readonly agent: string;
  readonly principal: string | null;
}

/** What the journal has of a write: its last attempt. */
export interface JournalRow extends WriteKey {
  readonly connection: ConnectionId;
  readonly object: string;
  readonly operation: string;
  readonly state: string;
  readonly recordId: string | null;
  readonly code: string | null;
  readonly endedAt: Date | null;
  readonly content: JsonObject;
  readonly attempt: number | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly outcome: JsonObject | null;
}

const sendingColumns = `id, object, operation, form, principal, job, began_at as "beganAt", asked`;

export const writeJournalSql = {
  keepJob: `update write_sending set job = $3::text::jsonb where tenant = $1 and id = $2`,
  endSending: `update write_sending set ended_at = $3, settle_at = null where tenant = $1 and id = $2`,
  settleLater: `update write_sending set settle_at = $3 where tenant = $1 and id = $2`,
  // Of holders before us: whatever they were doing, they do not any more.
  abandoned: `select ${sendingColumns} from write_sending
    where tenant = $1 and connection = $2 and ended_at is null and fence < $3 order by began_at, id`,
  lose: `update write set state = $3 where tenant = $1 and sending = $2 and open and state = any($4::text[])
    returning plan, item`,
  loseSending: `update write_sending set fence = $3, settle_at = coalesce(settle_at, $4) where tenant = $1 and id = $2`,
  endSendingsOf: `update write_sending set ended_at = $3, settle_at = null
    where tenant = $1 and connection = $2 and ended_at is null`,
  dueSendings: `select ${sendingColumns} from write_sending
    where tenant = $1 and connection = $2 and ended_at is null and settle_at <= $3 order by settle_at, id limit $4`,
  ask: `update write_sending set asked = asked + 1, fence = $3 where tenant = $1 and id = $2`,
  asked: `with mine as (
      update write set state = $3 where tenant = $1 and sending = $2 and open and state = any($4::text[])
      returning plan, item, attempts, record_id, deadline_at)
    select m.plan, m.item, m.attempts as attempt, m.record_id as "recordId", m.deadline_at as "deadlineAt", c.content,
      a.before, p.agent, p.principal
    from mine m join write_content c on c.tenant = $1 and c.plan = m.plan and c.item = m.item
      join write_plan p on p.tenant = $1 and p.id = m.plan
      join write_attempt a on a.tenant = $1 and a.plan = m.plan and a.item = m.item and a.attempt = m.attempts
    order by m.plan, m.item`,
  after: `update write_attempt a set after = r.v from jsonb_to_recordset($3::text::jsonb) as r(p text, i int, v jsonb)
    where a.tenant = $1 and a.plan = r.p and a.item = r.i and a.sending = $2`,
  journal: `select w.plan, w.item, w.connection, w.object, w.operation, w.state, w.record_id as "recordId", w.code,
      w.ended_at as "endedAt", c.content, a.attempt, a.before, a.after, a.outcome
    from write w join write_content c on c.tenant = $1 and c.plan = w.plan and c.item = w.item
      left join write_attempt a on a.tenant = $1 and a.plan = w.plan and a.item = w.item and a.attempt = w.attempts
    where w.tenant = $1 and w.plan = any($2::text[]) and ($3::int is null or w.item = $3)
    order by w.accepted_at desc nulls last, w.plan, w.seq desc nulls last, w.item desc limit $4`,
  // Such a write stands in the order of the record that it brings back; a new one elsewhere has a target of its own.
  restored: `select target as restored, record_id as "recordId" from write
    where tenant = $1 and connection = $2 and object = $3 and operation = 'create' and state = 'succeeded'
      and target = any($4::text[]) and record_id is not null
    order by accepted_at, plan, item`,
  plansBetween: `select id from write_plan where tenant = $1 and ($2::text is null or agent = $2)
      and ($3::text is null or principal = $3) and accepted_at >= $4 and accepted_at <= $5
    order by accepted_at desc, id limit $6`,
  attempts: `select attempt, sending, before, after, payload_hash as "payloadHash", outcome, began_at as "beganAt",
      ended_at as "endedAt"
    from write_attempt where tenant = $1 and plan = $2 and item = $3 order by attempt`,
} as const;

export async function keepSendingJob(tx: Tx, tenant: TenantId, id: string, job: JsonObject): Promise<void> {
  await tx.query(writeJournalSql.keepJob, [tenant, id, JSON.stringify(job)]);
}

/** Everything of it is known. */
export async function endSending(tx: Tx, tenant: TenantId, id: string): Promise<void> {
  await tx.query(writeJournalSql.endSending, [tenant, id, tx.now]);
}

/** Nobody asks what became of any of them. */
export async function endSendingsOf(tx: Tx, { tenant, connection }: WriteTurnKey): Promise<void> {
  await tx.query(writeJournalSql.endSendingsOf, [tenant, connection, tx.now]);
}

/** It is asked at that moment what became of it. */
export async function settleSendingAt(tx: Tx, tenant: TenantId, id: string, at: Date): Promise<void> {
  await tx.query(writeJournalSql.settleLater, [tenant, id, at]);
}

/** Sendings that an earlier holder of the turn did not see to their end. */
export function abandonedSendings(tx: Tx, { tenant, connection, fence }: WriteTurn): Promise<WriteSending[]> {
  return tx.query<WriteSending>(writeJournalSql.abandoned, [tenant, connection, fence]);
}

/** What was under way of it has an unknown outcome now; asked about at `at`, unless a moment is set. Those that were. */
export async function loseSending(
  tx: Tx,
  { tenant, fence }: WriteTurn,
  {
    id,
    state,
    from,
    at,
  }: { readonly id: string; readonly state: string; readonly from: readonly string[]; readonly at: Date },
): Promise<WriteKey[]> {
  await tx.query(writeJournalSql.loseSending, [tenant, id, fence, at]);
  return tx.query<WriteKey>(writeJournalSql.lose, [tenant, id, state, [...from]]);
}

/** Sendings whose outcome is to be asked for now. */
export function dueSendings(tx: Tx, { tenant, connection }: WriteTurnKey, limit: number): Promise<WriteSending[]> {
  return tx.query<WriteSending>(writeJournalSql.dueSendings, [tenant, connection, tx.now, limit]);
}

/** Begins to ask: its writes of unknown outcome, with what stood there before. */
export async function askSending(
  tx: Tx,
  { tenant, fence }: WriteTurn,
  { id, state, from }: { readonly id: string; readonly state: string; readonly from: readonly string[] },
): Promise<UnsettledWrite[]> {
  await tx.query(writeJournalSql.ask, [tenant, id, fence]);
  return tx.query<UnsettledWrite>(writeJournalSql.asked, [tenant, id, state, [...from]]);
}

/** What stands there after the send. */
export async function keepAfterImages(
  tx: Tx,
  tenant: TenantId,
  sending: string,
  images: readonly (WriteKey & { readonly after: JsonObject })[],
): Promise<void> {
  const rows = images.map(({ plan, item, after }) => ({ p: plan, i: item, v: after }));
  await tx.query(writeJournalSql.after, [tenant, sending, jsonbText(JSON.stringify(rows))]);
}

/** Writes of plans with their last attempt, the latest accepted first. */
export function readJournal(
  tx: Tx,
  tenant: TenantId,
  request: { readonly plans: readonly string[]; readonly item: number | null; readonly limit: number },
): Promise<JournalRow[]> {
  const { plans, item, limit } = request;
  return tx.query<JournalRow>(writeJournalSql.journal, [tenant, [...plans], item, limit]);
}

/** Records that were made anew of deleted ones, `ids`: of each the new id, however often it was brought back. */
export function recordsRestored(
  tx: Tx,
  tenant: TenantId,
  of: { readonly connection: ConnectionId; readonly object: string; readonly ids: readonly string[] },
): Promise<{ readonly restored: string; readonly recordId: string }[]> {
  return tx.query(writeJournalSql.restored, [tenant, of.connection, of.object, [...of.ids]]);
}

/** Plans that were accepted then, latest first. Null: of anybody. */
export async function plansAccepted(
  tx: Tx,
  tenant: TenantId,
  request: {
    readonly agent: string | null;
    readonly principal: string | null;
    readonly from: Date;
    readonly to: Date;
    readonly limit: number;
  },
): Promise<string[]> {
  const { agent, principal, from, to, limit } = request;
  const rows = await tx.query<{ id: string }>(writeJournalSql.plansBetween, [
    tenant,
    agent,
    principal,
    from,
    to,
    limit,
  ]);
  return rows.map(({ id }) => id);
}

export interface WriteAttemptRow {
  readonly attempt: number;
  readonly sending: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly payloadHash: string;
  readonly outcome: JsonObject | null;
  readonly beganAt: Date;
  readonly endedAt: Date | null;
}

export function readAttempts(tx: Tx, tenant: TenantId, { plan, item }: WriteKey): Promise<WriteAttemptRow[]> {
  return tx.query<WriteAttemptRow>(writeJournalSql.attempts, [tenant, plan, item]);
}
