import type { AuditEntry } from '../audit/index.ts';
import { GantryError, type TenantId } from '../kernel/index.ts';
import type { ApprovalNeed } from '../policy/index.ts';
import {
  approvalsOf,
  decideApprovalRow,
  endApprovalCase,
  keyMakersSince,
  lockApprovalCase,
  lockWritePlans,
  readApproval,
  readApprovalCase,
  standsInFor,
  type ApprovalCaseRow,
  type ApprovalRow,
  type Tx,
} from '../store/index.ts';
import { caseStateOf, nextState } from './approval-state.ts';
import { aliasesOf, mayDecide, nameKey } from './may-decide.ts';
import { openReview, withdraw } from './open-approvals.ts';
import type { ApprovalDeps, ApprovalSettings, DecidedOutcome, Decider, Verdict } from './types.ts';
import { wordFallen } from './word-stands.ts';

export interface Decision {
  readonly tenant: TenantId;
  readonly approval: number;
  readonly decider: Decider;
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** Hash of the payload that the decider was shown; null: they were shown none, which only a no needs. */
  readonly seen: string | null;
  /** Spends the one-time link that it comes by; false: it was spent before. */
  readonly spend?: (tx: Tx) => Promise<boolean>;
}

const events = { approve: 'approved', deny: 'denied', fine: 'fine', object: 'objected' } as const;

/**
 * One human's decision. What it leads to (the plan is released, or ends, or a
 * review is opened) is in the same transaction. Raises the approval family's
 * errors; nothing is kept then.
 */
export async function decideApproval(deps: ApprovalDeps, decision: Decision): Promise<ApprovalRow> {
  const { tenant, approval } = decision;
  if (decision.verdict === 'approve') await checkPolicy(deps, decision);
  const settings = await deps.settings();
  const moved = await deps.db.tenantTx(
    tenant,
    (tx) => decideIn(deps, tx, { ...decision, settings }),
    'approvals.decide',
  );
  deps.onEvent({ kind: 'approval_moved', tenant, approval, state: moved.state });
  return moved;
}

/** Under other rules other people may have to be asked, or nobody may say yes. */
async function checkPolicy(deps: ApprovalDeps, { tenant, approval }: Decision): Promise<void> {
  const about = await deps.db.tenantRead(tenant, async (tx) => {
    const row = await readApproval(tx, tenant, approval);
    return row === null ? null : readApprovalCase(tx, tenant, row);
  });
  if (about === null) throw unknown(approval);
  if (about.state !== 'open' || (await deps.policyVersionOf(tenant, about.agent)) === about.policyVersion) return;
  throw new GantryError('approval_changed', {
    message: 'The rules are others than when this was asked: only a no is taken.',
    fix: 'Deny it, and have it prepared anew.',
    where: 'policy',
  });
}

async function decideIn(
  deps: ApprovalDeps,
  tx: Tx,
  decision: Decision & { readonly settings: ApprovalSettings },
): Promise<ApprovalRow> {
  const { tenant, decider, verdict } = decision;
  const { about, row } = await lockedApproval(tx, tenant, decision.approval);
  const next = checkDecision(tx, { about, row, decision });
  const rows = await approvalsOf(tx, tenant, about);
  const onBehalfOf = await checkPerson(tx, { about, row, rows, decision });
  // Read inside, so that of two clicks on one link the second finds it spent.
  if (decision.spend !== undefined && !(await decision.spend(tx))) {
    throw new GantryError('approval_link_invalid', { message: 'This link was used before.' });
  }
  const decided = {
    state: next,
    decider: nameKey(decider.name),
    onBehalfOf,
    deciderBy: decider.by,
    decidedIn: decider.decidedIn,
    deciderToken: decider.token ?? null,
    reason: decision.reason,
  };
  await decideApprovalRow(tx, tenant, row.id, decided);
  const entry = decidedEntry(about, row, decision, onBehalfOf);
  const after = rows.map((each) => (each.id === row.id ? { ...each, ...decided } : each));
  const more =
    row.kind === 'review' || verdict === 'object' ? [] : await settleCase(deps, tx, { tenant, about, after, decision });
  await deps.audit(tx, tenant, [entry, ...more]);
  return { ...row, ...decided, decidedAt: tx.now };
}

