import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** One message to one recipient about one approval. `kind` and `state` are src/approvals' own, opaque here but for `due`. */
export interface ApprovalNoticeKey {
  readonly approval: number;
  readonly kind: string;
  readonly recipient: string;
}

export interface ApprovalNoticeRow extends ApprovalNoticeKey {
  readonly state: string;
  /** Begun ones count. */
  readonly attempts: number;
  readonly dueAt: Date;
  readonly cause: string | null;
}

const columns = 'approval, kind, recipient, state, attempts, due_at as "dueAt", cause';

export const approvalNoticesSql = {
  add: `insert into approval_notice (tenant, approval, kind, recipient, state, due_at, created_at)
    values ($1, $2, $3, $4, 'due', $5, $5) on conflict (tenant, approval, kind, recipient) do nothing`,
  again: `update approval_notice set state = $6, due_at = $7, cause = null, ended_at = null
    where tenant = $1 and approval = $2 and kind = $3 and recipient = $4 and state = $5`,
  due: `select ${columns} from approval_notice where tenant = $1 and state = 'due' and due_at <= $2
      and (recipient = $3) = $5
    order by due_at, approval, kind, recipient limit $4`,
  soonest: `select min(due_at) as at from approval_notice where tenant = $1 and state = 'due'`,
  begin: `update approval_notice set attempts = attempts + 1, due_at = $5
    where tenant = $1 and approval = $2 and kind = $3 and recipient = $4 and state = 'due' returning attempts`,
  move: `update approval_notice set state = $5, due_at = $6, cause = $7, ended_at = $8
    where tenant = $1 and approval = $2 and kind = $3 and recipient = $4 and state = 'due'`,
  of: `select ${columns} from approval_notice where tenant = $1 and approval = any($2::int[])
    order by approval, created_at, kind, recipient`,
} as const;

const keyOf = ({ approval, kind, recipient }: ApprovalNoticeKey) => [approval, kind, recipient] as const;

/** Nothing where there is one already. */
export async function addApprovalNotice(tx: Tx, tenant: TenantId, key: ApprovalNoticeKey): Promise<void> {
  await tx.query(approvalNoticesSql.add, [tenant, ...keyOf(key), tx.now]);
}

/** One that is over in the state `from` is to be sent after all. */
export async function renewApprovalNotice(
  tx: Tx,
  tenant: TenantId,
  key: ApprovalNoticeKey,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await tx.query(approvalNoticesSql.again, [tenant, ...keyOf(key), from, to, tx.now]);
}

/** Those to this recipient, or to all other ones. */
export async function dueApprovalNotices(
  tx: Tx,
  tenant: TenantId,
  to: { readonly recipient: string } | { readonly butNot: string },
  limit: number,
): Promise<readonly ApprovalNoticeRow[]> {
  const [recipient, same] = 'recipient' in to ? [to.recipient, true] : [to.butNot, false];
  return tx.query<ApprovalNoticeRow>(approvalNoticesSql.due, [tenant, tx.now, recipient, limit, same]);
}

export async function soonestApprovalNotice(tx: Tx, tenant: TenantId): Promise<Date | null> {
  return (await tx.query<{ at: Date | null }>(approvalNoticesSql.soonest, [tenant]))[0]?.at ?? null;
}

/** An attempt begins; unless its end is kept, it is due again then. Its number; null: it is over. */
export async function beginApprovalNotice(
  tx: Tx,
  tenant: TenantId,
  key: ApprovalNoticeKey,
  again: Date,
): Promise<number | null> {
  const rows = await tx.query<{ attempts: number }>(approvalNoticesSql.begin, [tenant, ...keyOf(key), again]);
  return rows[0]?.attempts ?? null;
}

export async function moveApprovalNotice(
  tx: Tx,
  tenant: TenantId,
  key: ApprovalNoticeKey,
  to: Pick<ApprovalNoticeRow, 'state' | 'dueAt' | 'cause'>,
): Promise<void> {
  const endedAt = to.state === 'due' ? null : tx.now;
  await tx.query(approvalNoticesSql.move, [tenant, ...keyOf(key), to.state, to.dueAt, to.cause, endedAt]);
}

export async function approvalNoticesOf(
  tx: Tx,
  tenant: TenantId,
  approvals: readonly number[],
): Promise<readonly ApprovalNoticeRow[]> {
  return approvals.length === 0 ? [] : tx.query<ApprovalNoticeRow>(approvalNoticesSql.of, [tenant, [...approvals]]);
}
