import { GantryError, limits, type TenantId } from '../kernel/index.ts';
import type { ApprovalNeed } from '../policy/index.ts';
import {
  approvalTurnDue,
  approvalsOf,
  endApproval,
  endApprovalCase,
  lockApprovalCase,
  lockWritePlans,
} from '../store/index.ts';
import { nextState } from './approval-state.ts';
import { requireFreshSignIn, requireOwnKey, requireSeen } from './decide-approval.ts';
import { aliasesOf, nameKey } from './may-decide.ts';
import { openReview } from './open-approvals.ts';
import type { ApprovalDeps, Decider } from './types.ts';

/**
 * Lets a plan go without the approvals that it needs: an administrator's act,
 * with a reason, and looked at afterwards by somebody else within a day. Who
 * asked for the plan cannot do it either; who was shown something else than
 * would be written does not let that go (`approval_changed`).
 */
export async function breakGlass(
  deps: ApprovalDeps,
  act: {
    readonly tenant: TenantId;
    readonly plan: string;
    readonly decider: Decider;
    readonly reason: string;
    /** Of what was shown; null: whatever would be written. */ readonly seen: string | null;
  },
): Promise<void> {
  const { tenant, plan, decider, reason, seen } = act;
  const settings = await deps.settings();
  if (decider.role === null) {
    throw new GantryError('approval_needs_person', { message: 'The key that several people share decides nothing.' });
  }
  if (decider.role !== 'admin') {
    throw new GantryError('role_required', {
      message: `${decider.name} is ${decider.role}; breaking the glass needs admin.`,
      data: { role: 'admin' },
    });
  }
  const own = nameKey(decider.name);
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      await lockWritePlans(tx, tenant, [plan]);
      const about = await lockApprovalCase(tx, tenant, plan);
      if (about === null) {
        throw new GantryError('approval_unknown', { message: `Nothing is asked about plan ${plan.slice(0, 80)}.` });
      }
      if (about.state !== 'open') {
        throw new GantryError('approval_over', { message: `What was asked about this plan is ${about.state}.` });
      }
      requireSeen(about, seen ?? about.payloadHash);
      const rows = await approvalsOf(tx, tenant, about);
      if (
        [own, ...aliasesOf(settings, decider.name)].some((name) => rows.some(({ barred }) => barred.includes(name)))
      ) {
        throw new GantryError('approval_own_request', {
          message: `${decider.name} asked for this, or is kept out of it by strict four eyes.`,
        });
      }
      await requireFreshSignIn(tx, decider);
      await requireOwnKey(tx, { about, barred: rows.flatMap(({ barred }) => barred), decider, settings });
      for (const { id, kind, state } of rows) {
        const next = nextState(kind, state, 'glass_broken');
        if (next !== null) await endApproval(tx, tenant, id, next);
      }
      const glass = { glassBy: own, glassReason: reason, glassToken: decider.token ?? null };
      await endApprovalCase(tx, tenant, about, { state: 'approved', glass });
      const review: ApprovalNeed = {
        id: 'broken_glass#1',
        from: { kind: 'role' },
        slaMs: limits.reviewWithinMs,
        escalateTo: [],
        fourEyes: 'strict',
      };
      const opened = await openReview(tx, { tenant, about, review, barred: [own] });
      await approvalTurnDue(tx, tenant, tx.now);
      const released = await deps.onDecided(tx, tenant, plan, { kind: 'approved', by: decider.name });
      await deps.audit(tx, tenant, [
        {
          kind: 'glass_broken',
          actor: { kind: 'operator', name: decider.name },
          subject: { plan },
          reason,
          amount: about.amount,
          detail: { title: about.title, needs: rows.map(({ need }) => need), payload_hash: about.payloadHash },
        },
        ...opened,
        ...released,
      ]);
    },
    'approvals.break_glass',
  );
}