/** The plan before its round: whoever commits or withdraws it locks in the same order. */
export async function lockedApproval(
  tx: Tx,
  tenant: TenantId,
  approval: number,
): Promise<{ readonly about: ApprovalCaseRow; readonly row: ApprovalRow }> {
  const found = await readApproval(tx, tenant, approval);
  if (found === null) throw unknown(approval);
  await lockWritePlans(tx, tenant, [found.plan]);
  const about = await lockApprovalCase(tx, tenant, found.plan);
  const row = await readApproval(tx, tenant, approval);
  if (about === null || row === null) throw unknown(approval);
  if (row.round !== about.round && row.decidedAt === null) throw isOver(row, 'a newer round of the same plan is asked');
  return { about, row };
}

export const unknown = (approval: number): GantryError =>
  new GantryError('approval_unknown', { message: `There is no approval ${String(approval)}.`, where: 'approval' });

const isOver = (row: ApprovalRow, why: string): GantryError =>
  new GantryError('approval_over', {
    message: `Approval ${String(row.id)} is over: ${why}.`,
    data: { state: row.state, by: row.decider, at: row.decidedAt?.toISOString() ?? null },
  });

/** The state that it leads to. */
function checkDecision(
  tx: Tx,
  { about, row, decision }: { readonly about: ApprovalCaseRow; readonly row: ApprovalRow; readonly decision: Decision },
): string {
  const { verdict, seen, reason } = decision;
  if ((verdict === 'fine' || verdict === 'object') !== (row.kind === 'review')) {
    throw new GantryError('approval_verdict_invalid', {
      message: row.kind === 'review' ? 'A review is found fine, or objected to.' : 'An approval is approved or denied.',
      where: 'verdict',
      allowed: row.kind === 'review' ? ['fine', 'object'] : ['approve', 'deny'],
    });
  }
  const next = nextState(row.kind, row.state, events[verdict]);
  if (next === null) throw isOver(row, row.decider === null ? `it is ${row.state}` : `${row.decider} decided`);
  if (row.expiresAt !== null && row.expiresAt <= tx.now) throw isOver(row, 'nobody decided in time, which means no');
  if ((verdict === 'deny' || verdict === 'object') && reason === null) {
    throw new GantryError('approval_reason_missing', { message: 'A no is explained.', where: 'reason' });
  }
  if (seen !== null || verdict !== 'deny') requireSeen(about, seen);
  return next;
}

/** A yes is to what was shown, and to nothing else. */
export function requireSeen({ payloadHash }: Pick<ApprovalCaseRow, 'payloadHash'>, seen: string | null): void {
  if (seen === payloadHash) return;
  throw new GantryError('approval_changed', {
    message: 'What would be written is not what you were shown.',
    where: 'seen',
  });
}

/** In whose place; raises where this human's word does not count. */
async function checkPerson(
  tx: Tx,
  of: {
    readonly about: ApprovalCaseRow;
    readonly row: ApprovalRow;
    readonly rows: readonly ApprovalRow[];
    readonly decision: { readonly decider: Decider; readonly settings: ApprovalSettings };
  },
): Promise<string | null> {
  const { about, row, rows } = of;
  const { decider, settings } = of.decision;
  const absent = await standsInFor(tx, nameKey(decider.name));
  const deciders = rows.flatMap((each) => (each.decider === null ? [] : [each.decider]));
  const answer = mayDecide(row, decider, {
    // Whoever broke the glass has had their say.
    deciders: about.glassBy === null ? deciders : [...deciders, about.glassBy],
    standsInFor: absent.map((name) => ({ name, aliases: aliasesOf(settings, name) })),
    aliases: aliasesOf(settings, decider.name),
  });
  if (answer.kind === 'yes') {
    await requireFreshSignIn(tx, decider);
    await requireOwnKey(tx, { about, barred: row.barred, decider, settings });
    return answer.onBehalfOf;
  }
  const { code, message, data } = answer.refusal;
  throw new GantryError(code, { message, ...(data === undefined ? {} : { data }) });
}

