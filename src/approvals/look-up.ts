import { limits, type TenantId } from '../kernel/index.ts';
import {
  approvalCasesOf,
  approvalNoticesOf,
  approvalsOf,
  findApprovalLink,
  listApprovals,
  operatorRoleOf,
  readApproval,
  readApprovalCase,
  takeApprovalLink,
  type ApprovalCaseLine,
  type ApprovalCaseRow,
  type ApprovalNoticeRow,
  type ApprovalRow,
} from '../store/index.ts';
import { GantryError } from '../kernel/index.ts';
import { decideApproval, unknown, type Decision } from './decide-approval.ts';
import { nameKey } from './may-decide.ts';
import type { ApprovalDeps, Decider } from './types.ts';

export interface ToldApproval {
  readonly row: ApprovalRow;
  readonly about: ApprovalCaseLine;
}

export interface WholeApproval extends ToldApproval {
  readonly about: ApprovalCaseRow;
  /** All of the round: who else is asked, and who decided. */
  readonly round: readonly ApprovalRow[];
  readonly notices: readonly ApprovalNoticeRow[];
}

/** What waits of a tenant, the soonest due first; where asked for, what was decided, too. */
export async function toldApprovals(
  { db }: Pick<ApprovalDeps, 'db'>,
  tenant: TenantId,
  of: { readonly decided: boolean; readonly plan: string | null; readonly limit: number },
): Promise<readonly ToldApproval[]> {
  return db.tenantRead(tenant, async (tx) => {
    const rows = await listApprovals(tx, tenant, { ...of, limit: Math.min(of.limit, limits.approvalsListedMax) });
    const cases = await approvalCasesOf(tx, tenant, [...new Set(rows.map(({ plan }) => plan))]);
    return rows.flatMap((row) => {
      const about = cases.find(({ plan, round }) => plan === row.plan && round === row.round);
      return about === undefined ? [] : [{ row, about }];
    });
  });
}

/** Raises `approval_unknown`. */
export async function wholeApproval(
  { db }: Pick<ApprovalDeps, 'db'>,
  tenant: TenantId,
  id: number,
): Promise<WholeApproval> {
  return db.tenantRead(tenant, async (tx) => {
    const row = await readApproval(tx, tenant, id);
    const about = row === null ? null : await readApprovalCase(tx, tenant, row);
    if (row === null || about === null) throw unknown(id);
    const round = await approvalsOf(tx, tenant, row);
    return { row, about, round, notices: await approvalNoticesOf(tx, tenant, [id]) };
  });
}

/** What a link shows, and as whom its holder would decide. Looking uses nothing up. Raises `approval_link_invalid`. */
export async function linkedApproval(
  deps: Pick<ApprovalDeps, 'db'>,
  token: string,
): Promise<WholeApproval & { readonly tenant: TenantId; readonly decider: Decider }> {
  const link = await findApprovalLink(deps.db, token);
  if (link === null) throw new GantryError('approval_link_invalid', { message: 'This link is not good any more.' });
  const role = await deps.db.read((tx) => operatorRoleOf(tx, nameKey(link.person)));
  // What is asked for is a customer's: who may not decide any more is not shown it either.
  if (role !== 'approver' && role !== 'admin') {
    throw new GantryError('approval_link_invalid', { message: 'Whom this link was sent to is no approver any more.' });
  }
  const whole = await wholeApproval(deps, link.tenant, link.approval);
  return { ...whole, tenant: link.tenant, decider: { name: link.person, role, by: 'key', decidedIn: 'link' } };
}

/** The link is spent with the decision, in one transaction: a decision that is refused leaves it as it was. */
export async function decideByLink(
  deps: ApprovalDeps,
  token: string,
  said: Pick<Decision, 'verdict' | 'reason' | 'seen'>,
): Promise<ApprovalRow> {
  const { tenant, row, decider } = await linkedApproval(deps, token);
  const spend: Decision['spend'] = (tx) => takeApprovalLink(tx, token);
  return decideApproval(deps, { ...said, tenant, approval: row.id, decider, spend });
}
