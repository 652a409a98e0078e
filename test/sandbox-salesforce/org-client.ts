import { createHash, randomBytes } from 'node:crypto';
import {
  startSandbox,
  type RunningSandboxProcess as TestSandbox,
  type SandboxStart,
  type SandboxUser,
} from '../../sandbox/client/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

export interface QueryPage {
  readonly totalSize: number;
  readonly done: boolean;
  readonly nextRecordsUrl?: string;
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly [name: string]: unknown;
}

/** Plain HTTP against a sandbox in its own process: no code of the product takes part. */
export interface OrgClient {
  readonly sandbox: TestSandbox;
  readonly admin: SandboxUser;
  readonly tokens: Tokens;
  get(
    path: string,
    options?: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  /** A first page; throws unless the answer is 200. */
  query(soql: string, options?: { readonly all?: boolean; readonly batchSize?: number }): Promise<QueryPage>;
  /** The error of a refused query. */
  refused(soql: string): Promise<{ readonly status: number; readonly errorCode: string; readonly message: string }>;
  stop(): Promise<void>;
}

export const DATA = '/services/data/v64.0';

/** `limits` are set before the admin signs in, so that they count for that session too. */
export async function startOrg(
  options: SandboxStart = {},
  limits: Readonly<Record<string, number>> = {},
): Promise<OrgClient> {
  const sandbox = await startSandbox('salesforce', { anchor: '2026-03-01T00:00:00Z', ...options });
  await sandbox.control('POST', 'limits', limits);
  const admin = sandbox.health.users.find((user) => user.role === 'admin');
  if (admin === undefined) throw new Error('no admin');
  const tokens = (await signIn(sandbox, admin)).json as Tokens;
  const get: OrgClient['get'] = (path, { token = tokens.access_token, headers = {} } = {}) =>
    call(sandbox, path, { headers: { authorization: `Bearer ${token}`, ...headers } });
  const ask = (soql: string, all: boolean, batchSize?: number): Promise<Answer> =>
    get(`${DATA}/query${all ? 'All' : ''}?q=${encodeURIComponent(soql)}`, {
      headers: batchSize === undefined ? {} : { 'sforce-query-options': `batchSize=${batchSize}` },
    });
  return {
    sandbox,
    admin,
    tokens,
    get,
    query: async (soql, { all = false, batchSize } = {}) => {
      const answer = await ask(soql, all, batchSize);
      if (answer.status !== 200) throw new Error(`${soql}: ${answer.status} ${answer.text}`);
      return answer.json as QueryPage;
    },
    refused: async (soql) => {
      const answer = await ask(soql, false);
      const [first] = answer.json as { errorCode: string; message: string }[];
      return { status: answer.status, errorCode: first?.errorCode ?? '', message: first?.message ?? '' };
    },
    stop: () => sandbox.stop(),
  };
}

export async function call(sandbox: TestSandbox, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${sandbox.url}${path}`, { redirect: 'manual', ...init });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

export interface Verifier {
  readonly verifier: string;
  readonly challenge: string;
}

export function pkce(): Verifier {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function authorizeFields(sandbox: TestSandbox, challenge: string): Record<string, string> {
  return {
    response_type: 'code',
    client_id: sandbox.app.clientId,
    redirect_uri: sandbox.redirectUri,
    state: 'a state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
}

/** Posts the sign-in form as it stands on the page; the answer redirects to the app. */
export async function submitLogin(
  sandbox: TestSandbox,
  fields: Readonly<Record<string, string>>,
  person: Readonly<Record<string, string>>,
): Promise<Answer> {
  const page = await call(sandbox, `/services/oauth2/authorize?${new URLSearchParams(fields).toString()}`);
  if (page.status !== 200) return page;
  const hidden = [...page.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [
      name,
      value.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code))),
    ],
  );
  const body = new URLSearchParams([...hidden, ...Object.entries({ decision: 'allow', ...person })] as [
    string,
    string,
  ][]);
  return call(sandbox, '/services/oauth2/authorize', { method: 'POST', body });
}

export async function getCode(sandbox: TestSandbox, user: SandboxUser, challenge: string): Promise<string> {
  const answer = await submitLogin(sandbox, authorizeFields(sandbox, challenge), {
    username: user.username,
    password: user.password,
  });
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
}

export function tokenCall(sandbox: TestSandbox, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const { clientId, clientSecret } = sandbox.app;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields });
  return call(sandbox, '/services/oauth2/token', { method: 'POST', body });
}

export async function signIn(sandbox: TestSandbox, user: SandboxUser): Promise<Answer> {
  const { verifier, challenge } = pkce();
  const code = await getCode(sandbox, user, challenge);
  return tokenCall(sandbox, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: sandbox.redirectUri,
    code_verifier: verifier,
  });
}
