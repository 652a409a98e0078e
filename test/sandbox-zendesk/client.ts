import { createHash, randomBytes } from 'node:crypto';
import { adminOf, browse, startSandbox, type SandboxStart, type TestSandbox } from '../support/sandbox.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** A program that was written against Zendesk's documents and knows nothing of Gantry. */
export interface ZendeskClient {
  readonly accessToken: string;
  get(pathOrUrl: string): Promise<Answer>;
  delete(path: string): Promise<number>;
}

export const ANCHOR = '2026-08-01T00:00:00Z';
export const ANCHOR_S = Date.parse(ANCHOR) / 1000;

export function startHelpDesk(options: SandboxStart = {}): Promise<TestSandbox> {
  return startSandbox('zendesk', { anchor: ANCHOR, ...options });
}

export async function unlimited(sandbox: TestSandbox): Promise<void> {
  await sandbox.control('POST', 'limits', { perMinute: 1_000_000, incrementalPerMinute: 1_000_000 });
}

export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export interface Login {
  readonly user?: { readonly username: string; readonly password: string };
  readonly scope?: string;
}

/** Signs a person in by the login form; answers the code and what it takes to redeem it. */
export async function authorize(
  sandbox: TestSandbox,
  { user = adminOf(sandbox), scope = 'read' }: Login = {},
): Promise<Record<string, string>> {
  const { verifier, challenge } = pkce();
  const url = new URL('/oauth/authorizations/new', sandbox.url);
  const query = {
    response_type: 'code',
    client_id: sandbox.app.clientId,
    redirect_uri: sandbox.redirectUri,
    scope,
    state: 'state-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const back = await browse(url.href, sandbox.redirectUri, user);
  return {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    client_id: sandbox.app.clientId,
    client_secret: sandbox.app.clientSecret ?? '',
    redirect_uri: sandbox.redirectUri,
    code_verifier: verifier,
  };
}

export async function tokenCall(sandbox: TestSandbox, fields: Readonly<Record<string, unknown>>): Promise<Answer> {
  const response = await fetch(new URL('/oauth/tokens', sandbox.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return answerOf(response);
}

export async function connect(sandbox: TestSandbox, login: Login = {}): Promise<ZendeskClient> {
  const { body } = await tokenCall(sandbox, await authorize(sandbox, login));
  return clientWith(sandbox, String(body['access_token']));
}

export function clientWith(sandbox: TestSandbox, accessToken: string): ZendeskClient {
  const headers = { authorization: `Bearer ${accessToken}` };
  return {
    accessToken,
    get: async (path) => answerOf(await fetch(new URL(path, sandbox.url), { headers })),
    delete: async (path) => (await fetch(new URL(path, sandbox.url), { method: 'DELETE', headers })).status,
  };
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
}

export function rows(answer: Answer, key: string): readonly Json[] {
  const list = answer.body[key];
  if (!Array.isArray(list)) throw new Error(`no ${key} in ${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return list as readonly Json[];
}

/** Follows `after_url` to the end of the stream. */
export async function exportAll(client: ZendeskClient, object: string, first: string) {
  const records: Json[] = [];
  let cursor: string | null = null;
  let pages = 0;
  for (let url: string | null = first; url !== null;) {
    const answer = await client.get(url);
    records.push(...rows(answer, object));
    pages += 1;
    cursor = (answer.body['after_cursor'] as string | null) ?? cursor;
    url = answer.body['end_of_stream'] === true ? null : (answer.body['after_url'] as string | null);
  }
  return { records, cursor, pages };
}

/** Follows `links.next` until there is no more. */
export async function listAll(client: ZendeskClient, key: string, first: string): Promise<readonly Json[]> {
  const records: Json[] = [];
  for (let url: string | null = first; url !== null;) {
    const answer = await client.get(url);
    records.push(...rows(answer, key));
    const meta = answer.body['meta'] as { has_more: boolean };
    url = meta.has_more ? (answer.body['links'] as { next: string }).next : null;
  }
  return records;
}

export function idsOf(records: readonly Json[]): readonly number[] {
  return records.map((record) => Number(record['id']));
}
