import type { ObjectName } from '../account.ts';
import type { CustomField } from '../fields/field.ts';
import type { CustomValue } from '../profiles/profile.ts';
import type { Body } from '../store/collection.ts';

type Json = Readonly<Record<string, unknown>>;

/** One event of a change: its name without prefix, and what its `event` object says. */
export interface ChangeEvent {
  readonly name: string;
  readonly event: Json;
}

export interface Change {
  readonly object: ObjectName;
  readonly op: 'create' | 'update' | 'delete' | 'undelete';
  /** Null before a creation. */
  readonly before: Body | null;
  readonly after: Body;
  readonly fields: readonly CustomField[];
}

/**
 * What Zendesk tells about a change: one event for each property that has one.
 * Properties without an event of their own, such as an organization's details
 * or notes, are never told about.
 */
export function eventsOf(change: Change): readonly ChangeEvent[] {
  const { object, op, before, after } = change;
  if (op === 'create' || before === null) return [{ name: 'created', event: {} }];
  const ends = ENDS[object][op];
  if (ends !== undefined) return ends;
  return [...plainEvents(object, before, after), ...listEvents(object, before, after), ...customEvents(change, before)];
}

/** A deleted user is soft deleted, which Zendesk tells as a change of `active`; nothing brings an organization back. */
const ENDS: Readonly<Record<ObjectName, Partial<Record<Change['op'], readonly ChangeEvent[]>>>> = {
  tickets: {
    delete: [{ name: 'soft_deleted', event: {} }],
    undelete: [{ name: 'undeleted', event: {} }],
  },
  organizations: { delete: [{ name: 'deleted', event: {} }], undelete: [] },
  users: {
    delete: [{ name: 'active_changed', event: { current: false, previous: true } }],
    undelete: [{ name: 'active_changed', event: { current: true, previous: false } }],
  },
};

type Show = (value: unknown) => unknown;
const asIs: Show = (value) => value ?? null;
const idText: Show = (value) => (typeof value === 'number' || typeof value === 'string' ? String(value) : null);
/** Status, priority and type travel in capitals. */
const capitals: Show = (value) => (typeof value === 'string' ? value.toUpperCase() : null);

/** Properties whose events say `current` and `previous`. */
const PLAIN: Readonly<Record<ObjectName, Readonly<Record<string, readonly [name: string, show: Show]>>>> = {
  tickets: {
    assignee_id: ['agent_assignment_changed', idText],
    brand_id: ['brand_changed', idText],
    custom_status_id: ['custom_status_changed', idText],
    description: ['description_changed', asIs],
    due_at: ['task_due_at_changed', asIs],
    external_id: ['external_id_changed', asIs],
    group_id: ['group_assignment_changed', idText],
    organization_id: ['organization_changed', idText],
    priority: ['priority_changed', capitals],
    problem_id: ['problem_link_changed', idText],
    requester_id: ['requester_changed', idText],
    status: ['status_changed', capitals],
    subject: ['subject_changed', asIs],
    submitter_id: ['submitter_changed', idText],
    ticket_form_id: ['form_changed', idText],
    type: ['type_changed', capitals],
  },
  organizations: { external_id: ['external_id_changed', asIs], name: ['name_changed', asIs] },
  users: {
    active: ['active_changed', asIs],
    alias: ['alias_changed', asIs],
    custom_role_id: ['custom_role_changed', idText],
    default_group_id: ['default_group_changed', idText],
    details: ['details_changed', asIs],
    email: ['identity_changed', (value) => ({ type: 'email', value: value ?? null })],
    external_id: ['external_id_changed', asIs],
    last_login_at: ['last_login_changed', asIs],
    name: ['name_changed', asIs],
    notes: ['notes_changed', asIs],
    only_private_comments: ['only_private_comments_changed', asIs],
    phone: ['identity_changed', (value) => ({ type: 'phone_number', value: value ?? null })],
    photo: ['photo_changed', asIs],
    role: ['role_changed', asIs],
    suspended: ['suspended_changed', asIs],
    time_zone: ['time_zone_changed', asIs],
  },
};

function plainEvents(object: ObjectName, before: Body, after: Body): readonly ChangeEvent[] {
  const events = Object.entries(PLAIN[object]).flatMap(([property, [name, show]]) =>
    same(before[property], after[property])
      ? []
      : [{ name, event: { current: show(after[property]), previous: show(before[property]) } }],
  );
  if (object !== 'users' || same(before['organization_id'], after['organization_id'])) return events;
  const [left, joined] = [before['organization_id'], after['organization_id']].map(idText);
  const membership = (name: string, id: unknown): readonly ChangeEvent[] =>
    id === null ? [] : [{ name: `organization_membership_${name}`, event: { organization: { id } } }];
  return [...events, ...membership('deleted', left), ...membership('created', joined)];
}

/** Properties whose events say what came and what went. */
const LISTS: Readonly<Record<ObjectName, Readonly<Record<string, readonly [name: string, what: string]>>>> = {
  tickets: {
    tags: ['tags_changed', 'tags'],
    follower_ids: ['followers_changed', 'users'],
    email_cc_ids: ['email_ccs_changed', 'users'],
  },
  organizations: { tags: ['tags_changed', 'tags'] },
  users: { tags: ['tags_changed', 'tags'] },
};

function listEvents(object: ObjectName, before: Body, after: Body): readonly ChangeEvent[] {
  return Object.entries(LISTS[object]).flatMap(([property, [name, what]]) => {
    const [had, has] = [texts(before[property]), texts(after[property])];
    const added = has.filter((one) => !had.includes(one));
    const removed = had.filter((one) => !has.includes(one));
    if (added.length + removed.length === 0) return [];
    return [{ name, event: { [`${what}_added`]: added, [`${what}_removed`]: removed } }];
  });
}

function customEvents({ object, after, fields }: Change, before: Body): readonly ChangeEvent[] {
  const [had, has] = [customValues(object, before), customValues(object, after)];
  return fields.flatMap((field) => {
    const key = field.key ?? String(field.id);
    const [previous, current] = [had.get(key) ?? null, has.get(key) ?? null];
    if (same(previous, current)) return [];
    const { id, title, type } = field;
    const event = {
      current: { value: current },
      previous: { value: previous },
      custom_field: { id: String(id), title, type },
    };
    return [{ name: 'custom_field_changed', event }];
  });
}

function customValues(object: ObjectName, body: Body): ReadonlyMap<string, unknown> {
  if (object === 'tickets')
    return new Map((body['custom_fields'] as readonly CustomValue[]).map(({ id, value }) => [String(id), value]));
  return new Map(Object.entries(body[object === 'users' ? 'user_fields' : 'organization_fields'] as Json));
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
