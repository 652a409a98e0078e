import { json, type SandboxResponse } from '../../kit/index.ts';
import { organizationsOf } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Body, Entry } from '../store/collection.ts';
import type { Call } from './context.ts';
import { recordNotFound } from './errors.ts';
import { answer, filteredLive } from './lists.ts';
import { listPage } from './pagination.ts';
import type { Json } from './present.ts';

/** A ticket as end users see it: without what is between agents. Source: Zendesk, "Requests". */
const SHOWN = [
  'id',
  'status',
  'priority',
  'type',
  'subject',
  'description',
  'organization_id',
  'via',
  'custom_fields',
  'requester_id',
  'collaborator_ids',
  'email_cc_ids',
  'is_public',
  'due_at',
  'created_at',
  'updated_at',
  'recipient',
  'assignee_id',
  'group_id',
  'ticket_form_id',
  'custom_status_id',
] as const;

export function listRequests({ account, request, viewer }: Call): SandboxResponse {
  const wanted = requestTest(account, viewer.id);
  const list = filteredLive(account.records.tickets, wanted);
  return answer(listPage(request, 'requests', list, ({ body }) => requestJson(request.origin, body)));
}

export function showRequest({ account, request, viewer, params }: Call): SandboxResponse {
  const entry = account.records.tickets.get(Number(params[0]));
  if (entry === null || entry.deleted || !requestTest(account, viewer.id)(entry)) return recordNotFound();
  return json(200, { request: requestJson(request.origin, entry.body) });
}

export function requestJson(origin: string, body: Body): Json {
  return {
    url: `${origin}/api/v2/requests/${body.id}.json`,
    ...Object.fromEntries(SHOWN.map((key) => [key, body[key]])),
    fields: body['custom_fields'],
    followup_source_id: null,
    solved: body['status'] === 'solved' || body['status'] === 'closed',
    can_be_solved_by_me: false,
  };
}

/** Own requests and those copied to one; for end users also those of organizations that share. */
function requestTest(account: Account, id: number): (entry: Pick<Entry, 'body'>) => boolean {
  const user = account.records.users.get(id)?.body;
  const endUser = user?.['role'] === 'end-user';
  const own = user === undefined || !endUser ? new Set<unknown>() : organizationsOf(account, user);
  const sharing = new Set(
    [...own].filter((each) => {
      const organization = account.records.organizations.get(Number(each));
      const shares = organization?.body['shared_tickets'] === true || user?.['ticket_restriction'] === 'organization';
      return organization !== null && !organization.deleted && shares;
    }),
  );
  return ({ body }) => {
    if (body['requester_id'] === id) return body['is_public'] !== false || !endUser;
    if (!endUser || body['is_public'] === false) return false;
    return (body['collaborator_ids'] as readonly number[]).includes(id) || sharing.has(body['organization_id']);
  };
}
