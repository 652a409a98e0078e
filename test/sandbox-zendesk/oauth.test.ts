import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { authorize, clientWith, connect, startHelpDesk, tokenCall } from './client.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startHelpDesk();
});
afterAll(() => sandbox.stop());

const refreshWith = (token: unknown): Record<string, unknown> => ({
  grant_type: 'refresh_token',
  refresh_token: token,
  client_id: sandbox.app.clientId,
  client_secret: sandbox.app.clientSecret,
});
const works = async (token: unknown): Promise<boolean> =>
  (await clientWith(sandbox, String(token)).get('/api/v2/tickets/count.json')).status === 200;

describe('authorization code', () => {
  it('gives tokens of the person who signed in', async () => {
    const { status, body } = await tokenCall(sandbox, await authorize(sandbox));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'bearer', scope: 'read', expires_in: 1_800 });
    const me = await clientWith(sandbox, String(body['access_token'])).get('/api/v2/users/me.json');
    expect(me.body['user']).toMatchObject({ role: 'admin', email: expect.stringContaining('@') as string });
  });

  it('is good once; a second use ends what the first one gave', async () => {
    const redemption = await authorize(sandbox);
    const first = await tokenCall(sandbox, redemption);
    const second = await tokenCall(sandbox, redemption);
    expect(second.status).toBe(400);
    expect(second.body['error']).toBe('invalid_grant');
    expect(await works(first.body['access_token'])).toBe(false);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 400, 'invalid_grant'],
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:9/other' }, 400, 'invalid_grant'],
    ['an invented code', { code: 'invented' }, 400, 'invalid_grant'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a lifetime out of range', { expires_in: 200_000 }, 400, 'invalid_request'],
  ])('is refused with %s', async (_what, change, status, error) => {
    const answer = await tokenCall(sandbox, { ...(await authorize(sandbox)), ...change });
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toBe(error);
  });

  it('is not given to people with a wrong password or to leavers', async () => {
    const leaver = sandbox.health.users[13];
    if (leaver === undefined) throw new Error('no leaver');
    for (const user of [{ ...leaver }, { username: sandbox.health.users[0]?.username ?? '', password: 'wrong' }])
      await expect(authorize(sandbox, { user })).rejects.toThrow(/did not come to an end/);
  });
});

describe('access tokens', () => {
  it('expire after the time that was asked for', async () => {
    const { body } = await tokenCall(sandbox, { ...(await authorize(sandbox)), expires_in: 600 });
    expect(body['expires_in']).toBe(600);
    await sandbox.control('POST', 'clock', { advanceMs: 595_000 });
    expect(await works(body['access_token'])).toBe(true);
    await sandbox.control('POST', 'clock', { advanceMs: 6_000 });
    const answer = await clientWith(sandbox, String(body['access_token'])).get('/api/v2/tickets/count.json');
    expect(answer.status).toBe(401);
    expect(answer.body['error']).toBe('invalid_token');
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  });

  it('end when they revoke themselves', async () => {
    const client = await connect(sandbox);
    expect(await client.delete('/api/v2/oauth/tokens/current.json')).toBe(204);
    expect(await works(client.accessToken)).toBe(false);
  });

  it('are worth nothing with a scope that does not exist, and enough with a narrow one', async () => {
    const typo = await connect(sandbox, { scope: 'raed' });
    expect((await typo.get('/api/v2/tickets.json')).status).toBe(403);
    const narrow = await connect(sandbox, { scope: 'tickets:read' });
    expect((await narrow.get('/api/v2/tickets/count.json')).status).toBe(200);
    expect((await narrow.get('/api/v2/users/count.json')).status).toBe(403);
  });
});

describe('refresh tokens', () => {
  it('are replaced at each use, and the tokens before them end', async () => {
    const first = await tokenCall(sandbox, await authorize(sandbox));
    const second = await tokenCall(sandbox, refreshWith(first.body['refresh_token']));
    expect(second.status).toBe(200);
    expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
    expect(await works(first.body['access_token'])).toBe(false);
    expect(await works(second.body['access_token'])).toBe(true);
  });

  it('are refused the second time, which harms nobody', async () => {
    const first = await tokenCall(sandbox, await authorize(sandbox));
    const second = await tokenCall(sandbox, refreshWith(first.body['refresh_token']));
    const reused = await tokenCall(sandbox, refreshWith(first.body['refresh_token']));
    expect(reused.status).toBe(400);
    expect(reused.body['error']).toBe('invalid_grant');
    expect(await works(second.body['access_token'])).toBe(true);
    expect((await tokenCall(sandbox, refreshWith(second.body['refresh_token']))).status).toBe(200);
  });

  it('let exactly one of many at once through', async () => {
    const { body } = await tokenCall(sandbox, await authorize(sandbox));
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => tokenCall(sandbox, refreshWith(body['refresh_token']))),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });

  it('end with the person’s access', async () => {
    const { body } = await tokenCall(sandbox, await authorize(sandbox));
    await sandbox.control('POST', 'revoke', {});
    expect(await works(body['access_token'])).toBe(false);
    expect((await tokenCall(sandbox, refreshWith(body['refresh_token']))).status).toBe(400);
  });
});

describe('without a token', () => {
  it('nothing is shown but the anonymous user', async () => {
    const tickets = await fetch(new URL('/api/v2/tickets.json', sandbox.url));
    expect(tickets.status).toBe(401);
    expect(await tickets.json()).toEqual({ error: "Couldn't authenticate you" });
    const me = await fetch(new URL('/api/v2/users/me.json', sandbox.url));
    expect(me.status).toBe(200);
    expect(await me.json()).toMatchObject({ user: { id: null, name: 'Anonymous user' } });
  });
});
