import { limits, type TenantId } from '../kernel/index.ts';
import {
  addApprovalLink,
  addApprovalNotice,
  beginApprovalNotice,
  dueApprovalNotices,
  holdApprovalTurn,
  moveApprovalNotice,
  operatorRoleOf,
  readApproval,
  readApprovalCase,
  type ApprovalCaseRow,
  type ApprovalNoticeRow,
  type ApprovalRow,
} from '../store/index.ts';
import { nameKey } from './may-decide.ts';
import { messageOf, type ApprovalMessage } from './message.ts';
import { inPlaceOf, tellNewDelegates, withDelegates } from './delegates.ts';
import { addressOf, EVERYBODY, noticeTable, type NoticeEvent, type NoticeKind } from './notices.ts';
import type { ApprovalDeps } from './types.ts';

/** Where a message goes: by a route of the project's alerts, or by mail to one address. */
export type TellTo =
  { readonly kind: 'route'; readonly route: string } | { readonly kind: 'email'; readonly address: string };

/** Status null: nobody answered, and `cause` says why. */
export interface TellResult {
  readonly status: number | null;
  readonly cause: string | null;
  readonly waitMs: number | null;
}

export interface TellDeps extends ApprovalDeps {
  /** Where people decide: without a slash at the end. */
  readonly publicUrl: string;
  readonly slugOf: (tenant: TenantId) => Promise<string>;
  /** One attempt. Raises nothing. */
  readonly tell: (to: TellTo, message: ApprovalMessage) => Promise<TellResult>;
  /** Default `limits.approvalLeaseMs`. */
  readonly leaseMs?: number;
}

export interface Turn {
  readonly worker: string;
  readonly tenant: TenantId;
}

/** Sends what is due, one after the other; a failure holds up its own message only. */
export async function tellDue(deps: TellDeps, turn: Turn, signal: AbortSignal): Promise<void> {
  const { tenant } = turn;
  await spreadNotices(deps, tenant);
  await tellNewDelegates(deps, tenant);
  // Of `everybody` some may be left, or have come since: they are nobody's address, and are spread by the next turn.
  const due = await deps.db.tenantRead(tenant, (tx) =>
    dueApprovalNotices(tx, tenant, { butNot: EVERYBODY }, limits.approvalNoticesPerTurnMax),
  );
  for (const notice of due) {
    if (signal.aborted || !(await tellOne(deps, turn, notice))) return;
  }
}

/** From `everybody` to each who is to be told, by the project in force; who is told already is not told again. */
export async function spreadNotices(deps: Pick<ApprovalDeps, 'db' | 'settings'>, tenant: TenantId): Promise<void> {
  const settings = await deps.settings();
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      for (const notice of await dueApprovalNotices(
        tx,
        tenant,
        { recipient: EVERYBODY },
        limits.approvalNoticesPerTurnMax,
      )) {
        const row = await readApproval(tx, tenant, notice.approval);
        const needless = row === null || isNeedless(notice, row);
        const recipients = needless ? [] : await withDelegates(tx, settings, row, notice.kind as NoticeKind);
        for (const recipient of recipients) await addApprovalNotice(tx, tenant, { ...notice, recipient });
        const state = after(needless ? 'needless' : 'accepted');
        await moveApprovalNotice(tx, tenant, notice, { state, dueAt: tx.now, cause: null });
      }
    },
    'approvals.spread',
  );
}

/** False: somebody else has the turn. */
async function tellOne(deps: TellDeps, turn: Turn, notice: ApprovalNoticeRow): Promise<boolean> {
  const { tenant } = turn;
  const leaseMs = deps.leaseMs ?? limits.approvalLeaseMs;
  const settings = await deps.settings();
  const to = whereTo(settings, notice);
  // Counted before it is sent: after an attempt that was cut off nobody knows whether it arrived.
  const begun = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdApprovalTurn(tx, tenant, { worker: turn.worker, leaseMs }))) return 'lost' as const;
      const row = await readApproval(tx, tenant, notice.approval);
      const about = row === null ? null : await readApprovalCase(tx, tenant, row);
      const inPlace = row === null ? [] : await inPlaceOf(tx, settings, row, notice);
      if (row === null || about === null || to === null || inPlace === null || isNeedless(notice, row)) {
        await moveApprovalNotice(tx, tenant, notice, { state: after('needless'), dueAt: tx.now, cause: null });
        return null;
      }
      const attempts = await beginApprovalNotice(tx, tenant, notice, new Date(tx.now.getTime() + leaseMs));
      return attempts === null ? null : { row, about, inPlace, attempts };
    },
    'approvals.begin_telling',
  );
  if (begun === 'lost') return false;
  if (begun === null || to === null) return true;
  const message = await messageFor(deps, tenant, { notice, ...begun });
  const result = await deps.tell(to, message);
  await keepResult(deps, turn, { notice, attempts: begun.attempts, result });
  return true;
}

