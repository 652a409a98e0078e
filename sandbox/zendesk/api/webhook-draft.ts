import { CONDITIONAL, isEventType } from '../webhooks/event-types.ts';
import type { Authentication, WebhookDraft } from '../webhooks/webhook-store.ts';
import type { Json } from './present.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const FORMATS = ['json', 'xml', 'form_encoded'];

/**
 * Reads a webhook; what is not given comes from `before`. A text says what is
 * wrong with it. Event subscriptions want POST and JSON, exclude triggers, and a
 * webhook never changes from one to the other (`subscribed`: to what it did
 * until now). Source: "Creating and monitoring webhooks".
 */
export function draftFrom(
  given: unknown,
  before: WebhookDraft | null,
  subscribed: readonly string[] | null,
): WebhookDraft | string {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'webhook is missing';
  const input = given as Json;
  const text = (key: string, old: string | undefined): string => {
    const value = input[key] ?? old;
    return typeof value === 'string' ? value : '';
  };
  const name = text('name', before?.name);
  const endpoint = text('endpoint', before?.endpoint);
  const httpMethod = text('http_method', before?.httpMethod);
  const requestFormat = text('request_format', before?.requestFormat);
  const status = text('status', before?.status);
  const description = input['description'] === undefined ? (before?.description ?? null) : text('description', '');
  if (name === '') return 'name is missing';
  if (!URL.canParse(endpoint)) return 'endpoint must be a URL';
  if (!METHODS.includes(httpMethod)) return `http_method must be one of ${METHODS.join(', ')}`;
  if (!FORMATS.includes(requestFormat)) return `request_format must be one of ${FORMATS.join(', ')}`;
  if (status !== 'active' && status !== 'inactive') return 'status must be active or inactive';
  const subscriptions = input['subscriptions'] ?? before?.subscriptions ?? [];
  const wrong = subscriptionFault(subscriptions, httpMethod, requestFormat, subscribed);
  if (wrong !== null) return wrong;
  const authentication = authenticationOf(input['authentication'], before?.authentication ?? null);
  if (authentication === undefined) return 'authentication is not valid';
  const customHeaders = headersOf(input['custom_headers'], before?.customHeaders ?? null);
  if (customHeaders === undefined) return 'custom_headers must be texts';
  return {
    name,
    description,
    endpoint,
    httpMethod,
    requestFormat,
    status,
    subscriptions: subscriptions as readonly string[],
    customHeaders,
    authentication,
  };
}

function subscriptionFault(
  given: unknown,
  httpMethod: string,
  requestFormat: string,
  subscribed: readonly string[] | null,
): string | null {
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string')) return 'subscriptions must be a list';
  const list = given as readonly string[];
  const conditional = list.includes(CONDITIONAL);
  const unknown = list.find((one) => one !== CONDITIONAL && !isEventType(one));
  if (unknown !== undefined) return `subscriptions: there is no event type ${unknown}`;
  if (conditional && list.length > 1) return `subscriptions: ${CONDITIONAL} stands alone`;
  if (list.length > 0 && !conditional && (httpMethod !== 'POST' || requestFormat !== 'json'))
    return 'subscriptions to events need http_method POST and request_format json';
  const both = subscribed !== null && subscribed.length > 0 && list.length > 0;
  if (both && subscribed.includes(CONDITIONAL) !== conditional)
    return 'the connection method of a webhook cannot change';
  return null;
}

/** Undefined for what is none. */
function authenticationOf(given: unknown, before: Authentication | null): Authentication | null | undefined {
  if (given === undefined) return before;
  if (given === null) return null;
  if (typeof given !== 'object') return undefined;
  const { type, data } = given as Json;
  const fields = typeof data === 'object' && data !== null ? (data as Json) : {};
  const { username, password, token, name, value } = fields;
  if (type === 'basic_auth' && typeof username === 'string' && typeof password === 'string')
    return { type, data: { username, password } };
  if (type === 'bearer_token' && typeof token === 'string') return { type, data: { token } };
  if (type === 'api_key' && typeof name === 'string' && typeof value === 'string')
    return { type, data: { name, value } };
  return undefined;
}

/** Undefined for what is none. */
function headersOf(
  given: unknown,
  before: Readonly<Record<string, string>> | null,
): Readonly<Record<string, string>> | null | undefined {
  if (given === undefined) return before;
  if (given === null) return null;
  if (typeof given !== 'object' || Array.isArray(given)) return undefined;
  const entries = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return entries.every(([, value]) => typeof value === 'string') ? Object.fromEntries(entries) : undefined;
}
