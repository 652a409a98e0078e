import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import { ACCOUNT_SINCE } from '../account.ts';
import { commentsOf, type Comment } from '../writes/conversation.ts';
import { isGiven, tagList } from '../writes/given.ts';
import { NOT_FOUND, refusalAnswer } from '../writes/refusal.ts';
import { TRIGGERS } from '../writes/triggers.ts';
import { writeOne } from '../writes/write-one.ts';
import type { Endpoint } from './context.ts';
import { badRequest } from './errors.ts';
import { answer, arrayOf } from './lists.ts';
import { listPage } from './pagination.ts';
import type { Json } from './present.ts';
import { createRecord, deleteRecord, updateRecord, writerOf } from './writes.ts';

/**
 * With an `Idempotency-Key` a creation is made once within two hours: the same
 * body is answered as it was, another one refused.
 */
export const createTicket: Endpoint = async (call) => {
  const key = call.request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return createRecord('tickets')(call);
  const found = call.account.idempotency.lookUp(call.viewer.id, key, call.request.body);
  if (found.kind === 'other_body')
    return badRequest(
      'IdempotentRequestError',
      `Request parameters do not match the original request for idempotency key ${key}. Please use a different key or the same parameters.`,
    );
  if (found.kind === 'hit') return marked(found.answer, 'hit');
  const made = await createRecord('tickets')(call);
  if (made.status < 300) found.remember({ ...made, effects: [] });
  return marked(made, 'miss');
};

function marked(response: SandboxResponse, lookUp: 'hit' | 'miss'): SandboxResponse {
  return { ...response, headers: { ...response.headers, 'x-idempotency-lookup': lookUp } };
}

export const updateTicket: Endpoint = (call) => {
  const { account, viewer, params } = call;
  const { limits, updateLimits } = account;
  const wait =
    updateLimits.ofTicket.take(`${viewer.id} ${params[0]}`, limits.ticketUpdatesPer10Minutes) ??
    updateLimits.ofAccount.take('', limits.ticketUpdatesPerMinute);
  return wait === null ? updateRecord('tickets')(call) : tooMany(wait);
};

export const deleteTicket: Endpoint = (call) => {
  const { limits, updateLimits } = call.account;
  const wait = updateLimits.deletions.take('', limits.ticketDeletesPerMinute);
  return wait === null ? deleteRecord('tickets')(call) : tooMany(wait);
};

function tooMany(retryAfterS: number): SandboxResponse {
  return json(
    429,
    { error: 'TooManyRequests', description: 'You have exceeded the number of updates that this endpoint takes' },
    { 'retry-after': String(retryAfterS) },
  );
}

/** `POST` sets, `PUT` adds, `DELETE` removes. Source: Zendesk, "Tags". */
export function writeTags(how: 'tags' | 'additional_tags' | 'remove_tags'): Endpoint {
  return (call) => {
    const body = parseJson(call.request.body);
    if (!isGiven(body)) return badRequest('InvalidValue', 'Parameter tags is required');
    const { tags, updated_stamp: stamp, safe_update: safe } = body;
    const given = { [how]: tags, updated_stamp: stamp, safe_update: safe };
    const outcome = writeOne(writerOf(call), 'tickets', Number(call.params[0]), given);
    if (outcome.kind === 'refused') return refusalAnswer(outcome);
    const status = how === 'tags' ? 201 : 200;
    return { ...json(status, { tags: tagList(outcome.body['tags']) }), effects: outcome.effects };
  };
}

/** Source: Zendesk, "Ticket Comments". */
export const listComments: Endpoint = ({ account, request, params, viewer }) => {
  const entry = account.records.tickets.get(Number(params[0]));
  if (entry === null || entry.deleted || viewer.filter('tickets')?.(entry) === false) return refusalAnswer(NOT_FOUND);
  return answer(listPage(request, 'comments', arrayOf(commentsOf(account, entry.body)), commentJson));
};

function commentJson({ id, author, body, isPublic, createdAt }: Comment): Json {
  return {
    id,
    type: 'Comment',
    author_id: author,
    body,
    html_body: `<div class="zd-comment" dir="auto">${body.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</div>`,
    plain_body: body,
    public: isPublic,
    attachments: [],
    via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
    created_at: createdAt,
    metadata: { system: {}, custom: {} },
  };
}

/** Source: Zendesk, "Triggers". These three send mails; what they do stands in the ledger. */
export const listTriggers: Endpoint = ({ request }) =>
  answer(
    listPage(request, 'triggers', arrayOf(TRIGGERS), ({ id, title, conditions, recipient }) => ({
      url: `${request.origin}/api/v2/triggers/${id}.json`,
      id,
      title,
      active: true,
      default: true,
      description: null,
      position: TRIGGERS.findIndex((each) => each.id === id),
      conditions,
      actions: [
        { field: 'notification_user', value: [recipient, `{{ticket.title}}`, `{{ticket.comments_formatted}}`] },
      ],
      category_id: '100001',
      created_at: ACCOUNT_SINCE,
      updated_at: ACCOUNT_SINCE,
    })),
  );
