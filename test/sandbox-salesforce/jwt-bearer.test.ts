import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assertion, newKeyPair } from './assertion.ts';
import { call, DATA, signIn, startOrg, type Answer, type OrgClient, type Tokens } from './org-client.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const key = newKeyPair();
let org: OrgClient;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.stop());
beforeEach(async () => {
  await org.sandbox.control('POST', 'connected-app', { certificate: key.pem, preauthorized: [org.admin.username] });
});

/** As a server does it: no secret, no code, nobody signs in. */
function exchange(text: string): Promise<Answer> {
  const body = new URLSearchParams({ grant_type: GRANT, assertion: text });
  return call(org.sandbox, '/services/oauth2/token', { method: 'POST', body });
}

const refusedWith = async (text: string): Promise<unknown> => {
  const answer = await exchange(text);
  return [answer.status, answer.json];
};
const NOT_APPROVED = [400, { error: 'invalid_grant', error_description: "user hasn't approved this consumer" }];
const INVALID = [400, { error: 'invalid_grant', error_description: 'invalid assertion' }];

describe('an assertion', () => {
  it('earns an access token of the user, no refresh token, no life time', async () => {
    const answer = await exchange(await assertion(org, key.privateKey));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const tokens = answer.json as Tokens;
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^00D\w{12}!/),
      scope: 'api',
      instance_url: org.sandbox.url,
      id: expect.stringMatching(new RegExp(`/id/00D\\w{15}/${org.admin.id}$`)),
      token_type: 'Bearer',
    });
    const info = await org.get('/services/oauth2/userinfo', { token: tokens.access_token });
    expect(info.json).toMatchObject({ user_id: org.admin.id, preferred_username: org.admin.username });
    expect((await org.get(`${DATA}/sobjects`, { token: tokens.access_token })).status).toBe(200);
  });

  it("may name the org's own address as audience, and any time to come as text", async () => {
    const text = await assertion(org, key.privateKey, { aud: org.sandbox.url, exp: '4102444800' });
    expect((await exchange(text)).status).toBe(200);
  });

  it('is needed anew when the session is over', async () => {
    const tokens = (await exchange(await assertion(org, key.privateKey))).json as Tokens;
    await org.sandbox.control('POST', 'clock', { advanceMs: 2 * 3_600_000 + 1 });
    expect((await org.get(`${DATA}/sobjects`, { token: tokens.access_token })).status).toBe(401);
    const again = (await exchange(await assertion(org, key.privateKey))).json as Tokens;
    expect((await org.get(`${DATA}/sobjects`, { token: again.access_token })).status).toBe(200);
  });

  it('is refused after its time', async () => {
    const { now } = await org.sandbox.control<{ now: string }>('GET', 'health');
    const exp = Math.floor(Date.parse(now) / 1_000) - 1;
    expect(await refusedWith(await assertion(org, key.privateKey, { exp }))).toEqual([
      400,
      { error: 'invalid_grant', error_description: 'expired authorization code' },
    ]);
  });

  it.each(['https://test.salesforce.com', 'https://evil.example', undefined])(
    'is refused for audience %s',
    async (aud) => {
      expect(await refusedWith(await assertion(org, key.privateKey, { aud }))).toEqual([
        400,
        { error: 'invalid_grant', error_description: 'audience is invalid' },
      ]);
    },
  );

  it('is refused for another app', async () => {
    expect(await refusedWith(await assertion(org, key.privateKey, { iss: 'another' }))).toEqual([
      400,
      { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    ]);
  });

  it('is refused with the signature of another key, of another algorithm, of none, and when altered', async () => {
    const good = await assertion(org, key.privateKey);
    const [head = '', body = '', signature = ''] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const other = Buffer.from(body, 'base64url').toString().replace(org.admin.username, 'user1@nordlicht.example');
    for (const text of [
      await assertion(org, newKeyPair().privateKey),
      await assertion(org, elliptic, {}, 'ES256'),
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${head}.${Buffer.from(other).toString('base64url')}.${signature}`,
      `${good}.more`,
      'nonsense',
      '',
    ]) {
      expect(await refusedWith(text)).toEqual(INVALID);
    }
  });

  it('is refused while the app has no certificate', async () => {
    await org.sandbox.control('POST', 'connected-app', { certificate: null });
    expect(await refusedWith(await assertion(org, key.privateKey))).toEqual(INVALID);
  });
});

describe('the user of an assertion', () => {
  it('must be approved by the admin, or have approved the app and not revoked it', async () => {
    await org.sandbox.control('POST', 'connected-app', { preauthorized: [] });
    await org.sandbox.control('POST', 'revoke', {});
    expect(await refusedWith(await assertion(org, key.privateKey))).toEqual(NOT_APPROVED);
    await signIn(org.sandbox, org.admin);
    expect((await exchange(await assertion(org, key.privateKey))).status).toBe(200);
    await org.sandbox.control('POST', 'revoke', { user: org.admin.username });
    expect(await refusedWith(await assertion(org, key.privateKey))).toEqual(NOT_APPROVED);
    await org.sandbox.control('POST', 'connected-app', { preauthorized: 'all' });
    expect((await exchange(await assertion(org, key.privateKey))).status).toBe(200);
  });

  it('must exist and be active', async () => {
    await org.sandbox.control('POST', 'connected-app', { preauthorized: 'all' });
    const people = org.sandbox.health.users as readonly { readonly username: string; readonly active?: boolean }[];
    const gone = people.find((user) => user.active === false);
    for (const sub of ['nobody@nowhere.example', undefined, gone?.username ?? '']) {
      expect(await refusedWith(await assertion(org, key.privateKey, { sub }))).toEqual(NOT_APPROVED);
    }
  });
});

describe('the certificate', () => {
  it('can be given at the start, as a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-app-'));
    const certificate = join(folder, 'app.pem');
    writeFileSync(certificate, key.pem);
    const other = await startOrg({ certificate });
    await other.sandbox.control('POST', 'connected-app', { preauthorized: 'all' });
    const body = new URLSearchParams({ grant_type: GRANT, assertion: await assertion(other, key.privateKey) });
    expect((await call(other.sandbox, '/services/oauth2/token', { method: 'POST', body })).status).toBe(200);
    await other.stop();
    rmSync(folder, { recursive: true });
  });

  it('must be a file that is there', async () => {
    await expect(startOrg({ certificate: '/no/such/file.pem' })).rejects.toThrow('--certificate must be a file');
  });

  it('must be of an RSA key', async () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const certificate = elliptic.export({ type: 'spki', format: 'pem' }).toString();
    await expect(org.sandbox.control('POST', 'connected-app', { certificate })).rejects.toThrow(/RSA/);
    await expect(org.sandbox.control('POST', 'connected-app', { certificate: 'nonsense' })).rejects.toThrow(/RSA/);
    await expect(org.sandbox.control('POST', 'connected-app', { preauthorized: 'some' })).rejects.toThrow(/list/);
  });
});
