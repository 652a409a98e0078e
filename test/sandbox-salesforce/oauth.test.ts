import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authorizeFields,
  call,
  DATA,
  getCode,
  pkce,
  signIn,
  startOrg,
  submitLogin,
  tokenCall,
  type OrgClient,
  type Tokens,
} from './org-client.ts';

let org: OrgClient;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.stop());

const SESSION_EXPIRED = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }];
const redeem = (code: string, verifier: string, more: Record<string, string> = {}) =>
  tokenCall(org.sandbox, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: org.sandbox.redirectUri,
    code_verifier: verifier,
    ...more,
  });

describe('sign-in', () => {
  it('gives tokens that name instance, org and user, and state no life time', async () => {
    const answer = await signIn(org.sandbox, org.admin);
    const tokens = answer.json as Tokens;
    expect(answer.status).toBe(200);
    expect(tokens).toMatchObject({ token_type: 'Bearer', instance_url: org.sandbox.url, scope: 'refresh_token api' });
    expect(tokens).not.toHaveProperty('expires_in');
    expect(tokens['id']).toMatch(new RegExp(`^${org.sandbox.url}/id/00D\\w{15}/${org.admin.id}$`));
    const signed = createHmac('sha256', org.sandbox.app.clientSecret).update(
      `${String(tokens['id'])}${String(tokens['issued_at'])}`,
    );
    expect(tokens['signature']).toBe(signed.digest('base64'));
  });

  it('knows the user behind a token, also one who is no admin', async () => {
    const user = org.sandbox.health.users.find(
      (one) => one.role === 'user' && (one as { active?: boolean }).active === true,
    );
    const tokens = (await signIn(org.sandbox, user!)).json as Tokens;
    const info = await org.get('/services/oauth2/userinfo', { token: tokens.access_token });
    expect(info.json).toMatchObject({ user_id: user!.id, preferred_username: user!.username, name: user!.name });
    const identity = await org.get(new URL(String(tokens['id'])).pathname, { token: tokens.access_token });
    expect(identity.json).toMatchObject({ user_id: user!.id, username: user!.username });
    expect(await org.get('/services/oauth2/userinfo', { token: 'wrong' })).toMatchObject({
      status: 403,
      text: 'Bad_OAuth_Token',
    });
  });

  it('shows the form again for a wrong password and for an inactive user', async () => {
    const { challenge } = pkce();
    const fields = authorizeFields(org.sandbox, challenge);
    const wrong = await submitLogin(org.sandbox, fields, { username: org.admin.username, password: 'wrong' });
    expect(wrong.status).toBe(200);
    expect(wrong.text).toContain('check your username and password');
    const leaver = org.sandbox.health.users.find((one) => (one as { active?: boolean }).active === false)!;
    const refused = await submitLogin(org.sandbox, fields, { username: leaver.username, password: leaver.password });
    expect(refused.headers.get('location')).toBeNull();
    expect(refused.text).toContain('inactive');
  });

  it('tells the app when the person says no', async () => {
    const answer = await submitLogin(org.sandbox, authorizeFields(org.sandbox, pkce().challenge), { decision: 'deny' });
    const back = new URL(answer.headers.get('location') ?? '');
    expect(Object.fromEntries(back.searchParams)).toMatchObject({ error: 'access_denied', state: 'a state' });
  });
});

describe('authorization requests that are refused', () => {
  it('never redirects to an address that is not registered', async () => {
    const fields = { ...authorizeFields(org.sandbox, pkce().challenge), redirect_uri: `${org.sandbox.redirectUri}/` };
    const answer = await submitLogin(org.sandbox, fields, {});
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.text).toContain('redirect_uri must match configuration');
  });

  it('never redirects for an unknown app', async () => {
    const answer = await submitLogin(
      org.sandbox,
      { ...authorizeFields(org.sandbox, pkce().challenge), client_id: 'other' },
      {},
    );
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
  });

  it.each([
    ['no challenge', { code_challenge: '' }],
    ['the plain method', { code_challenge_method: 'plain' }],
    ['another response type', { response_type: 'token' }],
  ])('sends %s back to the app as an error', async (_name, change) => {
    const answer = await submitLogin(org.sandbox, { ...authorizeFields(org.sandbox, pkce().challenge), ...change }, {});
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toMatch(
      /^(invalid_request|unsupported_response_type)$/,
    );
  });
});

