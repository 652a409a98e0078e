import { json, type SandboxRequest, type SandboxResponse } from '../../kit/index.ts';
import { keyedFieldJson, ticketFieldList } from '../fields/field-json.ts';
import { ACCOUNT_SINCE } from '../account.ts';
import type { Call, Endpoint } from './context.ts';
import { recordNotFound } from './errors.ts';
import { listPage } from './pagination.ts';
import type { Json } from './present.ts';

/** All fields of tickets, system fields first. */
export function listTicketFields(call: Call): SandboxResponse {
  return fieldList(call.request, 'ticket_fields', ticketFields(call));
}

export function showTicketField(call: Call): SandboxResponse {
  const field = ticketFields(call).find((one) => one['id'] === Number(call.params[0]));
  return field === undefined ? recordNotFound() : json(200, { ticket_field: field });
}

export function countTicketFields(call: Call): SandboxResponse {
  const now = `${call.account.clock.now().toISOString().slice(0, 19)}Z`;
  return json(200, { count: { value: ticketFields(call).length, refreshed_at: now } });
}

export function listKeyedFields(owner: 'organizations' | 'users'): Endpoint {
  const key = owner === 'organizations' ? 'organization_fields' : 'user_fields';
  return ({ account, request }) => {
    const fields = account.fields.of(owner);
    return fieldList(
      request,
      key,
      fields.map((field, place) => keyedFieldJson(request.origin, owner, field, place)),
    );
  };
}

function ticketFields({ account, request }: Call): readonly Json[] {
  return ticketFieldList(request.origin, account.profile.systemFields, account.fields.of('tickets'), ACCOUNT_SINCE);
}

/** With a cursor in pages by id; without, everything at once in the order of positions. */
function fieldList(request: SandboxRequest, key: string, fields: readonly Json[]): SandboxResponse {
  if (![...request.query.keys()].some((name) => name.startsWith('page[')))
    return json(200, { [key]: fields, next_page: null, previous_page: null, count: fields.length });
  const sorted = fields.toSorted((a, b) => idOf(a) - idOf(b));
  const page = listPage(
    request,
    key,
    {
      count: sorted.length,
      idOf,
      fromOffset: (n, limit) => sorted.slice(n, n + limit),
      fromId: (id, direction, limit) =>
        direction === 'after'
          ? sorted.filter((field) => id === null || idOf(field) > id).slice(0, limit)
          : sorted.filter((field) => id !== null && idOf(field) < id).slice(-limit),
    },
    (field: Json) => field,
  );
  return typeof page['status'] === 'number' ? (page as SandboxResponse) : json(200, page);
}

function idOf(field: Json): number {
  return Number(field['id']);
}
