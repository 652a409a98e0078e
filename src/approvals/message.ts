import { limits } from '../kernel/index.ts';
import { amountText } from '../policy/index.ts';
import type { ApprovalCaseRow, ApprovalRow } from '../store/index.ts';
import type { NoticeKind } from './notices.ts';
import type { ShownChange, ShownPlan } from './types.ts';

/** What people read in a chat or a mail: lines of plain text, each for itself, and one address. */
export interface ApprovalMessage {
  /** The same at every attempt. */
  readonly id: string;
  readonly subject: string;
  readonly lines: readonly string[];
  readonly url: string;
  /** What following it does, in words. */
  readonly urlSays: string;
}

const OPENING: Readonly<Record<NoticeKind, string>> = {
  asked: 'Approval asked',
  reminder: 'Reminder: approval asked',
  escalated: 'Nobody decided in time: approval asked',
  expired: 'Not approved in time, so it will not be written',
  review: 'To be looked at afterwards',
  review_reminder: 'Reminder: to be looked at afterwards',
  review_overdue: 'Overdue: to be looked at afterwards',
};

/** Made of the payload; what the agent says is quoted as what it is. */
export function messageOf(
  kind: NoticeKind,
  about: ApprovalCaseRow,
  row: ApprovalRow,
  where: {
    readonly id: string;
    readonly tenant: string;
    readonly url: string;
    readonly urlSays: string;
    /** In whose place whoever reads it decides; empty: in nobody's. */
    readonly inPlace: readonly string[];
  },
): ApprovalMessage {
  const shown = shownOf(about);
  const changes = shown.changes.slice(0, CHANGES_IN_MESSAGE).map(changeLine);
  const more = shown.changes.length - changes.length + shown.more;
  return {
    id: where.id,
    subject: oneLine(`${OPENING[kind]}: ${where.tenant}: ${about.title}`),
    lines: [
      `${about.title}${worthOf(about)}`,
      ...changes,
      ...(more > 0 ? [`and ${String(more)} more`] : []),
      ...shown.because,
      requestLine(about),
      ...(about.reason === null ? [] : [`The agent's own words: "${cut(about.reason)}"`]),
      kind === 'expired' ? 'What is still wanted is prepared anew.' : askedLine(row),
      ...(where.inPlace.length === 0 ? [] : [`You decide in the place of ${where.inPlace.join(' and ')} now.`]),
    ].map(oneLine),
    url: where.url,
    urlSays: where.urlSays,
  };
}

/** What is shown of a plan; of one that was erased nothing is left. */
export function shownOf({ shown }: Pick<ApprovalCaseRow, 'shown'>): ShownPlan {
  const nothing: ShownPlan = {
    changes: [],
    more: 0,
    sideEffects: [],
    preconditions: [],
    warnings: [],
    because: ['What was shown here is erased.'],
  };
  return 'changes' in shown ? (shown as unknown as ShownPlan) : nothing;
}

const CHANGES_IN_MESSAGE = 5;

const worthOf = ({ amount, currency, records }: ApprovalCaseRow): string => {
  const money = amount === null ? 'nobody can tell what it is worth' : amountText(amount, currency);
  return `: ${amount === 0 ? 'no money' : money}, ${records === 1 ? '1 record' : `${String(records)} records`}.`;
};

/** `crm: update Opportunity Nordwind renewal: Amount 300 -> 1200` */
export function changeLine({ system, operation, object, record, fields }: ShownChange): string {
  const what = [system, ': ', operation, ' ', object, record === null ? '' : ` ${cut(record)}`].join('');
  const values = fields.map(({ field, before, after }) => `${field} ${cut(before)} -> ${cut(after)}`);
  return values.length === 0 ? what : `${what}: ${values.join('; ')}`;
}

const requestLine = ({ agent, principal, operator }: ApprovalCaseRow): string =>
  `Asked by ${operator ?? agent}${principal === null ? '' : ` for ${principal}`}.`;

function askedLine({ fromNames, kind, dueAt }: ApprovalRow): string {
  const who =
    fromNames === null ? 'an approver' : fromNames.length === 0 ? 'nobody who is known' : fromNames.join(' or ');
  const at = `${dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return kind === 'review' ? `To be looked at by ${who} by ${at}.` : `To be decided by ${who} by ${at}.`;
}

/** A message is short; whoever decides by a link or a page is shown the rest there. */
const cut = (text: string): string => {
  const line = plain(text);
  if (line.length <= TEXT_CHARS) return line;
  const kept = begin(line, TEXT_CHARS);
  return `${kept}… (${(line.length - kept.length).toLocaleString('en')} more characters, shown on the page)`;
};

const TEXT_CHARS = 200;

const oneLine = (text: string): string => {
  const line = plain(text);
  const most = limits.approvalReasonCharsMax;
  return line.length <= most ? line : `${begin(line, most)}… (the rest is shown on the page)`;
};

/** Never half of a character. */
const begin = (line: string, most: number): string => line.slice(0, most).replace(/\p{Cs}$/u, '');

const plain = (text: string): string => text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
