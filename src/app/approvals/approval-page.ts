import type { ApprovalPageUseCases, Operator } from '../../api/index.ts';
import { decideApproval, decideByLink, linkedApproval, wholeApproval, type TellDeps } from '../../approvals/index.ts';
import { roleIn } from '../../identity/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import { findOauthItem, findOperator, keepOauthItem, removeOauthItem, standingOfKey } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { operatorSessions, sessionOwner } from '../identity/operator-sessions.ts';
import { lineView, wholeView } from './approval-views.ts';
import { waiting } from './approval-use-cases.ts';
import { deciderOf } from './decider.ts';

const SESSION = operatorSessions.approvals;

/** Approvals for browsers. A session stands for the key that was entered; whether that is good, and what it may do, is looked up each time. */
export function createApprovalPage(deps: TellDeps): ApprovalPageUseCases {
  const { db, random, publicUrl, slugOf } = deps;
  return {
    secure: new URL(publicUrl).protocol === 'https:',
    signIn: async (key) => {
      const operator = key === '' ? null : await findOperator(db, key);
      if (operator === null) {
        throw new GantryError('approval_sign_in_refused', { message: 'This is no operator’s own key.' });
      }
      if (operator.role === 'backend') {
        throw new GantryError('approval_sign_in_refused', { message: 'That is a backend’s key: it is for no person.' });
      }
      const session = Buffer.from(random.bytes(32)).toString('base64url');
      await db.tx(
        (tx) =>
          keepOauthItem(tx, {
            kind: SESSION,
            id: session,
            tenant: null,
            grantId: null,
            uid: sessionOwner(operator.name),
            payload: { name: operator.name, since: operator.createdAt.toISOString() },
            expiresAt: new Date(tx.now.getTime() + limits.approvalSessionMs),
          }),
        'approvals.sign_in',
      );
      return session;
    },
    signOut: (session) => db.tx((tx) => removeOauthItem(tx, SESSION, session), 'approvals.sign_out'),
    who: async (session): Promise<Operator | null> => {
      const { name, since } = (await findOauthItem(db, SESSION, session))?.payload ?? {};
      if (typeof name !== 'string' || typeof since !== 'string') return null;
      const role = roleIn((await db.read((tx) => standingOfKey(tx, { name, createdAt: new Date(since) }))) ?? '');
      return role === null || role === 'backend' ? null : { name, role };
    },
    list: async () =>
      (await waiting(deps, { decided: false, limit: limits.approvalsListedMax })).map(({ slug, told }) =>
        lineView(slug, told),
      ),
    view: async (operator, { tenant, id }) =>
      wholeView(tenant, await shownTo(operator, await requireTenant(db, tenant), id), operator.name),
    decide: async (operator, { tenant, id, ...said }) => {
      const owner = await requireTenant(db, tenant);
      const decider = deciderOf(operator, 'page');
      await decideApproval(deps, { ...said, tenant: owner, approval: id, decider });
      return wholeView(tenant, await wholeApproval(deps, owner, id), operator.name);
    },
    viewByLink: async (token) => {
      const linked = await linkedApproval(deps, token);
      return wholeView(await slugOf(linked.tenant), linked, linked.decider.name);
    },
    decideByLink: async (token, said) => {
      const { tenant, decider } = await linkedApproval(deps, token);
      const { id } = await decideByLink(deps, token, said);
      return wholeView(await slugOf(tenant), await wholeApproval(deps, tenant, id), decider.name);
    },
  };

  /** It shows customers' values: to whom it is not asked, it is not shown. */
  async function shownTo(
    { name, role }: Operator,
    tenant: Parameters<typeof wholeApproval>[1],
    id: number,
  ): Promise<Awaited<ReturnType<typeof wholeApproval>>> {
    if (role === 'approver' || role === 'admin') return wholeApproval(deps, tenant, id);
    throw new GantryError('role_required', {
      message: `${name} is ${role ?? 'nobody'}; this needs approver.`,
      data: { role: 'approver' },
    });
  }
}
