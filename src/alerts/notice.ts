import type { NoticeRow } from '../store/index.ts';

/** What a message says of its alert. */
export type NoticeKind = 'opened' | 'reminder' | 'resolved';

/**
 * The life of a message, as a full table.
 *
 * - due: to be sent, now or later
 * - sent: whoever is behind the route took it
 * - dead: no further try; `cause` says why
 * - dropped: there is nothing to say any more: what it would tell is over, or its route is gone
 */
export type NoticeState = 'due' | 'sent' | 'dead' | 'dropped';

export type NoticeEvent = 'accepted' | 'failed' | 'exhausted' | 'needless';

export const noticeTable: Readonly<Record<NoticeState, Readonly<Record<NoticeEvent, NoticeState | null>>>> = {
  due: { accepted: 'sent', failed: 'due', exhausted: 'dead', needless: 'dropped' },
  sent: { accepted: null, failed: null, exhausted: null, needless: null },
  dead: { accepted: null, failed: null, exhausted: null, needless: null },
  dropped: { accepted: null, failed: null, exhausted: null, needless: null },
};

export function afterNoticeEvent(event: NoticeEvent): NoticeState {
  return noticeTable.due[event] ?? 'due';
}

/** Whether somebody may know of it by this message: also where an attempt was cut off. */
export const mayBeKnown = ({ state, attempts }: Pick<NoticeRow, 'state' | 'attempts'>): boolean =>
  state === 'sent' || (state !== 'dropped' && attempts > 0);
