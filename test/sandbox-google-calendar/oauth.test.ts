import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type TestSandbox } from '../support/sandbox.ts';
import {
  clientWith,
  codeFields,
  connect,
  consent,
  pkce,
  READ_SCOPE,
  reasonOf,
  sellerOf,
  startCalendars,
  tokenCall,
} from './client.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startCalendars();
});
afterAll(() => sandbox.stop());

const offline = { access_type: 'offline' };
const renewal = (refreshToken: unknown) => ({
  grant_type: 'refresh_token',
  refresh_token: String(refreshToken),
  client_id: sandbox.app.clientId,
  client_secret: sandbox.app.clientSecret,
});

describe('signing in', () => {
  it('gives a code for the scopes that were asked for, and tokens for the code', async () => {
    const back = await consent(sandbox, { query: offline });
    expect(Object.fromEntries(back)).toMatchObject({ state: 'state-1', scope: READ_SCOPE });
    const { status, body } = await tokenCall(sandbox, codeFields(sandbox, back));
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 3599, token_type: 'Bearer', scope: READ_SCOPE });
    expect(body['access_token']).toMatch(/^ya29\./);
    const used = await tokenCall(sandbox, codeFields(sandbox, back));
    expect([used.status, used.body['error']]).toEqual([400, 'invalid_grant']);
  });

  it('gives a refresh token with the first offline consent, and later only to who asks anew', async () => {
    const user = sellerOf(sandbox, 1);
    const redeem = async (query: Record<string, string>) =>
      (await tokenCall(sandbox, codeFields(sandbox, await consent(sandbox, { user, query })))).body;
    expect(await redeem({})).not.toHaveProperty('refresh_token');
    expect(await redeem(offline)).toHaveProperty('refresh_token');
    expect(await redeem(offline)).not.toHaveProperty('refresh_token');
    expect(await redeem({ ...offline, prompt: 'consent' })).toHaveProperty('refresh_token');
  });

  it('checks a code verifier where the request had a challenge', async () => {
    const { verifier, challenge } = pkce();
    const query = { code_challenge: challenge, code_challenge_method: 'S256' };
    const wrong = codeFields(sandbox, await consent(sandbox, { query }));
    expect((await tokenCall(sandbox, wrong)).body['error']).toBe('invalid_grant');
    const right = codeFields(sandbox, await consent(sandbox, { query }));
    expect((await tokenCall(sandbox, { ...right, code_verifier: verifier })).status).toBe(200);
  });

  it('shows faults in the request on a page and sends nobody away', async () => {
    const asked = (query: Record<string, string>) => {
      const url = new URL('/o/oauth2/v2/auth', sandbox.url);
      const full = {
        response_type: 'code',
        client_id: sandbox.app.clientId,
        redirect_uri: sandbox.redirectUri,
        scope: READ_SCOPE,
        ...query,
      };
      url.search = new URLSearchParams(full).toString();
      return fetch(url, { redirect: 'manual' });
    };
    const faults: readonly (readonly [Record<string, string>, number, string])[] = [
      [{ redirect_uri: 'http://127.0.0.1:9/other' }, 400, 'redirect_uri_mismatch'],
      [{ client_id: 'nobody' }, 401, 'invalid_client'],
      [{ scope: '' }, 400, 'invalid_request'],
      [{ scope: 'calendar.readonly' }, 400, 'invalid_scope'],
      [{ access_type: 'sometimes' }, 400, 'invalid_request'],
    ];
    for (const [query, status, code] of faults) {
      const response = await asked(query);
      expect(response.status).toBe(status);
      expect(await response.text()).toContain(code);
    }
  });

  it('refuses other secrets, other grant types and codes from elsewhere', async () => {
    const fields = codeFields(sandbox, await consent(sandbox));
    const secret = await tokenCall(sandbox, { ...fields, client_secret: 'x' });
    expect([secret.status, secret.body['error']]).toEqual([401, 'invalid_client']);
    const type = await tokenCall(sandbox, { ...fields, grant_type: 'password' });
    expect([type.status, type.body['error']]).toEqual([400, 'unsupported_grant_type']);
    const code = await tokenCall(sandbox, { ...fields, code: '4/0Aabc' });
    expect(code.body).toEqual({ error: 'invalid_grant', error_description: 'Malformed auth code.' });
    const elsewhere = await tokenCall(sandbox, { ...fields, redirect_uri: 'http://127.0.0.1:9/other' });
    expect([elsewhere.status, elsewhere.body['error']]).toEqual([400, 'redirect_uri_mismatch']);
  });
});

describe('tokens', () => {
  it('end after an hour and are renewed without a new refresh token', async () => {
    const user = sellerOf(sandbox, 2);
    const { body } = await tokenCall(sandbox, codeFields(sandbox, await consent(sandbox, { user, query: offline })));
    const client = clientWith(sandbox, String(body['access_token']));
    expect((await client.get('users/me/calendarList')).status).toBe(200);
    await sandbox.control('POST', 'clock', { advanceMs: 3_601_000 });
    const late = await client.get('users/me/calendarList');
    expect([late.status, reasonOf(late)]).toEqual([401, 'authError']);
    const renewed = await tokenCall(sandbox, renewal(body['refresh_token']));
    expect(renewed.body).not.toHaveProperty('refresh_token');
    const again = clientWith(sandbox, String(renewed.body['access_token']));
    expect((await again.get('users/me/calendarList')).status).toBe(200);
  });

  it('are invalid_grant once the person took the consent back, and consent counts as the first again', async () => {
    const user = sellerOf(sandbox, 3);
    const login = { user, query: offline };
    const { body } = await tokenCall(sandbox, codeFields(sandbox, await consent(sandbox, login)));
    const revoked = await fetch(`${sandbox.url}/revoke?token=${encodeURIComponent(String(body['access_token']))}`, {
      method: 'POST',
    });
    expect(revoked.status).toBe(200);
    expect(await tokenCall(sandbox, renewal(body['refresh_token']))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
    });
    const anew = await tokenCall(sandbox, codeFields(sandbox, await consent(sandbox, login)));
    expect(anew.body).toHaveProperty('refresh_token');
    await sandbox.control('POST', 'revoke', { user: user.username });
    expect((await tokenCall(sandbox, renewal(anew.body['refresh_token']))).body['error']).toBe('invalid_grant');
  });

  it('open only what their scopes name', async () => {
    const { accessToken } = await connect(sandbox, { scope: 'openid email' });
    const refused = await clientWith(sandbox, accessToken).get('users/me/calendarList');
    expect(refused).toMatchObject({
      status: 403,
      body: {
        error: {
          status: 'PERMISSION_DENIED',
          errors: [{ reason: 'insufficientPermissions' }],
          details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
        },
      },
    });
    const info = await fetch(`${sandbox.url}/oauth2/v3/userinfo`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(await info.json()).toMatchObject({ email: adminOf(sandbox).username, email_verified: true });
    const calendarsOnly = await connect(sandbox);
    const anonymous = await fetch(`${sandbox.url}/oauth2/v3/userinfo`, {
      headers: { authorization: `Bearer ${calendarsOnly.accessToken}` },
    });
    expect(anonymous.status).toBe(401);
  });
});
