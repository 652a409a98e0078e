import type { TenantId } from '../kernel/index.ts';
import { approvalsOf, lastApprovalCase, type Tx } from '../store/index.ts';
import type { DeciderToken } from './types.ts';
import { wordFallen } from './word-stands.ts';

export type Standing =
  /** Nobody was asked, or all who were asked agreed, to exactly this, and may still agree. */
  | { readonly kind: 'stand' }
  /** `why`: a sentence. What was agreed is no agreement to this: it is asked anew. */
  | { readonly kind: 'fallen'; readonly why: string };

const fallen = (why: string): Standing => ({ kind: 'fallen', why });

/**
 * Looked at in the transaction that begins to carry a plan out: the approvals
 * are of this payload and these rules, and whoever gave them, or let it go
 * without them, still may.
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
  for (const { decider, deciderBy, deciderToken } of rows) {
    if (decider === null) continue;
    const word = { name: decider, by: byOf(deciderBy), token: deciderToken as DeciderToken | null };
    const why = await wordFallen(tx, word, 'approver');
    if (why !== null) return fallen(why);
  }
  if (about.glassBy === null) return { kind: 'stand' };
  const token = about.glassToken as DeciderToken | null;
  const glass = { name: about.glassBy, by: token === null ? ('key' as const) : ('token' as const), token };
  const why = await wordFallen(tx, glass, 'admin');
  return why === null ? { kind: 'stand' } : fallen(why);
}

const byOf = (deciderBy: string | null): 'key' | 'token' => (deciderBy === 'key' ? 'key' : 'token');
