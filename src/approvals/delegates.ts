import { limits, type TenantId } from '../kernel/index.ts';
import {
  addApprovalNotice,
  approvalNoticesOf,
  delegationsInForce,
  listApprovals,
  operatorRoleOf,
  renewApprovalNotice,
  type ApprovalNoticeRow,
  type ApprovalRow,
  type Tx,
} from '../store/index.ts';
import { aliasesOf, nameKey } from './may-decide.ts';
import {
  addressOf,
  askedNames,
  isBarred,
  noticeTable,
  recipientsOf,
  type NoticeKind,
  type NoticeState,
} from './notices.ts';
import type { ApprovalDeps, ApprovalSettings } from './types.ts';

type Asked = Pick<ApprovalRow, 'fromNames' | 'escalateTo' | 'barred'>;

/** Somebody who may decide now what is asked of others, and of whom. Names are lower case. */
interface Delegate {
  readonly name: string;
  readonly inPlaceOf: readonly string[];
}

/**
 * All who are to be told at this moment: who is asked, and who decides in their
 * place now. Each is one person, however many of their names are asked.
 */
export async function withDelegates(
  tx: Tx,
  settings: ApprovalSettings,
  row: Asked,
  kind: NoticeKind,
): Promise<readonly string[]> {
  const direct = recipientsOf(settings, row, kind);
  const delegates = await delegatesOf(tx, settings, row, { kind, direct });
  return [...direct, ...delegates.map(({ name }) => `person:${name}`)];
}

/**
 * In whose place a recipient would decide; empty: they are asked themselves, or
 * it is a place that many read. Null: neither any more, as their delegation has
 * ended since, and what is a customer's is no concern of theirs.
 */
export async function inPlaceOf(
  tx: Tx,
  settings: ApprovalSettings,
  row: Asked,
  { recipient, kind: told }: Pick<ApprovalNoticeRow, 'recipient' | 'kind'>,
): Promise<readonly string[] | null> {
  const kind = told as NoticeKind;
  const direct = recipientsOf(settings, row, kind);
  if (!recipient.startsWith(PERSON) || keysOf(settings, direct).has(nameKey(recipient.slice(PERSON.length)))) return [];
  const delegates = await delegatesOf(tx, settings, row, { kind, direct });
  return delegates.find(({ name }) => `person:${name}` === recipient)?.inPlaceOf ?? null;
}

/** Whoever began to decide in another's place after that one was told is told of what waits, as far as nobody told them yet. */
export async function tellNewDelegates(
  { db, settings: known }: Pick<ApprovalDeps, 'db' | 'settings'>,
  tenant: TenantId,
): Promise<void> {
  if ((await db.tenantRead(tenant, delegationsInForce)).length === 0) return;
  const settings = await known();
  await db.tenantTx(
    tenant,
    async (tx) => {
      const rows = await listApprovals(tx, tenant, { decided: false, plan: null, limit: limits.approvalsListedMax });
      const ids = rows.map(({ id }) => id);
      const notices = await approvalNoticesOf(tx, tenant, ids);
      // Whose delegation had ended before they were told, and begins anew, was told nothing yet.
      const told = new Set(notices.filter((notice) => againOf(notice) === null).map(toldKey));
      for (const row of rows) {
        const kind = kindNow(row);
        const direct = recipientsOf(settings, row, kind);
        for (const { name } of await delegatesOf(tx, settings, row, { kind, direct })) {
          const notice = { approval: row.id, kind, recipient: `person:${name}` };
          if (told.has(toldKey(notice))) continue;
          const before = notices.find((each) => each.kind === kind && toldKey(each) === toldKey(notice));
          const to = before === undefined ? null : againOf(before);
          if (before === undefined || to === null) await addApprovalNotice(tx, tenant, notice);
          else await renewApprovalNotice(tx, tenant, before, { from: before.state, to });
        }
      }
    },
    'approvals.tell_delegates',
  );
}

/** Null: it is on its way, was sent or could not be sent. */
const againOf = ({ state }: ApprovalNoticeRow): NoticeState | null =>
  noticeTable[state as NoticeState]?.needed_again ?? null;

const PERSON = 'person:';

/** All names of the people among them. */
const keysOf = (settings: ApprovalSettings, recipients: readonly string[]): ReadonlySet<string> =>
  new Set(
    recipients
      .filter((recipient) => recipient.startsWith(PERSON))
      .map((recipient) => recipient.slice(PERSON.length))
      .flatMap((name) => [nameKey(name), ...aliasesOf(settings, name)]),
  );

const toldKey = ({ approval, recipient }: { readonly approval: number; readonly recipient: string }): string =>
  `${String(approval)} ${recipient}`;

/** What was said last to those who are asked. */
function kindNow({ kind, state }: Pick<ApprovalRow, 'kind' | 'state'>): NoticeKind {
  if (kind === 'review') {
    return state === 'overdue' ? 'review_overdue' : state === 'reminded' ? 'review_reminder' : 'review';
  }
  return state === 'escalated' ? 'escalated' : state === 'reminded' ? 'reminder' : 'asked';
}

/**
 * Those alone whose word would count (may-decide.ts): whoever is kept out of it
 * is told nothing, has nobody told in their place, and whoever is no approver
 * any more is shown no customer's values.
 */
async function delegatesOf(
  tx: Tx,
  settings: ApprovalSettings,
  row: Asked,
  { kind, direct }: { readonly kind: NoticeKind; readonly direct: readonly string[] },
): Promise<readonly Delegate[]> {
  const asked = new Set(
    askedNames(settings, row, kind)
      .filter((name) => !isBarred(settings, name, row.barred))
      // Where any approver may decide, whoever is told may be named either way.
      .flatMap((name) => [nameKey(name), ...(row.fromNames === null ? aliasesOf(settings, name) : [])]),
  );
  if (asked.size === 0) return [];
  const toldAlready = keysOf(settings, direct);
  const delegates = new Map<string, string[]>();
  for (const { name, toName } of await delegationsInForce(tx)) {
    if (!asked.has(name) || toldAlready.has(toName) || isBarred(settings, toName, row.barred)) continue;
    if (addressOf(settings, toName) === null) continue;
    // Two keys of theirs are one person: the first that was named.
    const known = [toName, ...aliasesOf(settings, toName)].find((each) => delegates.has(each)) ?? toName;
    delegates.set(known, [...(delegates.get(known) ?? []), name]);
  }
  const found: Delegate[] = [];
  for (const [name, names] of delegates) {
    const role = await operatorRoleOf(tx, name);
    if (role === 'approver' || role === 'admin') found.push({ name, inPlaceOf: [...new Set(names)] });
  }
  return found;
}
