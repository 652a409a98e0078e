/** Where a reader of a list stands. Opaque to callers, and base64 with all its signs, as Google's are. */
export interface SyncToken {
  readonly kind: 'sync';
  /** Calendar id, or `calendarList` of a user. */
  readonly list: string;
  /** Everything after this change is news. */
  readonly seq: number;
  readonly issuedMs: number;
  /** Tokens of an earlier epoch were expired on purpose. */
  readonly epoch: number;
  /** What must be asked the same way again. */
  readonly shape: string;
  /** Of events: what the reader might do with the calendar; another role is another list. */
  readonly role?: string;
}

export interface PageToken {
  readonly kind: 'page';
  readonly list: string;
  /** The last change when the first page was read: the next sync token begins there. */
  readonly seq: number;
  /** The query apart from page size; another query cannot go on here. */
  readonly shape: string;
  /** Sort key and id of the last item. */
  readonly afterKey: number;
  readonly afterId: string;
}

export function encodeToken(token: SyncToken | PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64');
}

export function decodeSyncToken(text: string): SyncToken | null {
  const token = decoded(text);
  return token?.kind === 'sync' ? token : null;
}

export function decodePageToken(text: string): PageToken | null {
  const token = decoded(text);
  return token?.kind === 'page' ? token : null;
}

function decoded(text: string): SyncToken | PageToken | null {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as SyncToken | PageToken;
    return typeof value === 'object' && value !== null && typeof value.list === 'string' ? value : null;
  } catch {
    return null;
  }
}
