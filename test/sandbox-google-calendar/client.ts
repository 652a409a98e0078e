import { createHash, randomBytes } from 'node:crypto';
import {
  adminOf,
  browse,
  startSandbox,
  type SandboxStart,
  type SandboxUser,
  type TestSandbox,
} from '../support/sandbox.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A program that was written against Google's documents and knows nothing of Gantry. */
export interface CalendarClient {
  readonly accessToken: string;
  /** `path` after `/calendar/v3/`. */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
}

export const ANCHOR = '2026-08-01T00:00:00Z';
export const READ_SCOPE = 'https://www.googleapis.com/auth/calendar.readonly';

export function startCalendars(options: SandboxStart = {}): Promise<TestSandbox> {
  return startSandbox('google_calendar', { anchor: ANCHOR, ...options });
}

/** Places of sales and success among every ten users: people with customers, whose calendars all may read. */
const SELLERS = [1, 3, 4, 6, 7, 8];

export function sellerOf(sandbox: TestSandbox, at = 0): SandboxUser {
  const sellers = sandbox.health.users.filter(({ active }, index) => active && SELLERS.includes(index % 10));
  const seller = sellers[at];
  if (seller === undefined) throw new Error(`the company has ${sellers.length} active sellers`);
  return seller;
}

export interface Login {
  readonly user?: { readonly username: string; readonly password: string };
  readonly scope?: string;
  /** More of the authorization request, such as access_type. */
  readonly query?: Readonly<Record<string, string>>;
}

/** Signs a person in by the consent page; answers what the browser brings back. */
export async function consent(
  sandbox: TestSandbox,
  { user = adminOf(sandbox), scope = READ_SCOPE, query = {} }: Login = {},
): Promise<URLSearchParams> {
  const url = new URL('/o/oauth2/v2/auth', sandbox.url);
  const asked = {
    response_type: 'code',
    client_id: sandbox.app.clientId,
    redirect_uri: sandbox.redirectUri,
    scope,
    state: 'state-1',
    ...query,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return (await browse(url.href, sandbox.redirectUri, user)).searchParams;
}

export async function tokenCall(sandbox: TestSandbox, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(new URL('/token', sandbox.url), { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, body: (await response.json()) as Json };
}

export function codeFields(sandbox: TestSandbox, back: URLSearchParams): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: back.get('code') ?? '',
    client_id: sandbox.app.clientId,
    client_secret: sandbox.app.clientSecret,
    redirect_uri: sandbox.redirectUri,
  };
}

export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export async function connect(sandbox: TestSandbox, login: Login = {}): Promise<CalendarClient> {
  const { body } = await tokenCall(sandbox, codeFields(sandbox, await consent(sandbox, login)));
  return clientWith(sandbox, String(body['access_token']));
}

export function clientWith(sandbox: TestSandbox, accessToken: string): CalendarClient {
  return {
    accessToken,
    get: async (path, query = {}) => {
      const url = new URL(`/calendar/v3/${path}`, sandbox.url);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const response = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
      return { status: response.status, body: (await response.json()) as Json };
    },
  };
}

export function items(answer: Answer): readonly Json[] {
  const list = answer.body['items'];
  if (!Array.isArray(list)) throw new Error(`no items in ${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return list as readonly Json[];
}

export function reasonOf(answer: Answer): string {
  const error = answer.body['error'] as { errors: readonly { reason: string }[] };
  return error.errors[0]?.reason ?? '';
}

export function eventsPath(calendarId: string): string {
  return `calendars/${encodeURIComponent(calendarId)}/events`;
}

/** Follows page tokens to the end; the last page's sync token comes with it. */
export async function readAll(
  client: CalendarClient,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<{ readonly items: readonly Json[]; readonly syncToken: string | null; readonly pages: number }> {
  const found: Json[] = [];
  let pageToken: string | null = null;
  for (let pages = 1; ; pages += 1) {
    const answer = await client.get(path, { ...query, ...(pageToken === null ? {} : { pageToken }) });
    found.push(...items(answer));
    pageToken = (answer.body['nextPageToken'] as string | undefined) ?? null;
    if (pageToken === null)
      return { items: found, syncToken: (answer.body['nextSyncToken'] as string | undefined) ?? null, pages };
  }
}
