import type { TenantId } from '../kernel/index.ts';
import { addApprovalNotice, type ApprovalRow, type Tx } from '../store/index.ts';
import { aliasesOf, nameKey } from './may-decide.ts';
import type { ApprovalSettings } from './types.ts';

/**
 * What a message says.
 *
 * - asked, reminder, escalated: an approval is waited for
 * - review, review_reminder, review_overdue: somebody has to look afterwards
 * - expired: nobody decided, so it will not be written
 */
export type NoticeKind =
  'asked' | 'reminder' | 'escalated' | 'expired' | 'review' | 'review_reminder' | 'review_overdue';

/**
 * The life of a message, as a full table.
 *
 * - due: to be sent, now or later
 * - sent: whoever is behind it took it
 * - dead: no further try
 * - dropped: nothing is left to say: it was decided before it could be sent, or nobody is behind the name any more
 */
export type NoticeState = 'due' | 'sent' | 'dead' | 'dropped';

export type NoticeEvent = 'accepted' | 'failed' | 'exhausted' | 'needless' | 'needed_again';

export const noticeTable: Readonly<Record<NoticeState, Readonly<Record<NoticeEvent, NoticeState | null>>>> = {
  due: { accepted: 'sent', failed: 'due', exhausted: 'dead', needless: 'dropped', needed_again: null },
  sent: { accepted: null, failed: null, exhausted: null, needless: null, needed_again: null },
  dead: { accepted: null, failed: null, exhausted: null, needless: null, needed_again: null },
  dropped: { accepted: null, failed: null, exhausted: null, needless: null, needed_again: 'due' },
};

/** Stands for all who are to be told, until somebody looks who that is. */
export const EVERYBODY = 'all';

/**
 * People are to be told, in the transaction of what they are told of. Who they
 * are is worked out later: whom the project names cannot be read in the middle
 * of somebody else's transaction.
 */
export async function askFor(tx: Tx, tenant: TenantId, approval: number, kind: NoticeKind): Promise<void> {
  await addApprovalNotice(tx, tenant, { approval, kind, recipient: EVERYBODY });
}

/** Routes that everybody reads, and in person those who may decide by themselves; who decides in their place: delegates.ts. */
export function recipientsOf(
  settings: ApprovalSettings,
  { fromNames, escalateTo, barred }: Pick<ApprovalRow, 'fromNames' | 'escalateTo' | 'barred'>,
  kind: NoticeKind,
): string[] {
  const routes = settings.tell.map((name) => `route:${name}`);
  const people = askedNames(settings, { fromNames, escalateTo }, kind)
    .filter((name) => !isBarred(settings, name, barred))
    .filter((name) => addressOf(settings, name) !== null)
    .map((name) => `person:${name}`);
  return [...routes, ...people];
}

/** Who is asked, whether they can be reached or not. */
export function askedNames(
  settings: ApprovalSettings,
  { fromNames, escalateTo }: Pick<ApprovalRow, 'fromNames' | 'escalateTo'>,
  kind: NoticeKind,
): readonly string[] {
  if (kind === 'expired') return [];
  const asked = fromNames === null ? [...settings.people.keys()] : fromNames;
  return kind === 'escalated' ? [...new Set([...escalateTo, ...asked])] : asked;
}

/** Under whichever of their names. */
export const isBarred = (settings: ApprovalSettings, name: string, barred: readonly string[]): boolean =>
  [nameKey(name), ...aliasesOf(settings, name)].some((key) => barred.includes(key));

/** How somebody is reached: as the project says, else at their name where that is an address. */
export function addressOf(
  { people }: ApprovalSettings,
  name: string,
): { readonly email: string | null; readonly route: string | null } | null {
  const known = [...people].find(([each]) => nameKey(each) === nameKey(name))?.[1];
  if (known !== undefined) return known;
  return /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/.test(name)
    ? { email: name, route: null }
    : null;
}
