import type { JsonObject, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';

/** What is decided about: one payload of one plan. `state` is src/approvals' own, opaque here but for `open`. */
export interface ApprovalCaseRow extends CaseKey {
  readonly state: string;
  readonly payloadHash: string;
  readonly policyVersion: string;
  readonly agent: string;
  readonly principal: string | null;
  /** Who made the plan, where it was no agent. */
  readonly operator: string | null;
  /** Who prepared it, where a person did, whoever committed it. */
  readonly preparer: string | null;
  readonly accountable: string | null;
  readonly title: string;
  readonly reason: string | null;
  readonly shown: JsonObject;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly records: number;
  readonly review: JsonObject | null;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
  readonly glassBy: string | null;
  readonly glassReason: string | null;
  /** As `deciderToken`. */
  readonly glassToken: JsonObject | null;
}

/** For lists: without what is shown of it, which may be long. */
export type ApprovalCaseLine = Omit<ApprovalCaseRow, 'shown'>;

export interface CaseKey {
  readonly plan: string;
  /** From 1. */
  readonly round: number;
}

/** `state`, `kind`, `deciderBy` and `decidedIn` are src/approvals' own. */
export interface ApprovalRow extends CaseKey {
  readonly id: number;
  readonly need: string;
  readonly kind: string;
  readonly state: string;
  /** Null: any approver. */
  readonly fromNames: readonly string[] | null;
  readonly escalateTo: readonly string[];
  readonly barred: readonly string[];
  readonly askedAt: Date;
  readonly remindAt: Date;
  readonly dueAt: Date;
  readonly expiresAt: Date | null;
  readonly decider: string | null;
  readonly onBehalfOf: string | null;
  readonly deciderBy: string | null;
  readonly decidedIn: string | null;
  /** By which token; null: by a key of ours, or nobody decided. */
  readonly deciderToken: JsonObject | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
}

const lineColumns = `plan, round, state, payload_hash as "payloadHash", policy_version as "policyVersion", agent,
  principal, operator, preparer, accountable, title, reason, amount, currency, records, review, asked_at as "askedAt",
  ended_at as "endedAt", glass_by as "glassBy", glass_reason as "glassReason",
  glass_token as "glassToken"`;
const caseColumns = `${lineColumns}, shown`;

const columns = `id, plan, round, need, kind, state, from_names as "fromNames", escalate_to as "escalateTo", barred,
  asked_at as "askedAt", remind_at as "remindAt", due_at as "dueAt", expires_at as "expiresAt", decider,
  on_behalf_of as "onBehalfOf", decider_by as "deciderBy", decided_in as "decidedIn",
  decider_token as "deciderToken", decided_at as "decidedAt", reason`;

export const approvalsSql = {
  addCase: `insert into approval_case (tenant, plan, round, state, payload_hash, policy_version, agent, principal,
      operator, accountable, title, reason, shown, amount, currency, records, review, asked_at, ended_at, preparer)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::jsonb, $14, $15, $16, $17::text::jsonb, $18,
      $19, $20)`,
  lockCase: `select ${caseColumns} from approval_case where tenant = $1 and plan = $2 order by round desc limit 1
    for update`,
  readCase: `select ${caseColumns} from approval_case where tenant = $1 and plan = $2 and round = $3`,
  lastCase: `select ${caseColumns} from approval_case where tenant = $1 and plan = $2 order by round desc limit 1`,
  endCase: `update approval_case set state = $4, ended_at = $5, glass_by = $6, glass_reason = $7,
      glass_token = $8::text::jsonb
    where tenant = $1 and plan = $2 and round = $3`,
  setReview: `update approval_case set review = $4::text::jsonb where tenant = $1 and plan = $2 and round = $3`,
  add: `insert into approval (tenant, id, plan, round, need, kind, state, from_names, escalate_to, barred, asked_at,
      remind_at, due_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
  of: `select ${columns} from approval where tenant = $1 and plan = $2 and round = $3 order by id`,
  read: `select ${columns} from approval where tenant = $1 and id = $2`,
  move: 'update approval set state = $3 where tenant = $1 and id = $2 and decided_at is null returning id',
  decide: `update approval set state = $3, decider = $4, on_behalf_of = $5, decider_by = $6, decided_in = $7,
      decided_at = $8, reason = $9, decider_token = $10::text::jsonb
    where tenant = $1 and id = $2 and decided_at is null returning id`,
  end: `update approval set state = $3, decided_at = $4 where tenant = $1 and id = $2 and decided_at is null
    returning id`,
  list: `select ${columns} from approval where tenant = $1 and ($2::boolean or decided_at is null)
      and ($3::text is null or plan = $3)
    order by (decided_at is not null), coalesce(decided_at, due_at), id limit $4`,
  casesOf: `select ${lineColumns} from approval_case where tenant = $1 and plan = any($2::text[])`,
  // What is to be done by time: nobody decided, and something of it has passed.
  timely: `select ${columns} from approval where tenant = $1 and decided_at is null
      and (expires_at <= $2 or (due_at <= $2 and state = any($4::text[])) or (remind_at <= $2 and state = any($3::text[])))
    order by id limit $5`,
  soonest: `select min(least(expires_at, case when state = any($3::text[]) then due_at end,
        case when state = any($2::text[]) then remind_at end)) as at
    from approval where tenant = $1 and decided_at is null`,
} as const;

export async function addApprovalCase(
  tx: Tx,
  tenant: TenantId,
  row: Omit<ApprovalCaseRow, keyof CaseGlass>,
): Promise<void> {
  const { plan, round, state, payloadHash, policyVersion, agent, principal, operator, accountable, title } = row;
  const about = [plan, round, state, payloadHash, policyVersion, agent, principal, operator, accountable, title];
  const { reason, shown, amount, currency, records, review, askedAt, endedAt, preparer } = row;
  const kept = review === null ? null : JSON.stringify(review);
  const rest = [amount, currency, records, kept, askedAt, endedAt, preparer];
  await tx.query(approvalsSql.addCase, [tenant, ...about, reason, JSON.stringify(shown), ...rest]);
}

/** The plan's last round, locked until commit; null: nobody was ever asked. */
export async function lockApprovalCase(tx: Tx, tenant: TenantId, plan: string): Promise<ApprovalCaseRow | null> {
  return (await tx.query<ApprovalCaseRow>(approvalsSql.lockCase, [tenant, plan]))[0] ?? null;
}

export async function lastApprovalCase(tx: Tx, tenant: TenantId, plan: string): Promise<ApprovalCaseRow | null> {
  return (await tx.query<ApprovalCaseRow>(approvalsSql.lastCase, [tenant, plan]))[0] ?? null;
}

export async function readApprovalCase(tx: Tx, tenant: TenantId, key: CaseKey): Promise<ApprovalCaseRow | null> {
  return (await tx.query<ApprovalCaseRow>(approvalsSql.readCase, [tenant, key.plan, key.round]))[0] ?? null;
}

/** All rounds of these plans. */
export async function approvalCasesOf(
  tx: Tx,
  tenant: TenantId,
  plans: readonly string[],
): Promise<readonly ApprovalCaseLine[]> {
  return plans.length === 0 ? [] : tx.query<ApprovalCaseLine>(approvalsSql.casesOf, [tenant, [...plans]]);
}

/** Who let it go without its approvals, why, and by which token. */
export type CaseGlass = Pick<ApprovalCaseRow, 'glassBy' | 'glassReason' | 'glassToken'>;

export const glassWhole: CaseGlass = { glassBy: null, glassReason: null, glassToken: null };

export async function endApprovalCase(
  tx: Tx,
  tenant: TenantId,
  key: CaseKey,
  { state, glass }: { readonly state: string; readonly glass: CaseGlass },
): Promise<void> {
  const { glassBy, glassReason, glassToken } = glass;
  const told = [glassBy, glassReason, glassToken === null ? null : JSON.stringify(glassToken)];
  const params = [tenant, key.plan, key.round, state, tx.now, ...told];
  await tx.query(approvalsSql.endCase, params);
}

/** What is opened once the approvals are there. */
export async function setApprovalReview(tx: Tx, tenant: TenantId, key: CaseKey, review: JsonObject): Promise<void> {
  await tx.query(approvalsSql.setReview, [tenant, key.plan, key.round, JSON.stringify(review)]);
}

export type NewApproval = Pick<
  ApprovalRow,
  | 'plan'
  | 'round'
  | 'need'
  | 'kind'
  | 'state'
  | 'fromNames'
  | 'escalateTo'
  | 'barred'
  | 'remindAt'
  | 'dueAt'
  | 'expiresAt'
>;

/** Returns its number. */
export async function addApproval(tx: Tx, tenant: TenantId, row: NewApproval): Promise<number> {
  const id = await nextNumber(tx, tenant, 'approval');
  const { plan, round, need, kind, state, fromNames, escalateTo, barred, remindAt, dueAt, expiresAt } = row;
  const names = [fromNames === null ? null : [...fromNames], [...escalateTo], [...barred]];
  const times = [tx.now, remindAt, dueAt, expiresAt];
  await tx.query(approvalsSql.add, [tenant, id, plan, round, need, kind, state, ...names, ...times]);
  return id;
}

/** In the order in which they were asked for. */
export async function approvalsOf(tx: Tx, tenant: TenantId, key: CaseKey): Promise<readonly ApprovalRow[]> {
  return tx.query<ApprovalRow>(approvalsSql.of, [tenant, key.plan, key.round]);
}

export async function readApproval(tx: Tx, tenant: TenantId, id: number): Promise<ApprovalRow | null> {
  return (await tx.query<ApprovalRow>(approvalsSql.read, [tenant, id]))[0] ?? null;
}

/** Its time went on; false: it was decided. */
export async function moveApproval(tx: Tx, tenant: TenantId, id: number, state: string): Promise<boolean> {
  return (await tx.query(approvalsSql.move, [tenant, id, state])).length > 0;
}

/** False: it was decided. A second decision of the same human, or one of whoever asked, violates a constraint. */
export async function decideApprovalRow(
  tx: Tx,
  tenant: TenantId,
  id: number,
  to: Pick<ApprovalRow, 'state' | 'decider' | 'onBehalfOf' | 'deciderBy' | 'decidedIn' | 'reason' | 'deciderToken'>,
): Promise<boolean> {
  const token = to.deciderToken === null ? null : JSON.stringify(to.deciderToken);
  const params = [to.state, to.decider, to.onBehalfOf, to.deciderBy, to.decidedIn, tx.now, to.reason, token];
  return (await tx.query(approvalsSql.decide, [tenant, id, ...params])).length > 0;
}

/** It is over without anybody's decision. */
export async function endApproval(tx: Tx, tenant: TenantId, id: number, state: string): Promise<boolean> {
  return (await tx.query(approvalsSql.end, [tenant, id, state, tx.now])).length > 0;
}

/** What waits, the soonest due first; where asked for, what was decided, too. */
export async function listApprovals(
  tx: Tx,
  tenant: TenantId,
  of: { readonly decided: boolean; readonly plan: string | null; readonly limit: number },
): Promise<readonly ApprovalRow[]> {
  return tx.query<ApprovalRow>(approvalsSql.list, [tenant, of.decided, of.plan, of.limit]);
}

/** States in which reminding, or telling that the time is over, is still to be done. */
export interface TimelyStates {
  readonly toRemind: readonly string[];
  readonly toEscalate: readonly string[];
}

export async function timelyApprovals(
  tx: Tx,
  tenant: TenantId,
  { toRemind, toEscalate }: TimelyStates,
  limit: number,
): Promise<readonly ApprovalRow[]> {
  const params = [tenant, tx.now, [...toRemind], [...toEscalate], limit];
  return tx.query<ApprovalRow>(approvalsSql.timely, params);
}

/** When time has something to do next; null: never. */
export async function soonestApproval(
  tx: Tx,
  tenant: TenantId,
  { toRemind, toEscalate }: TimelyStates,
): Promise<Date | null> {
  const params = [tenant, [...toRemind], [...toEscalate]];
  return (await tx.query<{ at: Date | null }>(approvalsSql.soonest, params))[0]?.at ?? null;
}
