import { afterEach, describe, expect, it } from 'vitest';
import { oauthOf } from '../../src/connection/index.ts';
import { connectorRegistry, requireConnector, type OAuthApp, type TokenSet } from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { json, raw, reset, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
const salesforce = oauthOf(requireConnector(registry, 'salesforce'));
const zendesk = oauthOf(requireConnector(registry, 'zendesk'));
const CANARY = 'canary-77aa';

let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function appAt(answer: Answer): Promise<OAuthApp> {
  server = await scriptServer(answer);
  return { clientId: 'id', clientSecret: `${CANARY}-secret`, loginUrl: server.url };
}

async function failure(promise: Promise<TokenSet>): Promise<GantryError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw new Error(`expected a GantryError, got ${String(error)}`);
  expect(JSON.stringify(error.toBody())).not.toContain(CANARY);
  return error;
}

const exchange = { code: `${CANARY}-code`, redirectUri: 'http://127.0.0.1:9/callback', codeVerifier: 'verifier' };
const old = { refreshToken: `${CANARY}-refresh`, apiUrl: 'https://old.example' };

describe('oauth flow', () => {
  it('sends the browser to the login with PKCE and state', () => {
    const app = { clientId: 'id', clientSecret: 'secret', loginUrl: salesforce.defaultLoginUrl ?? '' };
    const request = { redirectUri: exchange.redirectUri, state: 's', codeChallenge: 'c' };
    const url = new URL(salesforce.authorizeUrl(app, request));
    expect(url.origin + url.pathname).toBe('https://login.salesforce.com/services/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'id',
      redirect_uri: exchange.redirectUri,
      scope: 'api refresh_token openid',
      state: 's',
      code_challenge: 'c',
      code_challenge_method: 'S256',
    });
  });

  it('takes the address of the API from the token answer where the provider states it', async () => {
    const app = await appAt(
      json({ access_token: 'a', refresh_token: 'r', instance_url: 'http://127.0.0.1:1/', scope: 'api' }),
    );
    expect(await salesforce.exchangeCode(app, exchange)).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresInS: null,
      scope: 'api',
      apiUrl: 'http://127.0.0.1:1',
    });
    expect(server?.requests[0]?.body).toContain('code_verifier=verifier');
  });

  it('speaks JSON where the provider wants it and keeps the address of the login', async () => {
    const app = await appAt(json({ access_token: 'a', refresh_token: 'r2', expires_in: 7200, scope: 'read' }));
    const tokens = await zendesk.refresh(app, old);
    expect(tokens).toMatchObject({ refreshToken: 'r2', expiresInS: 7200, apiUrl: app.loginUrl });
    expect(JSON.parse(server?.requests[0]?.body ?? '')).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: old.refreshToken,
    });
  });

  it('keeps the old refresh token and address where the answer has none', async () => {
    const app = await appAt(json({ access_token: 'a' }));
    expect(await salesforce.refresh(app, old)).toMatchObject({ refreshToken: old.refreshToken, apiUrl: old.apiUrl });
  });

  it.each([
    [
      'a revoked grant',
      { error: 'invalid_grant', error_description: CANARY },
      'connection_reauth_required',
      'invalid_grant',
    ],
    ['a wrong client secret', { error: 'invalid_client' }, 'oauth_denied', 'invalid_client'],
    ['words of its own', { error: CANARY }, 'connection_reauth_required', 'other'],
  ])('tells %s on refresh', async (_, body, code, reason) => {
    const app = await appAt(json(body, 400));
    const error = await failure(salesforce.refresh(app, old));
    expect(error.code).toBe(code);
    expect(error.details.data).toEqual({ reason });
  });

  it('tells a refused code', async () => {
    const app = await appAt(json({ error: 'invalid_grant' }, 400));
    expect((await failure(zendesk.exchangeCode(app, exchange))).code).toBe('oauth_denied');
  });

  it.each<[string, Answer, string]>([
    ['an outage', json({ error: CANARY }, 502), 'upstream_unavailable'],
    ['a limit', json({ error: CANARY }, 429), 'upstream_rate_limited'],
    ['a reset', reset, 'upstream_unavailable'],
    ['an HTML page', raw(`<html>${CANARY}`), 'upstream_malformed'],
    ['an answer without a token', json({ token_type: 'bearer' }), 'upstream_malformed'],
    ['a redirect', raw('', 302, { location: 'http://127.0.0.1:9/' }), 'upstream_malformed'],
  ])('does not end the connection because of %s, and asks once only', async (_, answer, code) => {
    const app = await appAt(answer);
    expect((await failure(zendesk.refresh(app, old))).code).toBe(code);
    expect(server?.requests).toHaveLength(1);
  });
});
