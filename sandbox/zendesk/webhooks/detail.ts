import type { ObjectName } from '../account.ts';
import type { Body } from '../store/collection.ts';

type Json = Readonly<Record<string, unknown>>;

/** The record as every event shows it: a part of its properties, ids as texts. Source: the events' pages, "Detail object properties". */
export function detailOf(object: ObjectName, body: Body, actor: string): Json {
  switch (object) {
    case 'tickets':
      return ticket(body, actor);
    case 'users':
      return user(body);
    case 'organizations':
      return organization(body);
  }
}

function ticket(body: Body, actor: string): Json {
  const via = body['via'] as Json | null;
  const tags = body['tags'] as readonly string[];
  return {
    actor_id: actor,
    assignee_id: text(body['assignee_id']),
    brand_id: text(body['brand_id']),
    created_at: body['created_at'],
    custom_status: text(body['custom_status_id']),
    description: body['description'],
    external_id: text(body['external_id']),
    form_id: text(body['ticket_form_id']),
    group_id: text(body['group_id']),
    id: String(body.id),
    is_public: body['is_public'],
    organization_id: text(body['organization_id']),
    priority: capitals(body['priority']),
    requester_id: text(body['requester_id']),
    status: capitals(body['status']),
    subject: body['subject'],
    submitter_id: text(body['submitter_id']),
    tags: tags.length === 0 ? null : tags,
    type: capitals(body['type']),
    updated_at: body['updated_at'],
    via: { channel: via?.['channel'] ?? null },
  };
}

/** Users have no nulls here: "0" and "" stand for nothing. */
function user(body: Body): Json {
  return {
    created_at: body['created_at'],
    email: body['email'] ?? '',
    external_id: body['external_id'] ?? '',
    default_group_id: text(body['default_group_id']) ?? '0',
    id: String(body.id),
    organization_id: text(body['organization_id']) ?? '0',
    role: body['role'],
    updated_at: body['updated_at'],
  };
}

function organization(body: Body): Json {
  return {
    created_at: body['created_at'],
    external_id: body['external_id'] ?? null,
    group_id: text(body['group_id']),
    id: String(body.id),
    name: body['name'],
    shared_comments: body['shared_comments'],
    shared_tickets: body['shared_tickets'],
    updated_at: body['updated_at'],
  };
}

function text(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : null;
}

function capitals(value: unknown): string | null {
  return typeof value === 'string' ? value.toUpperCase() : null;
}
