import type { SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { fullSyncRequired, invalid } from './errors.ts';
import { isGone } from './list-query.ts';
import { decodePageToken, decodeSyncToken, encodeToken, type PageToken, type SyncToken } from './tokens.ts';

/** Where a reader of a list by id stands, by the tokens of its request. */
export interface ListPlace {
  readonly sync: SyncToken | null;
  readonly page: PageToken | null;
}

/** `list` names it: tokens of another one are none. */
export function placeIn(account: Account, query: URLSearchParams, list: string): ListPlace | SandboxResponse {
  const syncText = query.get('syncToken');
  const sync = syncText === null ? null : decodeSyncToken(syncText);
  if (syncText !== null && sync?.list !== list) return invalid('syncToken', 'Invalid sync token value.');
  if (sync !== null && isGone(account, sync)) return fullSyncRequired();
  const pageText = query.get('pageToken');
  const page = pageText === null ? null : decodePageToken(pageText);
  if (pageText !== null && page?.list !== list) return invalid('pageToken', 'Invalid page token value.');
  return { sync, page };
}

/** The token with which it goes on. `last`: of the page, where there is more of the list. */
export function nextToken(
  account: Account,
  list: string,
  { page }: ListPlace,
  last: string | null,
): { readonly nextPageToken: string } | { readonly nextSyncToken: string } {
  const seq = page?.seq ?? account.events.seq();
  if (last !== null) {
    return { nextPageToken: encodeToken({ kind: 'page', list, seq, shape: '', afterKey: 0, afterId: last }) };
  }
  const issued = { issuedMs: account.clock.now().getTime(), epoch: account.epoch };
  return { nextSyncToken: encodeToken({ kind: 'sync', list, seq, ...issued, shape: '' }) };
}
