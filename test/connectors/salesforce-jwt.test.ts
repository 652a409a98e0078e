import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audienceOf } from '../../src/connectors/salesforce/jwt-bearer.ts';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import { systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import { adminOf, signIn, signInWithValues, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { json, scriptServer } from '../support/script-server.ts';

const keyPair = (): { publicKey: string; privateKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

describe('salesforce: sign-in by JWT bearer', () => {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + aheadMs) };
  const connector = salesforceConnector({ clock, random: systemRandom });
  const keys = keyPair();
  let folder: string;
  let sandbox: TestSandbox;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gantry-jwt-'));
    const certificate = join(folder, 'app.pem');
    await writeFile(certificate, keys.publicKey);
    sandbox = await startSandbox('salesforce', { scale: 2_000, certificate });
  });
  afterAll(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  const enter = (values: Readonly<Record<string, string>> = {}, by = connector): ReturnType<typeof signInWithValues> =>
    signInWithValues(
      by,
      'jwt_bearer',
      { username: adminOf(sandbox).username, private_key: keys.privateKey, ...values },
      sandbox.app,
    );

  it('is refused until somebody has approved the app for the user, with what to do', async () => {
    await expect(enter()).rejects.toMatchObject({
      code: 'credentials_refused',
      details: { data: { reason: 'user_not_approved' }, fix: expect.stringContaining('pre-authorize') },
    });
    await signIn(sandbox, connector);
    const { access, tokens } = await enter();
    expect(tokens).toMatchObject({ refreshToken: null, apiUrl: sandbox.url });
    const identity = await connector.open(access).identify();
    expect(identity.userName).toBe(adminOf(sandbox).username);
    expect((await connector.open(access).listObjects()).length).toBeGreaterThan(5);
  });

  it('signs in again when the token has expired', async () => {
    const own = await enter();
    await connector.open(own.access).identify();
    // Both clocks go on: assertions are made by ours and judged by theirs.
    aheadMs = 3 * 3_600_000;
    await sandbox.control('POST', 'clock', { advanceMs: aheadMs });
    expect((await connector.open(own.access).identify()).userName).toBe(adminOf(sandbox).username);
    expect(own.renewals()).toBe(1);
  });

  it.each([
    ['invalid_assertion', { private_key: keyPair().privateKey }],
    ['user_not_approved', { username: 'niemand@nordlicht-software.example' }],
    ['unknown_app', { client_id: '3MVG9nothing' }],
  ])('says %s, and nothing of the key', async (reason, values) => {
    const error: unknown = await enter(values).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'credentials_refused', details: { data: { reason } } });
    expect(JSON.stringify(error)).not.toContain(keys.privateKey.slice(40, 100));
  });

  it('says that the clock is wrong when the assertion comes too late', async () => {
    const slow: Clock = { ...clock, now: () => new Date(clock.now().getTime() - 3_600_000) };
    const late = salesforceConnector({ clock: slow, random: systemRandom });
    const error: unknown = await enter({}, late).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'credentials_refused', details: { data: { reason: 'expired_assertion' } } });
  });

  it.each(['nonsense', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', ''])(
    'refuses what is no key before anybody is called: %j',
    async (key) => {
      const server = await scriptServer(json({}));
      try {
        await expect(enter({ private_key: key, login_url: server.url })).rejects.toMatchObject({
          code: 'credentials_refused',
          details: { where: 'private_key' },
        });
        expect(server.requests).toEqual([]);
      } finally {
        await server.stop();
      }
    },
  );

  it('sends an assertion for this user, this app and this login only, for two minutes', async () => {
    const server = await scriptServer(json({ access_token: 't', instance_url: 'https://acme.my.salesforce.com/' }));
    try {
      const { tokens } = await enter({ login_url: server.url, client_id: 'app' });
      expect(tokens).toMatchObject({ accessToken: 't', apiUrl: 'https://acme.my.salesforce.com' });
      const form = new URLSearchParams(server.requests[0]?.body);
      expect(server.requests[0]?.url).toBe('/services/oauth2/token');
      expect([...form.keys()].toSorted()).toEqual(['assertion', 'grant_type']);
      const claims = decodeJwt(form.get('assertion') ?? '');
      expect(claims).toEqual({ iss: 'app', sub: adminOf(sandbox).username, aud: server.url, exp: expect.any(Number) });
      const life = (claims.exp ?? 0) - clock.now().getTime() / 1_000;
      expect(life).toBeGreaterThan(60);
      expect(life).toBeLessThanOrEqual(180);
    } finally {
      await server.stop();
    }
  });

  it.each([
    [{ access_token: 't' }, 'upstream_malformed', 200],
    [{ instance_url: 'https://acme.my.salesforce.com' }, 'upstream_malformed', 200],
    [{}, 'upstream_unavailable', 503],
    [{}, 'upstream_rate_limited', 429],
    [{ error: 'inactive_user' }, 'credentials_refused', 400],
    [{ error: 'invalid_grant', error_description: 'audience is invalid' }, 'credentials_refused', 400],
  ])('takes %j for %s', async (body, code, status) => {
    const server = await scriptServer(json(body, status));
    try {
      await expect(enter({ login_url: server.url })).rejects.toMatchObject({ code });
    } finally {
      await server.stop();
    }
  });

  it.each([
    ['https://login.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme--dev.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['http://127.0.0.1:4001', 'http://127.0.0.1:4001'],
  ])('is meant for the right audience at %s', (login, audience) => {
    expect(audienceOf(new URL(login))).toBe(audience);
  });
});
