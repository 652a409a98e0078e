import type { SandboxRequest, SandboxResponse } from '../../kit/index.ts';
import { wholeNumber } from './context.ts';
import { paginationError } from './errors.ts';
import type { Json } from './present.ts';

/** Records in a fixed order that can be entered at any place. */
export interface Pageable<T> {
  /** Live records in all. */
  readonly count: number;
  /** Up to `limit` records from the n-th on (0-based). */
  fromOffset(n: number, limit: number): readonly T[];
  /** Up to `limit` records after (or before) the one with this id, in the list's order; all from the start for null. */
  fromId(id: number | null, direction: 'after' | 'before', limit: number): readonly T[];
  idOf(item: T): number;
}

const PAGE_MAX = 100;
/** Source: Zendesk, "Pagination": offset pagination ends after 100 pages of 100. */
const OFFSET_RECORDS_MAX = 10_000;

/**
 * Answers a list in the style that the caller chose: `page[size]` for cursors,
 * `page`/`per_page` or nothing for page numbers. At most 100 records a page.
 */
export function listPage<T>(
  request: SandboxRequest,
  key: string,
  list: Pageable<T>,
  show: (item: T) => Json,
): Json | SandboxResponse {
  const { query } = request;
  const cursorStyle = ['page[size]', 'page[after]', 'page[before]'].some((name) => query.has(name));
  return cursorStyle ? cursorPage(request, key, list, show) : offsetPage(request, key, list, show);
}

function cursorPage<T>(
  request: SandboxRequest,
  key: string,
  list: Pageable<T>,
  show: (item: T) => Json,
): Json | SandboxResponse {
  const { query } = request;
  const size = wholeNumber(query, 'page[size]', PAGE_MAX);
  if (size === null || size < 1 || size > PAGE_MAX)
    return paginationError('InvalidPaginationParameter', 'page[size] must be a whole number from 1 to 100');
  const sort = query.get('sort');
  if (sort !== null && sort !== 'id')
    return paginationError('InvalidPaginationParameter', `sort is not valid; sortable here: id`);
  const direction = query.has('page[before]') ? 'before' : 'after';
  const id = decodeId(query.get(`page[${direction}]`));
  if (id === 'invalid') return paginationError('InvalidPaginationParameter', `page[${direction}] is not valid`);

  const found = list.fromId(id, direction, size + 1);
  const more = found.length > size;
  const items = direction === 'after' ? found.slice(0, size) : found.slice(more ? 1 : 0);
  const first = items[0];
  const last = items.at(-1);
  const before = first === undefined ? null : encodeId(list.idOf(first));
  const after = last === undefined ? null : encodeId(list.idOf(last));
  const link = (name: string, cursor: string | null): string | null =>
    cursor === null ? null : pageUrl(request, ['page[after]', 'page[before]'], { [`page[${name}]`]: cursor });
  return {
    [key]: items.map(show),
    meta: { has_more: more, after_cursor: after, before_cursor: before },
    links: { prev: link('before', before), next: link('after', after) },
  };
}

function offsetPage<T>(
  request: SandboxRequest,
  key: string,
  list: Pageable<T>,
  show: (item: T) => Json,
): Json | SandboxResponse {
  const { query } = request;
  const page = wholeNumber(query, 'page', 1);
  const size = wholeNumber(query, 'per_page', PAGE_MAX);
  if (page === null || page < 1 || size === null || size < 1)
    return paginationError('InvalidPaginationParameter', 'page and per_page must be whole numbers from 1');
  const perPage = Math.min(size, PAGE_MAX);
  if (page * perPage > OFFSET_RECORDS_MAX)
    return paginationError(
      'InvalidPaginationDepth',
      `Requests using offset pagination are limited to ${OFFSET_RECORDS_MAX} records; use cursor pagination instead`,
    );
  const items = list.fromOffset((page - 1) * perPage, perPage);
  const number = (to: number): string => pageUrl(request, ['page'], { page: String(to) });
  return {
    [key]: items.map(show),
    next_page: page * perPage < list.count ? number(page + 1) : null,
    previous_page: page > 1 ? number(page - 1) : null,
    count: list.count,
  };
}

function pageUrl(request: SandboxRequest, drop: readonly string[], set: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(request.query);
  for (const name of drop) query.delete(name);
  for (const [name, value] of Object.entries(set)) query.set(name, value);
  return `${request.origin}${request.path}?${query.toString()}`;
}

function encodeId(id: number): string {
  return Buffer.from(`v1:${id}`).toString('base64url');
}

function decodeId(cursor: string | null): number | null | 'invalid' {
  if (cursor === null) return null;
  const match = /^v1:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  return match === null ? 'invalid' : Number(match[1]);
}
