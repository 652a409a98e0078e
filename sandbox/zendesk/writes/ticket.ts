import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { CustomValue } from '../profiles/profile.ts';
import { emptyTicket } from '../records/ticket.ts';
import type { Body } from '../store/collection.ts';
import { asText, idOrNull, isGiven, type Given } from './given.ts';
import { COLLIDED, createProblems, type Problems, type Refusal } from './refusal.ts';
import { ticketPeople } from './ticket-people.ts';
import { aboutField, descriptionField, ticketValues } from './ticket-values.ts';

export interface CommentDraft {
  readonly body: string;
  readonly isPublic: boolean;
  readonly author: number;
}

export interface DraftedTicket {
  readonly kind: 'drafted';
  readonly body: Body;
  readonly comment: CommentDraft | null;
  readonly newcomer: Body | null;
}

const CHOICES = {
  status: ['new', 'open', 'pending', 'hold', 'solved', 'closed'],
  priority: ['urgent', 'high', 'normal', 'low'],
  type: ['problem', 'incident', 'question', 'task'],
} as const;

/** A ticket as it would be after the write, or why not. Source: Zendesk API reference, "Tickets". */
export function draftTicket(
  account: Account,
  viewer: Viewer,
  before: Body | null,
  given: Given,
): DraftedTicket | Refusal {
  if (before !== null && collides(before, given)) return COLLIDED;
  const problems = createProblems();
  if (before?.['status'] === 'closed')
    problems.add('status', { description: 'Status: closed prevents ticket update', error: null });
  const base = before ?? emptyTicket(account.records.tickets.nextId());
  const people = ticketPeople(account, viewer, before, given, problems);
  const comment = commentOf(before, given, viewer);
  if (before === null && comment === null) problems.add('base', descriptionField(account));
  const body = withRules(viewer, before, {
    ...base,
    ...plain(given),
    ...choices(given, problems),
    ...people.values,
    ...organization(account, given, problems),
    ...ticketValues(account, base, given, problems),
    ...(before === null ? created(given, viewer, comment) : {}),
    id: base.id,
  });
  if (body['status'] === 'solved' && before?.['status'] !== 'solved') checkSolved(account, body, problems);
  return problems.refusal() ?? { kind: 'drafted', body, comment, newcomer: people.newcomer };
}

/** "safe_update" with another stamp than the ticket's own. */
function collides(before: Body, given: Given): boolean {
  const safe = given['safe_update'] === true || given['safe_update'] === 'true';
  const stamp = Date.parse(asText(given['updated_stamp']));
  return safe && stamp !== Date.parse(String(before['updated_at']));
}

function plain(given: Given): Given {
  const values: Record<string, unknown> = {};
  if ('subject' in given) values['subject'] = values['raw_subject'] = given['subject'] ?? '';
  if ('external_id' in given)
    values['external_id'] = given['external_id'] === null ? null : asText(given['external_id']);
  if ('due_at' in given) values['due_at'] = given['due_at'];
  if ('problem_id' in given) values['problem_id'] = idOrNull(given['problem_id']);
  return values;
}

function choices(given: Given, problems: Problems): Given {
  const values: Record<string, unknown> = {};
  for (const [key, allowed] of Object.entries(CHOICES)) {
    if (!(key in given)) continue;
    const value = given[key];
    const empty = value === null && key !== 'status';
    if (!empty && !(allowed as readonly unknown[]).includes(value)) {
      const label = `${key[0]?.toUpperCase() ?? ''}${key.slice(1)}`;
      problems.add(key, {
        description: `${label}: ${String(value)} is not included in the list`,
        error: 'InvalidValue',
      });
    }
    values[key] = value;
  }
  return values;
}

function organization(account: Account, given: Given, problems: Problems): Given {
  if (!('organization_id' in given)) return {};
  if (given['organization_id'] === null) return { organization_id: null };
  const id = idOrNull(given['organization_id']);
  const entry = id === null ? null : account.records.organizations.get(id);
  if (entry === null || entry.deleted)
    problems.add('organization', { description: 'Organization: is invalid', error: 'InvalidValue' });
  return { organization_id: id };
}

function created(given: Given, viewer: Viewer, comment: CommentDraft | null): Given {
  return {
    description: comment?.body ?? '',
    submitter_id: idOrNull(given['submitter_id']) ?? viewer.id,
    is_public: comment?.isPublic ?? true,
    ...('subject' in given ? {} : { subject: '', raw_subject: '' }),
  };
}

/** A new ticket may say `description` in place of its first comment. */
function commentOf(before: Body | null, given: Given, viewer: Viewer): CommentDraft | null {
  const fallback: Given = before === null ? { body: given['description'] } : {};
  const comment = isGiven(given['comment']) ? given['comment'] : fallback;
  const { body, html_body: rich, public: isPublic, author_id: author } = comment;
  const text = typeof body === 'string' ? body : typeof rich === 'string' ? rich.replaceAll(/<[^>]*>/g, '') : '';
  if (text.trim() === '') return null;
  return { body: text, isPublic: isPublic !== false && isPublic !== 'false', author: idOrNull(author) ?? viewer.id };
}

/** A ticket with an agent is open, and who solves one that nobody has gets it. */
function withRules(viewer: Viewer, before: Body | null, body: Body): Body {
  const solves = body['status'] === 'solved' && before?.['status'] !== 'solved';
  const assigned = solves && body['assignee_id'] === null ? { assignee_id: viewer.id } : {};
  const opened = body['status'] === 'new' && body['assignee_id'] !== null ? { status: 'open' } : {};
  return { ...body, ...assigned, ...opened };
}

/** Fields that the form asks for before a ticket may be solved. */
function checkSolved(account: Account, body: Body, problems: Problems): void {
  const values = new Map((body['custom_fields'] as readonly CustomValue[]).map(({ id, value }) => [id, value]));
  for (const field of account.fields.of('tickets')) {
    const value = values.get(field.id) ?? null;
    const empty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    if (field.active && field.required && empty)
      problems.add('base', aboutField(field, 'is required when solving a ticket', null));
  }
}
