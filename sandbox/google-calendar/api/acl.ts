import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import { ruleId, SCOPE_TYPES, scopeOf, type AclRule, type Scope } from '../access/acl.ts';
import { allows, roleNamed, type AccessRole } from '../access/roles.ts';
import type { Account } from '../account.ts';
import type { CalendarRecord } from '../directory.ts';
import { changeRule } from '../sharing.ts';
import { calendarOf, flag, isResponse, size, type Call, type OpenCalendar } from './context.ts';
import {
  badRequest,
  invalid,
  notFound,
  ownAccess,
  ownerNeeded,
  required,
  restrictedSyncToken,
  writerNeeded,
} from './errors.ts';
import { nextToken, placeIn } from './list-place.ts';
import { etagOf, type Json } from './present.ts';

/**
 * Acl: list. Writers may look, only owners may change (reference, "Acl",
 * `role`). A group's members are nowhere in this API; the Directory has them.
 */
export function listAcl(call: Call): SandboxResponse {
  const open = openTo(call, 'writer');
  if (isResponse(open)) return open;
  const { account, request } = call;
  const { query } = request;
  const pageSize = size(query, 'maxResults', 100, 250);
  const showDeleted = flag(query, 'showDeleted') ?? false;
  if (typeof pageSize !== 'number') return pageSize;
  if (typeof showDeleted !== 'boolean') return showDeleted;
  if (query.has('syncToken') && query.get('showDeleted') === 'false') return restrictedSyncToken();
  const list = `acl of ${open.calendar.id}`;
  const place = placeIn(account, query, list);
  if (isResponse(place)) return place;
  const { sync, page } = place;

  const kept = account.directory
    .rules(open.calendar)
    .filter(({ role, seq }) => (sync === null ? showDeleted || role !== 'none' : seq > sync.seq))
    .map((rule) => ({ id: ruleId(rule.scope), rule }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .filter(({ id }) => page === null || id > page.afterId);
  const items = kept.slice(0, pageSize);
  const last = items.at(-1);
  const hasMore = kept.length > items.length && last !== undefined;
  const next = nextToken(account, list, place, hasMore ? last.id : null);
  const etag = etagOf(account.clock.now().getTime());
  return json(200, { kind: 'calendar#acl', etag, ...next, items: items.map(({ rule }) => ruleJson(account, rule)) });
}

export function getRule(call: Call): SandboxResponse {
  const open = openTo(call, 'writer');
  if (isResponse(open)) return open;
  const rule = ruleOf(call, open.calendar);
  return rule === null ? notFound() : json(200, ruleJson(call.account, rule));
}

export function insertRule(call: Call): SandboxResponse {
  const open = openTo(call, 'owner');
  if (isResponse(open)) return open;
  const body = bodyOf(call);
  if (body === null) return badRequest();
  const scope = scopeGiven(body['scope']);
  if (scope === null) return required('scope');
  return stored(call, open.calendar, scope, body);
}

/** Acl: patch and update; the scope of a rule never changes. */
export function changeRuleRole(call: Call): SandboxResponse {
  const open = openTo(call, 'owner');
  if (isResponse(open)) return open;
  const rule = ruleOf(call, open.calendar);
  const body = bodyOf(call);
  if (rule === null) return notFound();
  return body === null ? badRequest() : stored(call, open.calendar, rule.scope, { role: rule.role, ...body });
}

export function deleteRule(call: Call): SandboxResponse {
  const open = openTo(call, 'owner');
  if (isResponse(open)) return open;
  const rule = ruleOf(call, open.calendar);
  if (rule === null) return notFound();
  if (isOwn(call, rule.scope)) return ownAccess();
  const effect = changeRule(call.account, open.calendar, rule.scope, 'none');
  return { status: 204, body: '', effects: [effect] };
}

function stored(call: Call, calendar: CalendarRecord, scope: Scope, body: Json): SandboxResponse {
  if (isOwn(call, scope)) return ownAccess();
  const role = roleNamed(body['role']);
  if (role === null) return body['role'] === undefined ? required('role') : invalid('role', 'Invalid role.');
  const effect = changeRule(call.account, calendar, scope, role);
  const rule = { scope, role, seq: call.account.events.seq() };
  return { ...json(200, ruleJson(call.account, rule)), effects: [effect] };
}

function isOwn({ account, user }: Call, { type, value }: Scope): boolean {
  return type === 'user' && value === account.people.at(user).email;
}

function openTo(call: Call, needed: AccessRole): OpenCalendar | SandboxResponse {
  const open = calendarOf(call);
  if (isResponse(open)) return open;
  if (allows(open.role, needed)) return open;
  return needed === 'owner' ? ownerNeeded() : writerNeeded();
}

function ruleOf({ account, request }: Call, calendar: CalendarRecord): AclRule | null {
  const scope = scopeOf(request.params['rule'] ?? '');
  if (scope === null) return null;
  const id = ruleId(scope);
  return account.directory.rules(calendar).find((rule) => ruleId(rule.scope) === id && rule.role !== 'none') ?? null;
}

function scopeGiven(given: unknown): Scope | null {
  if (typeof given !== 'object' || given === null) return null;
  const { type, value } = given as Json;
  const known = SCOPE_TYPES.find((each) => each === type);
  if (known === undefined) return null;
  if (known === 'default') return { type: known, value: null };
  return typeof value === 'string' && value !== '' ? { type: known, value: value.toLowerCase() } : null;
}

function bodyOf({ request }: Call): Json | null {
  const value = parseJson(request.body);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

function ruleJson(account: Account, { scope, role, seq }: AclRule): Json {
  return {
    kind: 'calendar#aclRule',
    etag: etagOf(account.world.anchor.getTime() + seq),
    id: ruleId(scope),
    scope: { type: scope.type, ...(scope.value === null ? {} : { value: scope.value }) },
    role,
  };
}