describe('codes', () => {
  it.each([
    ['a wrong verifier', (verifier: string) => ({ code_verifier: `${verifier.slice(1)}x` }), 'invalid_grant'],
    ['another redirect address', () => ({ redirect_uri: 'http://127.0.0.1:9/other' }), 'invalid_grant'],
    ['a wrong secret', () => ({ client_secret: 'wrong' }), 'invalid_client'],
    ['an unknown app', () => ({ client_id: 'wrong' }), 'invalid_client_id'],
  ])('are refused with %s', async (_name, change, error) => {
    const { verifier, challenge } = pkce();
    const code = await getCode(org.sandbox, org.admin, challenge);
    const answer = await redeem(code, verifier, change(verifier));
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([400, error]);
  });

  it('work once; a second use ends the tokens of the first', async () => {
    const { verifier, challenge } = pkce();
    const code = await getCode(org.sandbox, org.admin, challenge);
    const tokens = (await redeem(code, verifier)).json as Tokens;
    expect((await org.get(`${DATA}/limits`, { token: tokens.access_token })).status).toBe(200);
    expect((await redeem(code, verifier)).json).toMatchObject({ error: 'invalid_grant' });
    expect((await org.get(`${DATA}/limits`, { token: tokens.access_token })).json).toEqual(SESSION_EXPIRED);
  });

  it('expire', async () => {
    const { verifier, challenge } = pkce();
    const code = await getCode(org.sandbox, org.admin, challenge);
    await org.sandbox.control('POST', 'clock', { advanceMs: 11 * 60_000 });
    expect((await redeem(code, verifier)).json).toMatchObject({
      error: 'invalid_grant',
      error_description: 'expired authorization code',
    });
  });
});

describe('the life of tokens', () => {
  it('ends with the session; the refresh token stays the same', async () => {
    const tokens = (await signIn(org.sandbox, org.admin)).json as Tokens;
    await org.sandbox.control('POST', 'clock', { advanceMs: 2 * 3_600_000 + 1 });
    const expired = await org.get(`${DATA}/sobjects`, { token: tokens.access_token });
    expect([expired.status, expired.json]).toEqual([401, SESSION_EXPIRED]);
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' };
    const renewed = (await tokenCall(org.sandbox, refresh)).json as Tokens;
    expect(renewed).not.toHaveProperty('refresh_token');
    expect((await org.get(`${DATA}/sobjects`, { token: renewed.access_token })).status).toBe(200);
    expect((await tokenCall(org.sandbox, refresh)).status).toBe(200);
  });

  it('ends by revocation, of one grant or of a user', async () => {
    const first = (await signIn(org.sandbox, org.admin)).json as Tokens;
    const second = (await signIn(org.sandbox, org.admin)).json as Tokens;
    const body = new URLSearchParams({ token: first.refresh_token ?? '' });
    expect((await call(org.sandbox, '/services/oauth2/revoke', { method: 'POST', body })).status).toBe(200);
    expect((await org.get(`${DATA}/limits`, { token: first.access_token })).status).toBe(401);
    expect((await org.get(`${DATA}/limits`, { token: second.access_token })).status).toBe(200);
    await org.sandbox.control('POST', 'revoke', { user: org.admin.username });
    expect((await org.get(`${DATA}/limits`, { token: second.access_token })).status).toBe(401);
    const refreshed = await tokenCall(org.sandbox, {
      grant_type: 'refresh_token',
      refresh_token: second.refresh_token ?? '',
    });
    expect(refreshed.json).toEqual({ error: 'invalid_grant', error_description: 'expired access/refresh token' });
  });
});