/** What was decided meanwhile needs nobody any more; that it expired is still told. */
const isNeedless = ({ kind }: ApprovalNoticeRow, { decidedAt }: ApprovalRow): boolean =>
  decidedAt !== null && kind !== 'expired';

function whereTo(settings: Parameters<typeof addressOf>[0], { recipient }: ApprovalNoticeRow): TellTo | null {
  const name = recipient.slice(recipient.indexOf(':') + 1);
  if (recipient.startsWith('route:')) return { kind: 'route', route: name };
  const address = addressOf(settings, name);
  if (address === null) return null;
  if (address.email !== null) return { kind: 'email', address: address.email };
  return address.route === null ? null : { kind: 'route', route: address.route };
}

/** Whoever is told in person gets a link that decides once; a place that many read gets the way to the signed-in page. */
async function messageFor(
  deps: TellDeps,
  tenant: TenantId,
  of: {
    readonly notice: ApprovalNoticeRow;
    readonly row: ApprovalRow;
    readonly about: ApprovalCaseRow;
    /** In whose place whoever is told decides; empty: they are asked themselves. */
    readonly inPlace: readonly string[];
  },
): Promise<ApprovalMessage> {
  const { notice, row, about, inPlace } = of;
  const slug = await deps.slugOf(tenant);
  const page = `${deps.publicUrl}/approvals/${slug}/${String(row.id)}`;
  const token = notice.recipient.startsWith('person:') ? await linkFor(deps, tenant, notice) : null;
  const url = token === null ? page : `${deps.publicUrl}/approvals/link?token=${token}`;
  const urlSays = token === null ? 'Sign in and look at it' : 'Look at it and decide (this link works once, for you)';
  const id = `approval_${String(tenant)}_${String(row.id)}_${notice.kind}_${nameKey(notice.recipient).replaceAll(/[^\w.-]/g, '_')}`;
  return messageOf(notice.kind as NoticeKind, about, row, { id, tenant: slug, url, urlSays, inPlace });
}

/** Null: they have no operator's key here, so that nobody could look up whether they may still decide. */
async function linkFor(deps: TellDeps, tenant: TenantId, notice: ApprovalNoticeRow): Promise<string | null> {
  const person = notice.recipient.slice('person:'.length);
  return deps.db.tx(async (tx) => {
    const role = await operatorRoleOf(tx, nameKey(person));
    if (notice.kind === 'expired' || (role !== 'approver' && role !== 'admin')) return null;
    const token = Buffer.from(deps.random.bytes(32)).toString('base64url');
    const expiresAt = new Date(tx.now.getTime() + limits.approvalLinkMs);
    await addApprovalLink(tx, { token, tenant, approval: notice.approval, person, expiresAt });
    return token;
  }, 'approvals.add_link');
}

async function keepResult(
  deps: TellDeps,
  { tenant, worker }: Turn,
  of: { readonly notice: ApprovalNoticeRow; readonly attempts: number; readonly result: TellResult },
): Promise<void> {
  const { notice, attempts, result } = of;
  const { status, cause } = result;
  const accepted = status !== null && status >= 200 && status < 300;
  const state = after(accepted ? 'accepted' : attempts >= limits.approvalTellTries ? 'exhausted' : 'failed');
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await holdApprovalTurn(tx, tenant, { worker, leaseMs: deps.leaseMs ?? limits.approvalLeaseMs }))) return;
      const pauseMs = Math.max(result.waitMs ?? 0, limits.approvalTellPauseMs * 2 ** (attempts - 1));
      const dueAt = new Date(tx.now.getTime() + (state === 'due' ? pauseMs : 0));
      await moveApprovalNotice(tx, tenant, notice, { state, dueAt, cause });
    },
    'approvals.keep_telling',
  );
  if (accepted) return;
  const { approval, recipient } = notice;
  deps.onEvent({
    kind: 'approval_not_told',
    tenant,
    approval,
    // A person's name stands in no log.
    recipient: recipient.startsWith('route:') ? recipient : 'person',
    attempts,
    status,
    cause,
    dead: state === 'dead',
  });
}

const after = (event: NoticeEvent): string => noticeTable.due[event] ?? 'due';
