import { json, type SandboxResponse } from '../../kit/index.ts';
import { parseSalesforceId } from '../../world/index.ts';
import type { Account, ObjectName } from '../account.ts';
import { organizationIds } from '../ids.ts';
import type { Collection, Entry } from '../store/collection.ts';
import type { Call, Endpoint } from './context.ts';
import { badRequest, forbidden, recordNotFound } from './errors.ts';
import { childrenOfOrganization } from './organization-children.ts';
import { listPage, type Pageable } from './pagination.ts';
import { present, type Json } from './present.ts';
import { textOf } from './search-query.ts';

const SINGULAR = { tickets: 'ticket', organizations: 'organization', users: 'user' } as const;
/** Source: Zendesk, "Count Tickets": above this the count may lag by up to a day. */
const EXACT_COUNT_MAX = 100_000;

/** One record. Deleted users stay visible as inactive; deleted tickets and organizations are gone. */
export function show(object: ObjectName): Endpoint {
  return (call) => {
    const entry = call.account.records[object].get(Number(call.params[0]));
    if (entry === null || (entry.deleted && object !== 'users')) return recordNotFound();
    // What the agent may not see does not exist for it.
    if (call.viewer.filter(object)?.(entry) === false) return recordNotFound();
    return json(200, { [SINGULAR[object]]: present(call.account, call.request.origin, object, entry) });
  };
}

/** All live records by id. Users can be narrowed by `role`, everything by `external_id`. */
export function list(object: ObjectName): Endpoint {
  return (call) => {
    const { account, request } = call;
    if (!call.viewer.lists(object)) return forbidden();
    const wanted = filterOf(call, object);
    const pageable = wanted === null ? allLive(account.records[object]) : filteredLive(account.records[object], wanted);
    return answer(listPage(request, object, pageable, (entry) => present(account, request.origin, object, entry)));
  };
}

export function count(object: ObjectName): Endpoint {
  return (call) => {
    if (!call.viewer.lists(object)) return forbidden();
    const wanted = filterOf(call, object);
    const collection = call.account.records[object];
    return countAnswer(call.account, wanted === null ? collection.liveCount() : filteredLive(collection, wanted).count);
  };
}

/**
 * By `external_id` or `name`, exactly but for case, not by both. Source:
 * Zendesk, "Search Organizations"; which body a call by neither or by both
 * gets is not documented, so the general one for bad parameters is given.
 */
export function searchOrganizations(call: Call): SandboxResponse {
  const { account, request } = call;
  const [key, ...others] = (['external_id', 'name'] as const).filter((each) => request.query.has(each));
  const sought = key === undefined ? '' : (request.query.get(key) ?? '');
  if (key === undefined || others.length > 0 || sought === '') {
    return badRequest('InvalidValue', 'Either external_id or name must be given, not both');
  }
  const wanted: Wanted = ({ body }) => textOf(body[key]).toLowerCase() === sought.toLowerCase();
  const collection = account.records.organizations;
  const candidates = key === 'external_id' ? organizationsOfAccount(collection, sought) : null;
  const found = candidates === null ? filteredLive(collection, wanted) : arrayOf(candidates.filter(wanted));
  return answer(
    listPage(request, 'organizations', found, (entry) => present(account, request.origin, 'organizations', entry)),
  );
}

/** Where an organization with the id of a CRM account can be; null if the text is no such id. */
function organizationsOfAccount(collection: Collection, externalId: string): readonly Entry[] | null {
  const account = parseSalesforceId(externalId);
  if (account === null || externalId.length !== 18) return null;
  const id = organizationIds.of(account.index);
  const base = collection.isOverlaid(id) ? null : collection.get(id);
  const candidates = [...(base === null ? [] : [base]), ...collection.overlaid()];
  return candidates.filter((entry) => !entry.deleted).toSorted((a, b) => a.id - b.id);
}

export function organizationChildren(object: 'tickets' | 'users'): Endpoint {
  return ({ account, request, params, viewer }) => {
    const found = childrenOfOrganization(account, object, Number(params[0]));
    if (found === null) return recordNotFound();
    const shown = found.filter(viewer.filter(object) ?? (() => true));
    return answer(
      listPage(request, object, arrayOf(shown), (entry) => present(account, request.origin, object, entry)),
    );
  };
}

