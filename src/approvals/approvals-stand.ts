import type { TenantId } from '../kernel/index.ts';
import { approvalsOf, lastApprovalCase, operatorRoleOf, type Tx } from '../store/index.ts';

export type Standing =
  /** Nobody was asked, or all who were asked agreed, to exactly this, and may still agree. */
  | { readonly kind: 'stand' }
  /** `why`: a sentence. What was agreed is no agreement to this: it is asked anew. */
  | { readonly kind: 'fallen'; readonly why: string };

const fallen = (why: string): Standing => ({ kind: 'fallen', why });

/**
 * Looked at in the transaction that begins to carry a plan out: the approvals
 * are of this payload and these rules, and whoever gave them still may. Roles
 * that an identity provider says are as it said them at the decision.
 */
export async function approvalsStand(
  tx: Tx,
  of: {
    readonly tenant: TenantId;
    readonly plan: string;
    readonly payloadHash: string;
    readonly policyVersion: string;
    /** The plan waited for approval; false: whether it did is for the caller to know. */
    readonly needed: boolean;
  },
): Promise<Standing> {
  const { tenant, plan, payloadHash, policyVersion, needed } = of;
  const about = await lastApprovalCase(tx, tenant, plan);
  if (about === null || about.state === 'reviewing') {
    return needed ? fallen('nobody was asked') : { kind: 'stand' };
  }
  if (about.state !== 'approved') return fallen(`what was asked is ${about.state}`);
  if (about.payloadHash !== payloadHash) return fallen('what was approved is not what would be written');
  if (about.policyVersion !== policyVersion) return fallen('it was approved under other rules');
  const rows = (await approvalsOf(tx, tenant, about)).filter(({ kind }) => kind === 'approval');
  for (const { decider, deciderBy } of rows) {
    if (decider === null || deciderBy !== 'key') continue;
    if (!mayApprove(await operatorRoleOf(tx, decider))) return fallen(`${decider} is no approver any more`);
  }
  return { kind: 'stand' };
}

const mayApprove = (role: string | null): boolean => role === 'approver' || role === 'admin';
