import type { Account } from '../account.ts';
import { isoSeconds } from '../records/body.ts';
import type { Body } from '../store/collection.ts';
import type { CommentDraft } from './ticket.ts';

export interface Comment {
  readonly id: number;
  readonly ticket: number;
  readonly author: number;
  readonly body: string;
  readonly isPublic: boolean;
  readonly createdAt: string;
}

/** What was said on tickets since the world was made; before that there is the description alone. */
export interface Conversations {
  of(ticket: number): readonly Comment[];
  add(ticket: number, draft: CommentDraft, at: Date): Comment;
}

const FIRST_ID = 42_100_000_000_117;
/** Ids of first comments of the world's tickets; added ones come after all of these. */
const ADDED_FROM = 42_900_000_000_117;

export function createConversations(): Conversations {
  const byTicket = new Map<number, readonly Comment[]>();
  let next = ADDED_FROM;
  return {
    of: (ticket) => byTicket.get(ticket) ?? [],
    add: (ticket, { body, isPublic, author }, at) => {
      const comment = { id: next, ticket, author, body, isPublic, createdAt: isoSeconds(at) };
      next += 20;
      byTicket.set(ticket, [...(byTicket.get(ticket) ?? []), comment]);
      return comment;
    },
  };
}

/** All comments of a ticket, oldest first. */
export function commentsOf(account: Account, ticket: Body): readonly Comment[] {
  const added = account.conversations.of(ticket.id);
  const madeHere = account.conversations.of(ticket.id)[0]?.createdAt === ticket['created_at'];
  if (madeHere) return added;
  const first: Comment = {
    id: FIRST_ID + ticket.id * 20,
    ticket: ticket.id,
    author: Number(ticket['requester_id']),
    body: String(ticket['description']),
    isPublic: ticket['is_public'] !== false,
    createdAt: String(ticket['created_at']),
  };
  return [first, ...added];
}
