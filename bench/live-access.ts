import { createHash, randomBytes } from 'node:crypto';
import { adminOf, browse, type RunningSandboxProcess } from '../sandbox/client/index.ts';
import type { Stage } from '../examples/renewals/stage/open-stage.ts';

/** Signed in at both vendors as a client of one's own would be, by their OAuth; answers are JSON objects. */
export interface LiveAccess {
  crm(path: string): Promise<Readonly<Record<string, unknown>>>;
  desk(path: string): Promise<Readonly<Record<string, unknown>>>;
}

export async function signedIn({ crm, support }: Stage): Promise<LiveAccess> {
  const crmToken = await token(crm, '/services/oauth2/authorize', '/services/oauth2/token', 'form', 'api');
  const deskToken = await token(support, '/oauth/authorizations/new', '/oauth/tokens', 'json', 'read');
  return { crm: (path) => get(crm.url, crmToken, path), desk: (path) => get(support.url, deskToken, path) };
}

async function token(
  sandbox: RunningSandboxProcess,
  authorize: string,
  exchange: string,
  body: 'form' | 'json',
  scope: string,
): Promise<string> {
  const { clientId, clientSecret } = sandbox.app;
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(authorize, sandbox.url);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: sandbox.redirectUri,
    scope,
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const back = new URL(await browse(url.toString(), sandbox.redirectUri, adminOf(sandbox)));
  const fields = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: sandbox.redirectUri,
    client_id: clientId,
    client_secret: clientSecret,
    code_verifier: verifier,
    scope,
  };
  const response = await fetch(new URL(exchange, sandbox.url), {
    method: 'POST',
    headers: { 'content-type': body === 'json' ? 'application/json' : 'application/x-www-form-urlencoded' },
    body: body === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (answer.access_token === undefined) throw new Error(`no token from ${sandbox.health.provider}`);
  return answer.access_token;
}

async function get(url: string, bearer: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  if (!response.ok) throw new Error(`${path.split('?')[0] ?? path} answered ${String(response.status)}`);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}
