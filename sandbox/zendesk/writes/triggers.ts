import type { Effect } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import type { Body } from '../store/collection.ts';
import type { Given } from './given.ts';
import type { CommentDraft } from './ticket.ts';

/** One saving of a ticket, as business rules look at it. */
export interface Saved {
  readonly before: Body | null;
  readonly after: Body;
  readonly comment: CommentDraft | null;
  readonly by: number;
}

/** A rule that mails; accounts begin with these. Source: Zendesk help, "About the standard Support triggers". */
export interface Trigger {
  readonly id: number;
  readonly title: string;
  readonly conditions: Given;
  readonly recipient: 'requester_id' | 'assignee_id';
  fires(saved: Saved): boolean;
}

const isPublic = (comment: CommentDraft | null): boolean => comment?.isPublic === true;

export const TRIGGERS: readonly Trigger[] = [
  {
    id: 360_098_114_217,
    title: 'Notify requester and CCs of received request',
    conditions: { all: [{ field: 'update_type', operator: 'is', value: 'Create' }, publicComment()], any: [] },
    recipient: 'requester_id',
    fires: ({ before, after, comment, by }) => before === null && isPublic(comment) && after['requester_id'] !== by,
  },
  {
    id: 360_098_114_237,
    title: 'Notify requester and CCs of comment update',
    conditions: { all: [{ field: 'update_type', operator: 'is', value: 'Change' }, publicComment()], any: [] },
    recipient: 'requester_id',
    fires: ({ before, after, comment, by }) => before !== null && isPublic(comment) && after['requester_id'] !== by,
  },
  {
    id: 360_098_114_257,
    title: 'Notify assignee of assignment',
    conditions: { all: [{ field: 'assignee_id', operator: 'changed', value: null }], any: [] },
    recipient: 'assignee_id',
    fires: ({ before, after, by }) =>
      after['assignee_id'] !== null && after['assignee_id'] !== by && after['assignee_id'] !== before?.['assignee_id'],
  },
];

function publicComment(): Given {
  return { field: 'comment_is_public', operator: 'is', value: 'true' };
}

/** The mails of one saving, for the ledger: nothing leaves this machine. */
export function runTriggers(account: Account, saved: Saved): readonly Effect[] {
  return TRIGGERS.filter((trigger) => trigger.fires(saved)).flatMap((trigger): readonly Effect[] => {
    const to = account.records.users.get(Number(saved.after[trigger.recipient]))?.body['email'];
    if (typeof to !== 'string') return [];
    const fields = { ticket: saved.after.id, subject: saved.after['subject'] };
    return [{ op: 'send', object: 'email', id: to, fields, cause: `trigger: ${trigger.title}` }];
  });
}