export function organizationTicketCount(call: Call): SandboxResponse {
  const found = childrenOfOrganization(call.account, 'tickets', Number(call.params[0]));
  const shown = call.viewer.filter('tickets') ?? (() => true);
  return found === null ? recordNotFound() : countAnswer(call.account, found.filter(shown).length);
}

function countAnswer(account: Account, value: number): SandboxResponse {
  const now = `${account.clock.now().toISOString().slice(0, 19)}Z`;
  return json(200, { count: { value, refreshed_at: value > EXACT_COUNT_MAX ? null : now } });
}

export function answer(page: Json | SandboxResponse): SandboxResponse {
  return typeof page['status'] === 'number' ? (page as SandboxResponse) : json(200, page);
}

type Wanted = (entry: Entry) => boolean;

/** What was asked for, of what the caller is shown; null: everything. */
function filterOf(call: Call, object: ObjectName): Wanted | null {
  const [shown, asked] = [call.viewer.filter(object), askedFor(call, object)];
  if (shown === null || asked === null) return shown ?? asked;
  return (entry) => shown(entry) && asked(entry);
}

function askedFor({ request }: Call, object: ObjectName): Wanted | null {
  const externalId = request.query.get('external_id');
  const roles = new Set([...request.query.getAll('role'), ...request.query.getAll('role[]')]);
  const byRole = object === 'users' && roles.size > 0;
  if (externalId === null && !byRole) return null;
  return ({ body }) =>
    (externalId === null || body['external_id'] === externalId) && (!byRole || roles.has(String(body['role'])));
}

function allLive(collection: Collection): Pageable<Entry> {
  return {
    count: collection.liveCount(),
    idOf: (entry) => entry.id,
    fromOffset: (n, limit) => liveFrom(collection, collection.placeOfLive(n), limit),
    fromId: (id, direction, limit) => {
      const place = id === null ? null : collection.placeOf(id);
      if (direction === 'after') return liveFrom(collection, place === null ? 0 : place + 1, limit);
      return liveBefore(collection, place ?? 0, limit);
    },
  };
}

function liveFrom(collection: Collection, place: number, limit: number, wanted: Wanted = any): readonly Entry[] {
  const found: Entry[] = [];
  for (let at = place; at < collection.placeCount() && found.length < limit; at += 1) {
    const entry = collection.at(at);
    if (!entry.deleted && wanted(entry)) found.push(entry);
  }
  return found;
}

const any: Wanted = () => true;

function liveBefore(collection: Collection, place: number, limit: number, wanted: Wanted = any): readonly Entry[] {
  const found: Entry[] = [];
  for (let at = place - 1; at >= 0 && found.length < limit; at -= 1) {
    const entry = collection.at(at);
    if (!entry.deleted && wanted(entry)) found.unshift(entry);
  }
  return found;
}

/** Looked through from where a page begins, and counted only if somebody asks. */
export function filteredLive(collection: Collection, wanted: Wanted): Pageable<Entry> {
  const all = (): readonly Entry[] => liveFrom(collection, 0, Number.POSITIVE_INFINITY, wanted);
  return {
    get count() {
      return all().length;
    },
    idOf: (entry) => entry.id,
    fromOffset: (n, limit) => all().slice(n, n + limit),
    fromId: (id, direction, limit) => {
      const place = id === null ? null : collection.placeOf(id);
      if (direction === 'after') return liveFrom(collection, place === null ? 0 : place + 1, limit, wanted);
      return liveBefore(collection, place ?? 0, limit, wanted);
    },
  };
}

export function arrayOf<T extends { readonly id: number }>(entries: readonly T[]): Pageable<T> {
  return {
    count: entries.length,
    idOf: (entry) => entry.id,
    fromOffset: (n, limit) => entries.slice(n, n + limit),
    fromId: (id, direction, limit) => {
      if (direction === 'after') return entries.filter((entry) => id === null || entry.id > id).slice(0, limit);
      const before = entries.filter((entry) => id !== null && entry.id < id);
      return before.slice(Math.max(0, before.length - limit));
    },
  };
}
