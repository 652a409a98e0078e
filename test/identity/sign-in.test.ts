import { createHash, randomBytes } from 'node:crypto';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/index.ts';
import { clientMemory, openBrowser, signInAs, type Browser, type Person } from './client.ts';
import { openIdentityStage, type IdentityStage } from './stage.ts';

const REDIRECT = 'http://127.0.0.1:49152/callback';

interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Our own authorization server, by real HTTP: browsers without scripts, stock clients, and clients that misbehave. */
describe('signing in with nothing else installed', () => {
  let stage: IdentityStage;
  const people = new Map<string, Person>();
  const person = (user: string): Person => people.get(user) ?? { organisation: '', user: '', password: '' };
  beforeAll(async () => {
    stage = await openIdentityStage();
    for (const [organisation, user] of [
      ['acme', 'ada'],
      ['acme', 'bob'],
      ['globex', 'ada@globex'],
    ] as const) {
      const made = await stage.ask('POST', '/v1/local-users', stage.operatorKey, {
        body: { tenant: organisation, name: user },
      });
      people.set(user, { organisation, user, password: String(made.body['password']) });
    }
  }, 300_000);
  afterAll(() => stage.stop());

  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const authAddress = (more: Readonly<Record<string, string | undefined>> = {}): string => {
    const params: Record<string, string | undefined> = {
      client_id: 'copilot',
      response_type: 'code',
      redirect_uri: REDIRECT,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      scope: 'records:read',
      resource: `${stage.url}/mcp`,
      state: 's1',
      ...more,
    };
    const given = Object.entries(params).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return `${stage.url}/oauth/auth?${new URLSearchParams(given).toString()}`;
  };
  const tokenCall = async (form: Readonly<Record<string, string>>): Promise<{ status: number; body: JsonObject }> => {
    const response = await fetch(`${stage.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'copilot', ...form }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  const redeem = (code: string | null): Promise<{ status: number; body: JsonObject }> =>
    tokenCall({ grant_type: 'authorization_code', code: code ?? '', redirect_uri: REDIRECT, code_verifier: verifier });
  const tokensOf = ({ body }: { readonly body: JsonObject }): Tokens => ({
    access: String(body['access_token']),
    refresh: String(body['refresh_token']),
  });
  const tokensFor = async (who: Person | null, browser?: Browser): Promise<Tokens> => {
    const { back } = await signInAs(stage.url, authAddress(), who, browser);
    const made = await redeem(back.searchParams.get('code'));
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    return tokensOf(made);
  };
  const status = async (bearer: string): Promise<number> => (await stage.ask('GET', '/v1/tools', bearer)).status;
  /** What was taken back is known everywhere within a second; how long that takes on a loaded machine is not asked. */
  const becomes = (bearer: string, wanted: number): Promise<void> =>
    expect.poll(() => status(bearer), { timeout: 120_000, interval: 100 }).toBe(wanted);
  const link = async (body: object): Promise<string> =>
    String((await stage.ask('POST', '/v1/sign-in-links', stage.operatorKey, { body })).body['url']);

  it('works for a stock MCP client, from the first 401 to the list of its tools', async () => {
    const memory = clientMemory('copilot');
    const mcp = new URL(`${stage.url}/mcp`);
    const first = new StreamableHTTPClientTransport(mcp, { authProvider: memory.provider });
    await expect(new Client({ name: 'desk', version: '1' }).connect(first)).rejects.toThrow(UnauthorizedError);
    const address = memory.sentTo[0]?.href ?? '';
    expect(new URL(address).searchParams.get('code_challenge_method')).toBe('S256');
    expect(new URL(address).searchParams.get('resource')).toBe(`${stage.url}/mcp`);
    const { back, pages } = await signInAs(stage.url, address, person('ada'));
    expect(pages[1]).toContain('You are <strong>ada</strong>');
    expect(back.searchParams.get('iss')).toBe(`${stage.url}/oauth`);
    await first.finishAuth(back.searchParams);
    const client = new Client({ name: 'desk', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(mcp, { authProvider: memory.provider }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search_catalog', 'list_connections']);
    await client.close();
    // Sees what ada may see, at acme, as the copilot.
    const found = await stage.gantry.callers.find(memory.tokens()?.access_token ?? '');
    expect(found?.caller).toMatchObject({ tenantSlug: 'acme', agent: 'copilot', principal: { principal: 'ada' } });
  });

  it('works for a client of the generation before', async () => {
    const memory = clientMemory('copilot');
    const mcp = new URL(`${stage.url}/mcp`);
    const first = new OldTransport(mcp, { authProvider: memory.provider });
    await expect(new OldClient({ name: 'old', version: '1' }).connect(first)).rejects.toThrow(/unauthorized/i);
    const { back } = await signInAs(stage.url, memory.sentTo[0]?.href ?? '', person('bob'));
    await first.finishAuth(back.searchParams.get('code') ?? '');
    const client = new OldClient({ name: 'old', version: '1' });
    await client.connect(new OldTransport(mcp, { authProvider: memory.provider }));
    expect((await client.listTools()).tools).toHaveLength(2);
    await client.close();
  });

  it('refuses clients that leave something out or ask for what is not theirs', async () => {
    const errorOf = async (address: string): Promise<unknown> => {
      const response = await fetch(address, { redirect: 'manual' });
      const back = response.headers.get('location');
      const said = back?.startsWith(REDIRECT) === true ? new URL(back) : null;
      if (said !== null) return said.searchParams.get('error') ?? new URLSearchParams(said.hash.slice(1)).get('error');
      return back === null ? `page ${String(response.status)}` : back;
    };
    expect(await errorOf(authAddress({ code_challenge: undefined }))).toBe('invalid_request');
    expect(await errorOf(authAddress({ code_challenge_method: 'plain' }))).toBe('invalid_request');
    expect(await errorOf(authAddress({ resource: 'https://other.example/mcp' }))).toBe('invalid_target');
    expect(await errorOf(authAddress({ response_type: 'token' }))).toBe('unsupported_response_type');
    // Nobody is sent to an address that was not declared, and what they see is a page of ours.
    for (const [more, why] of [
      [{ redirect_uri: 'https://evil.example/callback' }, 'redirect_uri'],
      [{ client_id: 'stranger' }, 'client'],
      [{ client_id: 'robot' }, 'client'],
      [{ client_id: 'https://evil.example/client.json' }, 'client'],
    ] as const) {
      const response = await fetch(authAddress(more), { redirect: 'manual' });
      expect([why, response.status, response.headers.get('location')]).toEqual([why, 400, null]);
      const page = await response.text();
      expect(page).toContain('<h1>This did not work</h1>');
      expect(page).not.toContain('evil.example/callback');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('hands out what is good once: codes, and refresh tokens by turns', async () => {
    const { back, browser } = await signInAs(stage.url, authAddress(), person('ada'));
    const code = back.searchParams.get('code');
    const wrong = await tokenCall({
      grant_type: 'authorization_code',
      code: code ?? '',
      redirect_uri: REDIRECT,
      code_verifier: randomBytes(32).toString('base64url'),
    });
    expect(wrong).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const { back: second } = await signInAs(stage.url, authAddress(), person('ada'), browser);
    const [one, other] = await Promise.all([
      redeem(second.searchParams.get('code')),
      redeem(second.searchParams.get('code')),
    ]);
    expect([one.status, other.status].toSorted((a, b) => a - b)).toEqual([200, 400]);

    const first = await tokensFor(person('ada'), browser);
    const next = await tokenCall({ grant_type: 'refresh_token', refresh_token: first.refresh });
    expect(next.status).toBe(200);
    expect(await status(tokensOf(next).access)).toBe(200);
    // Somebody has a copy: nobody goes on.
    const stolen = await tokenCall({ grant_type: 'refresh_token', refresh_token: first.refresh });
    expect(stolen).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const after = await tokenCall({ grant_type: 'refresh_token', refresh_token: tokensOf(next).refresh });
    expect(after.status).toBe(400);
    await becomes(tokensOf(next).access, 401);
    await becomes(first.access, 401);
  });

  it('keeps nothing that somebody who reads the database could use', async () => {
    const browser = openBrowser(stage.url);
    const { access, refresh } = await tokensFor(person('ada'), browser);
    const session = browser.held('gantry_session') ?? '';
    expect(session).not.toBe('');
    const rows = await stage.gantry.db.query('select * from oauth_item');
    const dump = JSON.stringify([rows, await stage.gantry.db.query('select * from local_user')]);
    expect(rows.length).toBeGreaterThan(3);
    for (const secret of [access, refresh, session, person('ada').password]) expect(dump).not.toContain(secret);
  });

  it('takes no for an answer, and forms of its own only', async () => {
    const browser = openBrowser(stage.url);
    const page = await (await browser.follow(await browser.get(authAddress()))).text();
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const sent = { csrf, ...person('ada') };
    const foreign = await browser.post(action, sent, { 'sec-fetch-site': 'cross-site' });
    expect(foreign.status).toBe(403);
    expect((await browser.post(action, { ...sent, csrf: 'guessed' })).status).toBe(403);
    // Another browser was not sent here, whatever it knows of this one.
    expect((await openBrowser(stage.url).post(action, sent)).status).toBe(410);
    const consent = await browser.follow(await browser.post(action, sent));
    const text = await consent.text();
    expect(consent.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:49152");
    const decide = /action="([^"]+\/consent)"/.exec(text)?.[1] ?? '';
    const proof = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const refused = await browser.follow(await browser.post(decide, { csrf: proof, way: 'deny' }));
    const back = new URL(refused.headers.get('location') ?? '');
    expect([back.searchParams.get('error'), back.searchParams.get('state')]).toEqual(['access_denied', 's1']);
  });

  it('tries no password for long, and tells nobody which part was wrong', async () => {
    const browser = openBrowser(stage.url);
    const page = await (await browser.follow(await browser.get(authAddress()))).text();
    const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const attempt = async (
      organisation: string,
      user: string,
      password: string,
    ): Promise<readonly [number, string]> => {
      const answer = await browser.post(action, { csrf, organisation, user, password });
      return [answer.status, /role="alert">([^<]+)</.exec(await answer.text())?.[1] ?? ''];
    };
    const wrong = await attempt('acme', 'bob', 'guess');
    expect(wrong[0]).toBe(401);
    expect(await attempt('acme', 'nobody', 'guess')).toEqual(wrong);
    // Another customer's user of that name is another user.
    expect(await attempt('globex', 'bob', person('bob').password)).toEqual(wrong);
    for (let count = 0; count < 4; count += 1) await attempt('acme', 'bob', 'guess');
    expect(await attempt('acme', 'bob', person('bob').password)).toEqual(wrong);
    const { body } = await stage.ask('GET', '/v1/local-users?tenant=acme', stage.operatorKey);
    expect(JSON.stringify(body)).toMatch(/"name":"bob"[^}]*"locked_until":"2/);
  });

  it('believes the product, which knows its users, by a link that is good once', async () => {
    const browser = openBrowser(stage.url);
    const address = await link({ tenant: 'acme', principal: 'user-4471' });
    const page = await browser.get(address);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('You are signed in')]);
    const { back, pages } = await signInAs(stage.url, authAddress(), null, browser);
    expect(pages).toHaveLength(1);
    expect(pages[0]).toContain('You are <strong>user-4471</strong>');
    const made = await redeem(back.searchParams.get('code'));
    expect(decodeJwt(tokensOf(made).access)).toMatchObject({ sub: 'user-4471', tenant: 'acme', client_id: 'copilot' });
    expect((await openBrowser(stage.url).get(address)).status).toBe(410);
    expect((await browser.get(`${stage.url}/oauth/sign-in/link?token=guessed`)).status).toBe(410);
    // With the sign-in that waits, the browser goes straight on to it; another browser does not get in.
    const other = openBrowser(stage.url);
    const waiting = (await other.get(authAddress())).headers.get('location')?.split('/').at(-1) ?? '';
    const straight = await link({ tenant: 'acme', principal: 'user-4471', sign_in: waiting });
    const consent = await other.follow(await other.get(straight));
    expect(await consent.text()).toContain('May Desk copilot act for you?');
    const victims = openBrowser(stage.url);
    const lured = await link({ tenant: 'acme', principal: 'victim', sign_in: waiting });
    expect((await victims.follow(await victims.get(lured))).status).toBe(410);
  });

  it('is over for whoever was there before when somebody else comes to the browser', async () => {
    const shared = openBrowser(stage.url);
    const first = await tokensFor(person('ada'), shared);
    const begun = await shared.follow(await shared.get(authAddress({ scope: 'records:read records:write' })));
    const page = await begun.text();
    expect(page).toContain('You are <strong>ada</strong>');
    expect((await shared.get(await link({ tenant: 'acme', principal: 'user-4472' }))).status).toBe(200);
    // What was under way for the one before goes no further, and a new one is of whoever came.
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await shared.get(action.replace('/consent', ''))).status).toBe(410);
    const { back, pages } = await signInAs(stage.url, authAddress(), null, shared);
    expect(pages[0]).toContain('You are <strong>user-4472</strong>');
    const made = await redeem(back.searchParams.get('code'));
    expect(decodeJwt(tokensOf(made).access)).toMatchObject({ sub: 'user-4472' });
    // What the one before allowed their own program stays.
    expect(await status(first.access)).toBe(200);
  });

  it('ends when the user is signed out, the client gives its token back, or the agent is suspended', async () => {
    const browser = openBrowser(stage.url);
    const one = await tokensFor(person('ada'), browser);
    expect(await status(one.access)).toBe(200);
    const out = await stage.ask('POST', '/v1/principals/ada/sign-out', stage.operatorKey, { body: { tenant: 'acme' } });
    expect(out.status).toBe(200);
    await becomes(one.access, 401);
    const again = { code: 'unauthenticated', fix: expect.stringMatching(/^Sign in again/) };
    expect((await stage.ask('GET', '/v1/tools', one.access)).body).toMatchObject(again);
    expect((await stage.ask('POST', '/mcp', one.access, { body: {} })).body).toMatchObject(again);
    for (const events of ['/v1/events?object=account', '/v1/events/1?object=account']) {
      expect((await stage.ask('GET', events, one.access)).body).toMatchObject(again);
      expect((await stage.ask('GET', events, 'gtk_gone')).body).toMatchObject({
        fix: expect.stringContaining('ask the operator'),
      });
    }
    expect((await stage.ask('GET', '/v1/tools', 'gtk_gone')).body).toMatchObject({
      fix: expect.stringContaining('ask the operator'),
    });
    expect((await tokenCall({ grant_type: 'refresh_token', refresh_token: one.refresh })).status).toBe(400);

    const address = await link({ tenant: 'acme', principal: 'carl' });
    const carls = openBrowser(stage.url);
    await carls.get(address);
    const two = await tokensFor(null, carls);
    expect(await status(two.access)).toBe(200);
    const act = (what: string) =>
      stage.ask('POST', `/v1/agents/copilot/${what}`, stage.operatorKey, { body: { note: 'odd questions' } });
    expect((await act('suspend')).body).toMatchObject({ state: 'suspended', note: 'odd questions' });
    await becomes(two.access, 403);
    await becomes(stage.keys.get('copilot') ?? '', 403);
    const refused = await stage.ask('GET', '/v1/tools', two.access);
    expect(refused.body).toMatchObject({ code: 'agent_suspended', fix: expect.stringContaining('ida@acme.example') });
    expect((await act('resume')).status).toBe(200);
    await becomes(two.access, 200);

    const given = await fetch(`${stage.url}/oauth/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'copilot', token: two.refresh }),
    });
    expect(given.status).toBe(200);
    await becomes(two.access, 401);
  });

  it('gives a backend short tokens for its users, for an agent’s key', async () => {
    const exchange = (more: Readonly<Record<string, string>> = {}) =>
      tokenCall({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: 'user-7',
        subject_token_type: 'urn:gantry:token-type:principal',
        actor_token: stage.keys.get('copilot') ?? '',
        actor_token_type: 'urn:gantry:token-type:agent-key',
        scope: 'records:read',
        ...more,
      });
    const made = await exchange();
    expect(made).toMatchObject({ status: 200, body: { token_type: 'Bearer', scope: 'records:read', expires_in: 300 } });
    const { access } = tokensOf(made);
    expect(decodeJwt(access)).toMatchObject({ sub: 'user-7', act: { sub: 'copilot' }, tenant: 'acme' });
    const found = await stage.gantry.callers.find(access);
    expect(found?.caller).toMatchObject({ agent: 'copilot', tenantSlug: 'acme', principal: { principal: 'user-7' } });
    for (const [what, more, error] of [
      ['another agent’s key', { actor_token: stage.keys.get('clerk') ?? '' }, 'invalid_grant'],
      ['no key', { actor_token: 'gtk_guessed' }, 'invalid_grant'],
      ['another place', { resource: 'https://other.example' }, 'invalid_target'],
      ['more than there is', { scope: 'admin' }, 'invalid_scope'],
      ['a token as the subject', { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }, 'invalid_request'],
      ['a service', { client_id: 'robot', actor_token: stage.keys.get('robot') ?? '' }, 'invalid_client'],
    ] as const) {
      expect([what, (await exchange(more)).body['error']]).toEqual([what, error]);
    }
    // A user may be called as the client is: the token is about that user all the same, and nobody else.
    for (const name of ['copilot', 'copilot@clients']) {
      const { access: named } = tokensOf(await exchange({ subject_token: name }));
      const whose = await stage.gantry.callers.find(named);
      expect(whose?.caller.principal?.principal).toBe(name);
      const other = await stage.ask('GET', '/v1/tools', named, { headers: { 'gantry-on-behalf-of': 'user-8' } });
      expect(other.body).toMatchObject({ code: 'principal_not_allowed' });
    }
    // About them it may say nobody else, and what helps is to say nobody.
    const headers = { 'gantry-on-behalf-of': 'user-8' };
    expect((await stage.ask('GET', '/v1/tools', access, { headers })).body).toMatchObject({
      code: 'principal_not_allowed',
      fix: expect.stringMatching(/^Leave the header out/),
    });
    // In the second of a sign-out there is none: it would be void. Whatever is handed out is good.
    await stage.ask('POST', '/v1/principals/user-7/sign-out', stage.operatorKey, { body: { tenant: 'acme' } });
    await stage.gantry.db.query(
      "update token_cutoff set before = before + interval '1 hour' where principal = 'user-7'",
    );
    const { status: refused, body: why } = await exchange();
    expect([refused, why['error']]).toEqual([400, 'invalid_grant']);
    expect(why['error_description']).toMatch(/signed out in this second\. Ask again at \S+\.000Z or later/);
    expect((await exchange({ subject_token: 'user-8' })).status).toBe(200);
    await stage.gantry.db.query(
      "update token_cutoff set before = before - interval '2 hours' where principal = 'user-7'",
    );
    expect(await status(tokensOf(await exchange()).access)).toBe(200);
    // The key of the same agent at another customer makes tokens for that customer.
    const globex = tokensOf(await exchange({ actor_token: stage.globexKey }));
    expect(decodeJwt(globex.access)).toMatchObject({ tenant: 'globex' });
  });
});
