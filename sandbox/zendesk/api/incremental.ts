import { json, type SandboxResponse } from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import type { ChangePosition, Entry } from '../store/collection.ts';
import { wholeNumber, type Call, type Endpoint } from './context.ts';
import { badRequest, unprocessable } from './errors.ts';
import { present } from './present.ts';

const PAGE_MAX = 1_000;

/**
 * Cursor-based export: everything that changed since `start_time`, then since
 * the cursor, in the order of changes. A cursor stays good forever. Source:
 * Zendesk, "Incremental Exports" and "Using the Incremental Exports API".
 */
export function cursorExport(object: ObjectName): Endpoint {
  return (call) => {
    const { query } = call.request;
    const cursor = query.get('cursor') ?? '';
    // An empty one counts as none: some clients always send the parameter.
    const from = cursor === '' ? startPosition(call, 'cursor') : decodeCursor(cursor);
    if (from === null) return badRequest('InvalidCursor', 'cursor is invalid');
    if (isResponse(from)) return from;
    const size = pageSize(call);
    if (size === null) return badRequest('InvalidValue', 'per_page must be a whole number from 1 to 1000');

    const { page, more } = changes(call, object, from, size);
    const last = page.at(-1);
    const after = last === undefined ? null : encodeCursor(last);
    const url = `${call.request.origin}/api/v2/incremental/${object}/cursor.json`;
    return json(200, {
      [object]: page.map((entry) => present(call.account, call.request.origin, object, entry)),
      after_url: after === null ? null : `${url}?${queryText(query, { cursor: after })}`,
      after_cursor: after,
      before_url: null,
      before_cursor: null,
      end_of_stream: !more,
    });
  };
}

/**
 * Time-based export: the next page starts at the time where this one ended,
 * so records of that second come twice, and a page's worth of records of one
 * second cannot be passed.
 */
export function timeExport(object: ObjectName): Endpoint {
  return (call) => {
    const from = startPosition(call, 'time');
    if (isResponse(from)) return from;
    const size = pageSize(call);
    if (size === null) return unprocessable('InvalidValue', 'per_page must be a whole number from 1 to 1000');

    const { page, more } = changes(call, object, from, size);
    const end = page.at(-1)?.changedS ?? null;
    const url = `${call.request.origin}/api/v2/incremental/${object}.json`;
    return json(200, {
      [object]: page.map((entry) => present(call.account, call.request.origin, object, entry)),
      next_page: end === null ? null : `${url}?${queryText(call.request.query, { start_time: String(end) })}`,
      end_time: end,
      count: page.length,
      end_of_stream: !more,
    });
  };
}

function changes(call: Call, object: ObjectName, from: ChangePosition, size: number) {
  const found = call.account.records[object].changedAfter(from, newestS(call), size + 1);
  return { page: found.slice(0, size), more: found.length > size };
}

/** What changed in the last minute is left out: it may not be complete yet. */
function newestS(call: Call): number {
  const { clock, limits } = call.account;
  return Math.floor(clock.now().getTime() / 1000) - limits.incrementalExclusionS;
}

function startPosition(call: Call, style: 'cursor' | 'time'): ChangePosition | SandboxResponse {
  const start = wholeNumber(call.request.query, 'start_time', -1);
  if (start === null || start < 0)
    return style === 'cursor'
      ? badRequest('InvalidValue', 'start_time must be a Unix time')
      : unprocessable('InvalidValue', 'start_time must be a Unix time');
  if (start > newestS(call)) {
    const text = `Too recent start_time. Use a start_time older than ${call.account.limits.incrementalExclusionS} seconds`;
    return style === 'cursor' ? badRequest('StartTimeTooRecent', text) : unprocessable('InvalidValue', text);
  }
  return { changedS: start, id: -1 };
}

function pageSize(call: Call): number | null {
  const size = wholeNumber(call.request.query, 'per_page', PAGE_MAX);
  return size === null || size < 1 ? null : Math.min(size, PAGE_MAX);
}

/** The query of the next page, which keeps the page size. */
function queryText(query: URLSearchParams, next: Readonly<Record<string, string>>): string {
  const size = query.get('per_page');
  return new URLSearchParams({ ...next, ...(size === null ? {} : { per_page: size }) }).toString();
}

function encodeCursor({ changedS, id }: Pick<Entry, 'changedS' | 'id'>): string {
  return Buffer.from(`${changedS}.0||${id}|`).toString('base64url');
}

function decodeCursor(cursor: string): ChangePosition | null {
  const match = /^(\d{1,12})\.0\|\|(\d{1,16})\|$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  return match === null ? null : { changedS: Number(match[1]), id: Number(match[2]) };
}

function isResponse(value: ChangePosition | SandboxResponse): value is SandboxResponse {
  return 'status' in value;
}
