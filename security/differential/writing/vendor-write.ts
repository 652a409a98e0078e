import type { Json, JsonObject } from '../../../src/kernel/index.ts';

/** A write as a person would do it with the vendor's own API. */
export interface VendorWrite {
  readonly object: string;
  readonly operation: 'create' | 'update' | 'delete';
  readonly recordId: string | null;
  /** Native. */
  readonly values: JsonObject;
}

/** `other`: refused for something else than rights, or not now. */
export type VendorAnswer = 'may' | 'may_not' | 'other';

export interface Vendor {
  readonly url: string;
  /** Own token of the person. */
  readonly token: string;
}

/** What the person's token has to be good for, where a provider asks; by provider. */
export const writingScopes: Readonly<Record<string, { readonly scope?: string }>> = {
  zendesk: { scope: 'read write' },
  google_calendar: { scope: 'https://www.googleapis.com/auth/calendar' },
};

/** Does it in the person's name, and says whether rights were in the way. */
export type WriteAsPerson = (vendor: Vendor, write: VendorWrite) => Promise<VendorAnswer>;

/** REST API Developer Guide and SOAP API, "StatusCode": what Salesforce answers to who may not. */
const SALESFORCE_RIGHTS = new Set([
  'INSUFFICIENT_ACCESS_OR_READONLY',
  'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
  'INVALID_CROSS_REFERENCE_KEY',
  'INVALID_FIELD',
  'INVALID_FIELD_FOR_INSERT_UPDATE',
  'INVALID_TYPE',
  'INVALID_TYPE_FOR_OPERATION',
  'NOT_FOUND',
]);
const API = '/services/data/v62.0/composite/sobjects';
/** Nothing is deleted: with a record that there is not, all of it is taken back. */
const NO_RECORD = '001000000000999AAA';

/** In a collection of one, which answers for each record; deletions are tried and taken back. */
export const writeInSalesforce: WriteAsPerson = async ({ url, token }, { object, operation, recordId, values }) => {
  const record = { attributes: { type: object }, ...(recordId === null ? {} : { id: recordId }), ...values };
  const isDelete = operation === 'delete';
  const address = isDelete ? `${url}${API}?ids=${recordId ?? ''},${NO_RECORD}&allOrNone=true` : `${url}${API}`;
  const response = await fetch(address, {
    method: { create: 'POST', update: 'PATCH', delete: 'DELETE' }[operation],
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(isDelete ? {} : { body: JSON.stringify({ allOrNone: false, records: [record] }) }),
  });
  type Answer = { readonly success?: boolean; readonly errorCode?: string; readonly errors?: { statusCode: string }[] };
  const [first] = (await response.json()) as Answer[];
  const code = first?.errors?.[0]?.statusCode ?? first?.errorCode ?? null;
  if (first?.success === true || code === 'ALL_OR_NONE_OPERATION_ROLLED_BACK') return 'may';
  return code !== null && SALESFORCE_RIGHTS.has(code) ? 'may_not' : 'other';
};

const singular: Readonly<Record<string, string>> = { tickets: 'ticket', users: 'user', organizations: 'organization' };

/** Zendesk says 403 or 404 to who may not. */
export const writeInZendesk: WriteAsPerson = (vendor, { object, operation, recordId, values }) => {
  const path = recordId === null ? `${object}.json` : `${object}/${recordId}.json`;
  const body = operation === 'delete' ? null : { [singular[object] ?? object]: values };
  return answered(
    vendor,
    { method: { create: 'POST', update: 'PUT', delete: 'DELETE' }[operation], path: `/api/v2/${path}` },
    body,
  );
};

/** Google says 403 or 404 to who may not; ids are `calendar/event`. */
export const writeInGoogleCalendar: WriteAsPerson = (vendor, { operation, recordId, values }) => {
  const { calendarId, ...event } = values;
  const slash = (recordId ?? '').lastIndexOf('/');
  const calendar = recordId === null ? String(calendarId) : recordId.slice(0, slash);
  const path = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events`;
  const method = { create: 'POST', update: 'PATCH', delete: 'DELETE' }[operation];
  const one = recordId === null ? path : `${path}/${encodeURIComponent(recordId.slice(slash + 1))}`;
  return answered(vendor, { method, path: one }, operation === 'delete' ? null : event);
};

async function answered(
  { url, token }: Vendor,
  { method, path }: { readonly method: string; readonly path: string },
  body: Json,
): Promise<VendorAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return 'may';
  // What only the organizer of an event may change is the same for everybody on that calendar.
  if (text.includes('forbiddenForNonOrganizer')) return 'other';
  return response.status === 403 || response.status === 404 ? 'may_not' : 'other';
}
