import { json, type SandboxResponse } from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import type { Entry } from '../store/collection.ts';
import { wholeNumber, type Call } from './context.ts';
import { unprocessable } from './errors.ts';
import { answer, arrayOf } from './lists.ts';
import { childrenOfOrganization } from './organization-children.ts';
import { listPage } from './pagination.ts';
import { present } from './present.ts';
import { parseSearch, SearchError, textOf, type SearchQuery } from './search-query.ts';

const PAGE_MAX = 100;
/** Source: Zendesk, "Search": at most 1,000 results of a query can be read. */
const RESULTS_MAX = 1_000;
/** Records looked at before other calls get their turn. */
const SLICE = 5_000;

const KIND = { tickets: 'ticket', organizations: 'organization', users: 'user' } as const;
const SORT_KEYS: Readonly<Record<string, string>> = {
  updated_at: 'updated_at',
  created_at: 'created_at',
  priority: 'priority',
  status: 'status',
  ticket_type: 'type',
};

export async function search(call: Call): Promise<SandboxResponse> {
  const query = readQuery(call);
  if ('status' in query) return query;
  const { account, request } = call;
  const page = wholeNumber(request.query, 'page', 1);
  const size = wholeNumber(request.query, 'per_page', PAGE_MAX);
  if (page === null || page < 1 || size === null || size < 1)
    return unprocessable('invalid', 'Invalid search: page must be an integer');
  const perPage = Math.min(size, PAGE_MAX);
  if (page * perPage > RESULTS_MAX)
    return unprocessable('invalid', 'Invalid search: Requested response size was greater than Search Response Limits');

  const found = await matches(call, query);
  const sorted = sort(found, request.query.get('sort_by'), request.query.get('sort_order'));
  const shown = sorted.slice((page - 1) * perPage, page * perPage);
  const url = (to: number): string => {
    const next = new URLSearchParams(request.query);
    next.set('page', String(to));
    return `${request.origin}/api/v2/search.json?${next.toString()}`;
  };
  return json(200, {
    results: shown.map(({ object, entry }) => ({
      ...present(account, request.origin, object, entry),
      result_type: KIND[object],
    })),
    facets: null,
    next_page: page * perPage < sorted.length ? url(page + 1) : null,
    previous_page: page > 1 ? url(page - 1) : null,
    count: sorted.length,
  });
}

export async function searchCount(call: Call): Promise<SandboxResponse> {
  const query = readQuery(call);
  if ('status' in query) return query;
  return json(200, { count: (await matches(call, query)).length });
}

/** Source: Zendesk, "Search Users": what the search language finds among users, as a list of them. */
export async function searchUsers(call: Call): Promise<SandboxResponse> {
  const query = readQuery(call);
  if ('status' in query) return query;
  const { account, request } = call;
  const found = sort(await matches(call, { ...query, objects: ['users'] }), null, null);
  const shown = arrayOf(found.slice(0, RESULTS_MAX).map(({ entry }) => entry));
  return answer(listPage(request, 'users', shown, (entry) => present(account, request.origin, 'users', entry)));
}

function readQuery(call: Call): SearchQuery | SandboxResponse {
  const text = call.request.query.get('query');
  if (text === null) return unprocessable('invalid', 'Invalid search: query is required');
  try {
    return parseSearch(text);
  } catch (error) {
    if (error instanceof SearchError) return unprocessable('invalid', `Invalid search: ${error.message}`);
    throw error;
  }
}

interface Found {
  readonly object: ObjectName;
  readonly entry: Entry;
}

/** Of objects whose lists the caller is refused nothing is found. */
async function matches({ account, viewer }: Call, query: SearchQuery): Promise<readonly Found[]> {
  const shown = (object: ObjectName) => viewer.filter(object) ?? (() => true);
  if (query.organization !== null && query.objects.every((object) => object === 'tickets')) {
    const tickets = childrenOfOrganization(account, 'tickets', query.organization) ?? [];
    return tickets
      .filter((entry) => query.matches(entry) && shown('tickets')(entry))
      .map((entry) => ({ object: 'tickets', entry }));
  }
  const found: Found[] = [];
  for (const object of query.objects) {
    if (!viewer.lists(object)) continue;
    const isShown = shown(object);
    const collection = account.records[object];
    for (let place = 0; place < collection.placeCount(); place += 1) {
      if (place % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
      const entry = collection.at(place);
      if (!entry.deleted && query.matches(entry) && isShown(entry)) found.push({ object, entry });
    }
  }
  return found;
}

const PRIORITY_ORDER = ['low', 'normal', 'high', 'urgent'];
const STATUS_ORDER = ['new', 'open', 'pending', 'hold', 'solved', 'closed'];

/** Without `sort_by` by relevance: everything matches equally well here, so newest changes first. */
function sort(found: readonly Found[], by: string | null, order: string | null): readonly Found[] {
  const key = SORT_KEYS[by ?? ''] ?? 'updated_at';
  const sign = order === 'asc' ? 1 : -1;
  const rank = ({ entry }: Found): string => {
    const value = textOf(entry.body[key]);
    if (key === 'priority') return String(PRIORITY_ORDER.indexOf(value) + 1);
    return key === 'status' ? String(STATUS_ORDER.indexOf(value)) : value;
  };
  return found.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    if (left !== right) return left < right ? -sign : sign;
    return sign * (a.entry.id - b.entry.id);
  });
}
