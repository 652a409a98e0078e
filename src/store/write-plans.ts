import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** `state` is src/write's, `content` as well: opaque here. */
export interface WritePlanRow {
  readonly id: string;
  readonly agent: string;
  readonly principal: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly content: JsonObject;
  readonly payloadHash: string;
  readonly policyVersion: string;
  readonly approved: boolean;
  readonly records: number;
  readonly undoes: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Which systems a plan writes to. `systems` is src/write's, as `content` is. */
export interface PlanSystemsRow {
  readonly id: string;
  /** Null: an earlier version kept the plan. */
  readonly systems: { readonly [slug: string]: number | null } | null;
  /** Slugs that the rules were asked about. */
  readonly connections: readonly string[];
}

export type NewWritePlan = Omit<WritePlanRow, 'reason' | 'approved' | 'acceptedAt' | 'endedAt'>;

export interface NewWrite {
  readonly item: number;
  readonly step: number;
  readonly connection: ConnectionId;
  readonly object: string;
  readonly operation: string;
  /** What stands for the record in the order of writes to one record. */
  readonly target: string;
  readonly recordId: string | null;
  readonly content: JsonObject;
}

const columnsWith = (
  content: string,
): string => `id, agent, principal, state, reason, ${content}, payload_hash as "payloadHash",
    policy_version as "policyVersion", approved, records, undoes, created_at as "createdAt", expires_at as "expiresAt",
    accepted_at as "acceptedAt", ended_at as "endedAt"`;
const columns = columnsWith('content');

export const writePlansSql = {
  add: `insert into write_plan (tenant, id, agent, principal, state, content, payload_hash, policy_version, records,
      undoes, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9, $10, $11, $12)`,
  addWrites: `insert into write (tenant, plan, item, step, connection, object, operation, target, state, record_id)
    select $1, $2, r.i, r.s, r.c, r.o, r.p, r.t, $4, r.r
    from jsonb_to_recordset($3::text::jsonb) as r(i int, s int, c int, o text, p text, t text, r text)`,
  addContents: `insert into write_content (tenant, plan, item, content)
    select $1, $2, r.i, r.v from jsonb_to_recordset($3::text::jsonb) as r(i int, v jsonb)`,
  read: `select ${columns} from write_plan where tenant = $1 and id = $2`,
  systems: `select id, content -> 'systems' as systems, array(select distinct jsonb_array_elements_text(
        jsonb_path_query_array(content, '$.question.parts[*].connection'))) as connections
    from write_plan where tenant = $1 and id = any($2::text[])`,
  first: 'select min(accepted_at) as at from write_plan where tenant = $1 and accepted_at is not null',
  lock: `select ${columns} from write_plan where tenant = $1 and id = any($2::text[]) order by id for update`,
  // Of what was asked for without the records: of a large plan that is nearly all, and it is locked with each batch.
  lockToSend: `select ${columnsWith(`content #- '{intent,records}' as content`)} from write_plan
    where tenant = $1 and id = any($2::text[]) order by id for update`,
  list: `select ${columns} from write_plan where tenant = $1 and ($2::text is null or agent = $2)
      and ($3::text is null or principal = $3) and ($4::text[] is null or state = any($4))
    order by created_at desc, id limit $5`,
  setState: `update write_plan set state = $3, reason = $4, ended_at = $5,
      accepted_at = coalesce(accepted_at, $6), approved = approved or $7
    where tenant = $1 and id = $2`,
  advance: `update write_plan set state = $3, ended_at = $4 where tenant = $1 and id = any($2::text[])`,
  renew: `update write_plan set content = $3::text::jsonb, payload_hash = $4, approved = false
    where tenant = $1 and id = $2`,
  renewContents: `update write_content c set content = r.v from jsonb_to_recordset($3::text::jsonb) as r(i int, v jsonb)
    where c.tenant = $1 and c.plan = $2 and c.item = r.i`,
  due: `select id from write_plan where tenant = $1 and state in ('prepared', 'proposed')
      and expires_at <= $2 order by expires_at limit $3`,
  counts: `select plan, step, state, count(*) as count from write where tenant = $1 and plan = any($2::text[])
    group by plan, step, state`,
  contents: `select item, content from write_content where tenant = $1 and plan = $2 order by item`,
  statuses: `select item, state, coalesce(record_id, '') as "recordId", code, attempts, due_at as "dueAt",
      ended_at as "endedAt"
    from write where tenant = $1 and plan = $2 and ($5::text[] is null or state = any($5)) and item >= $3
    order by item limit $4`,
} as const;

/** With its writes, all in state `planned`. */
export async function addWritePlan(
  tx: Tx,
  tenant: TenantId,
  plan: NewWritePlan,
  { writes, planned }: { readonly writes: readonly NewWrite[]; readonly planned: string },
): Promise<void> {
  const { id, agent, principal, state, content, payloadHash, policyVersion } = plan;
  await tx.query(writePlansSql.add, [
    tenant,
    id,
    agent,
    principal,
    state,
    jsonbText(JSON.stringify(content)),
    payloadHash,
    policyVersion,
    plan.records,
    plan.undoes,
    plan.createdAt,
    plan.expiresAt,
  ]);
  await addWrites(tx, tenant, id, { writes, planned });
}

/** Writes of a plan that is there, all in state `planned`. */
export async function addWrites(
  tx: Tx,
  tenant: TenantId,
  id: string,
  { writes, planned }: { readonly writes: readonly NewWrite[]; readonly planned: string },
): Promise<void> {
  const rows = writes.map((each) => ({
    i: each.item,
    s: each.step,
    c: each.connection,
    o: each.object,
    p: each.operation,
    t: each.target,
    r: each.recordId,
  }));
  if (rows.length === 0) return;
  await tx.query(writePlansSql.addWrites, [tenant, id, jsonbText(JSON.stringify(rows)), planned]);
  const contents = writes.map(({ item, content: v }) => ({ i: item, v }));
  await tx.query(writePlansSql.addContents, [tenant, id, jsonbText(JSON.stringify(contents))]);
}

export async function readWritePlan(tx: Tx, tenant: TenantId, id: string): Promise<WritePlanRow | null> {
  const [row] = await tx.query<WritePlanRow>(writePlansSql.read, [tenant, id]);
  return row ?? null;
}

export function readPlanSystems(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<PlanSystemsRow[]> {
  return tx.query<PlanSystemsRow>(writePlansSql.systems, [tenant, ids]);
}

/** When the tenant's first plan was accepted; null: none was. */
export async function firstWriteAt(tx: Tx, tenant: TenantId): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(writePlansSql.first, [tenant]);
  return row?.at ?? null;
}

/** Locked until commit, always in the same order; whoever needs a turn as well takes it afterwards. */
export function lockWritePlans(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<WritePlanRow[]> {
  return tx.query<WritePlanRow>(writePlansSql.lock, [tenant, [...ids]]);
}

/** The same for who sends and keeps what came of it: `content` has nothing of the single records that were asked for. */
export function lockPlansToSend(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<WritePlanRow[]> {
  return tx.query<WritePlanRow>(writePlansSql.lockToSend, [tenant, [...ids]]);
}

/** Newest first. Null: any. */
export function listWritePlans(
  tx: Tx,
  tenant: TenantId,
  request: {
    readonly agent: string | null;
    readonly principal: string | null;
    readonly states: readonly string[] | null;
    readonly limit: number;
  },
): Promise<WritePlanRow[]> {
  const { agent, principal, states, limit } = request;
  return tx.query<WritePlanRow>(writePlansSql.list, [
    tenant,
    agent,
    principal,
    states === null ? null : [...states],
    limit,
  ]);
}

export interface WritePlanMove {
  readonly state: string;
  readonly reason: string | null;
  readonly endedAt: Date | null;
  /** Kept where none is known yet; null: not accepted by this. */
  readonly acceptedAt: Date | null;
  readonly approved: boolean;
}

export async function moveWritePlan(tx: Tx, tenant: TenantId, id: string, move: WritePlanMove): Promise<void> {
  const { state, reason, endedAt, acceptedAt, approved } = move;
  await tx.query(writePlansSql.setState, [tenant, id, state, reason, endedAt, acceptedAt, approved]);
}

/** Many at once, for the same reason as before. */
export async function advanceWritePlans(
  tx: Tx,
  tenant: TenantId,
  ids: readonly string[],
  { state, endedAt }: Pick<WritePlanMove, 'state' | 'endedAt'>,
): Promise<void> {
  await tx.query(writePlansSql.advance, [tenant, [...ids], state, endedAt]);
}

/** Plans that nobody has taken up and whose time is over. */
export async function overdueWritePlans(tx: Tx, tenant: TenantId, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(writePlansSql.due, [tenant, tx.now, limit]);
  return rows.map(({ id }) => id);
}

/** It is as `plan` now; whoever agreed did so to another. `changed`: its writes that are others now. */
export async function renewWritePlan(
  tx: Tx,
  tenant: TenantId,
  { id, content, payloadHash }: Pick<WritePlanRow, 'id' | 'content' | 'payloadHash'>,
  changed: readonly Pick<NewWrite, 'item' | 'content'>[],
): Promise<void> {
  await tx.query(writePlansSql.renew, [tenant, id, jsonbText(JSON.stringify(content)), payloadHash]);
  await renewWriteContents(tx, tenant, id, changed);
}

/** Writes that say something else now. */
export async function renewWriteContents(
  tx: Tx,
  tenant: TenantId,
  plan: string,
  changed: readonly Pick<NewWrite, 'item' | 'content'>[],
): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ item, content: v }) => ({ i: item, v }));
  await tx.query(writePlansSql.renewContents, [tenant, plan, jsonbText(JSON.stringify(rows))]);
}

export interface WriteCount {
  readonly plan: string;
  readonly step: number;
  readonly state: string;
  readonly count: number;
}

export function countWrites(tx: Tx, tenant: TenantId, plans: readonly string[]): Promise<WriteCount[]> {
  return tx.query<WriteCount>(writePlansSql.counts, [tenant, [...plans]]);
}

export function readWriteContents(
  tx: Tx,
  tenant: TenantId,
  plan: string,
): Promise<{ readonly item: number; readonly content: JsonObject }[]> {
  return tx.query(writePlansSql.contents, [tenant, plan]);
}

export interface WriteStateRow {
  readonly item: number;
  readonly state: string;
  /** Empty: not known. */
  readonly recordId: string;
  readonly code: string | null;
  readonly attempts: number;
  readonly dueAt: Date | null;
  readonly endedAt: Date | null;
}

export function readWriteStates(
  tx: Tx,
  tenant: TenantId,
  plan: string,
  page: { readonly from: number; readonly limit: number; readonly states: readonly string[] | null },
): Promise<WriteStateRow[]> {
  const { from, limit, states } = page;
  return tx.query<WriteStateRow>(writePlansSql.statuses, [
    tenant,
    plan,
    from,
    limit,
    states === null ? null : [...states],
  ]);
}