/** Who may make keys could decide about their own request with one in another's name. Raises `approval_own_request`. */
export async function requireOwnKey(
  tx: Tx,
  of: {
    readonly about: ApprovalCaseRow;
    /** Who may not decide, lower case. */
    readonly barred: readonly string[];
    readonly decider: Decider;
    readonly settings: ApprovalSettings;
  },
): Promise<void> {
  const { about, barred, decider, settings } = of;
  if (decider.by !== 'key') return;
  const makers = await keyMakersSince(tx, nameKey(decider.name), about.askedAt);
  const maker = makers.find((each) =>
    [nameKey(each), ...aliasesOf(settings, each)].some((name) => barred.includes(name)),
  );
  if (maker === undefined) return;
  throw new GantryError('approval_own_request', {
    message: `The key of ${decider.name} was made by ${maker} after this was asked for, and ${maker} does not decide about it.`,
  });
}

/** What an approval would not be carried out by is not taken for one. Raises `approval_sign_in_over`. */
export async function requireFreshSignIn(tx: Tx, decider: Decider): Promise<void> {
  if (decider.token === undefined) return;
  const word = { name: nameKey(decider.name), by: decider.by, token: decider.token };
  const why = await wordFallen(tx, word, 'approver');
  if (why !== null) throw new GantryError('approval_sign_in_over', { message: `Nothing is decided: ${why}.` });
}

/** What the round comes to now; entries for the audit. */
export async function settleCase(
  deps: ApprovalDeps,
  tx: Tx,
  of: {
    readonly tenant: TenantId;
    readonly about: ApprovalCaseRow;
    readonly after: readonly ApprovalRow[];
    readonly decision: Pick<Decision, 'reason' | 'decider'>;
  },
): Promise<AuditEntry[]> {
  const { tenant, about, after, decision } = of;
  const needed = after.filter(({ kind }) => kind === 'approval');
  const state = caseStateOf(needed.map((each) => each.state));
  if (state === 'open') return [];
  await endApprovalCase(tx, tenant, about, { state, glass: about });
  for (const each of needed) await withdraw(tx, tenant, each);
  const by = [...new Set(needed.flatMap(({ decider }) => (decider === null ? [] : [decider])))].join(', ');
  const outcome: DecidedOutcome =
    state === 'approved'
      ? { kind: 'approved', by }
      : { kind: 'rejected', by: decision.decider.name, reason: decision.reason };
  const opened = state === 'approved' ? await reviewAfter(tx, { tenant, about, barred: [] }) : [];
  return [...opened, ...(await deps.onDecided(tx, tenant, about.plan, outcome))];
}

/** The second look that the rules ask for; another human's than those who decided, which the database keeps apart. */
export async function reviewAfter(
  tx: Tx,
  of: { readonly tenant: TenantId; readonly about: ApprovalCaseRow; readonly barred: readonly string[] },
): Promise<AuditEntry[]> {
  const review = of.about.review as unknown as ApprovalNeed | null;
  return review === null ? [] : openReview(tx, { ...of, review });
}

function decidedEntry(
  about: ApprovalCaseRow,
  row: ApprovalRow,
  { verdict, decider, reason }: Decision,
  onBehalfOf: string | null,
): AuditEntry {
  const subject = { plan: about.plan, approval: String(row.id) };
  const detail = {
    title: about.title,
    need: row.need,
    decided_in: decider.decidedIn,
    on_behalf_of: onBehalfOf,
    payload_hash: about.payloadHash,
    policy_version: about.policyVersion,
  };
  const actor = { kind: 'operator', name: decider.name } as const;
  if (row.kind === 'review') {
    const said = verdict === 'fine' ? 'it is fine' : 'it is not right';
    return { kind: 'review_done', actor, subject, reason, amount: about.amount, detail: { ...detail, verdict: said } };
  }
  const decided = verdict === 'approve' ? 'approved' : 'denied';
  return {
    kind: 'approval_decided',
    actor,
    subject,
    reason,
    amount: about.amount,
    detail: { ...detail, decision: decided },
  };
}
