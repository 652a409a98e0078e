import { get as httpGet } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listAgentKeys, revokeAgentKey, rotateAgentKey } from '../../src/app/index.ts';
import { commands } from '../../src/cli/all-commands.ts';
import { systemRandom } from '../../src/kernel/index.ts';
import { openBrowser } from './client.ts';
import { openIdentityStage, type Answer, type IdentityStage } from './stage.ts';

/** Agents with keys, by REST and MCP: in whose name they ask, from where, and until when. */
describe('agents with keys', () => {
  let stage: IdentityStage;
  beforeAll(async () => {
    stage = await openIdentityStage({
      env: { GANTRY_TRUSTED_PROXIES: '127.0.0.0/8', GANTRY_SIGN_IN_URL: 'https://app.desk.example/sign-in?theme=dark' },
    });
  }, 300_000);
  afterAll(() => stage.stop());

  const key = (agent: string): string => stage.keys.get(agent) ?? '';
  const tools = (agent: string, headers: object = {}): Promise<Answer> =>
    stage.ask('GET', '/v1/tools', key(agent), { headers });
  const named = (user: string): object => ({ 'gantry-on-behalf-of': user });

  const exchange = async (
    agent: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly token: string }> => {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: agent,
      subject_token: 'ada',
      subject_token_type: 'urn:gantry:token-type:principal',
      actor_token: key(agent),
      actor_token_type: 'urn:gantry:token-type:agent-key',
    });
    const made = await fetch(`${stage.url}/oauth/token`, { method: 'POST', body, headers });
    const { access_token: token = '' } = (await made.json()) as { readonly access_token?: string };
    return { status: made.status, token };
  };

  it('send people who sign in to the product’s page, which knows them', async () => {
    const params = new URLSearchParams({
      client_id: 'copilot',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:50000/callback',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      scope: 'records:read',
    });
    const browser = openBrowser(stage.url);
    const away = await browser.follow(await browser.get(`/oauth/auth?${params.toString()}`));
    const page = new URL(away.headers.get('location') ?? '');
    expect(page.href).toMatch(/^https:\/\/app\.desk\.example\/sign-in\?theme=dark&sign_in=/);
    const body = { tenant: 'acme', principal: 'user-1', sign_in: page.searchParams.get('sign_in') };
    const asRoot = (path: string, role: string) =>
      stage.ask('POST', path, stage.operatorKey, { body: { name: `shop-${role}`, role } });
    const keyOf = async (role: string): Promise<string> => String((await asRoot('/v1/operators', role)).body['key']);
    const [backend, runs] = [await keyOf('backend'), await keyOf('operator')];
    // Whoever may make one can be anybody: nobody who runs things, and the backend may nothing else.
    expect(await stage.ask('POST', '/v1/sign-in-links', runs, { body })).toMatchObject({
      status: 403,
      body: { code: 'role_required', data: { role: 'backend' } },
    });
    expect((await stage.ask('GET', '/v1/principals?tenant=acme', backend)).body).toMatchObject({
      code: 'role_required',
    });
    const signIn = { headers: { 'gantry-console': '1' }, body: { key: backend } };
    expect((await stage.ask('POST', '/v1/console/session', null, signIn)).body).toMatchObject({
      code: 'console_sign_in_refused',
    });
    const { body: made } = await stage.ask('POST', '/v1/sign-in-links', backend, { body });
    const said = await stage.ask('GET', '/v1/audit?tenant=acme&kind=sign_in_link_made', stage.operatorKey);
    expect(said.body['entries']).toEqual([
      expect.objectContaining({
        actor: { kind: 'operator', name: 'shop-backend' },
        subject: { principal: 'user-1' },
        detail: { tenant: 'acme', client: 'copilot' },
        sentence: 'shop-backend made a link that signs in user-1 for copilot.',
      }),
    ]);
    expect(JSON.stringify(said.body)).not.toContain(new URL(String(made['url'])).searchParams.get('token'));
    // Whom it is about is found by, and so erased with, their name.
    const about = await stage.ask('GET', '/v1/audit?tenant=acme&person=user-1', stage.operatorKey);
    expect(about.body['entries']).toHaveLength(1);
    const consent = await browser.follow(await browser.get(String(made['url'])));
    expect(await consent.text()).toContain('You are <strong>user-1</strong>');
  });

  it('ask in a user’s name where they may, and only there', async () => {
    expect((await tools('robot')).status).toBe(200);
    expect(await tools('robot', named('ada'))).toMatchObject({ status: 403, body: { code: 'principal_not_allowed' } });
    expect(await tools('clerk')).toMatchObject({ status: 403, body: { code: 'principal_required' } });
    expect((await tools('clerk', named('ada'))).status).toBe(200);
    expect((await tools('copilot')).status).toBe(200);
    expect((await tools('copilot', named('ada'))).status).toBe(200);
    expect(await tools('copilot', named('x'.repeat(201)))).toMatchObject({
      status: 400,
      body: { code: 'principal_invalid' },
    });
    const twice = await new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${key('copilot')}`, 'gantry-on-behalf-of': ['ada', 'jana'] };
      httpGet(`${stage.url}/v1/tools`, { headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      }).on('error', reject);
    });
    expect(twice).toBe(400);
    expect(await tools('copilot', named('Lovelace, Ada'))).toMatchObject({ body: { code: 'principal_invalid' } });
    expect((await tools('copilot', named("UTF-8''Lovelace%2C%20Ada"))).status).toBe(200);
    const connect = async (headers: object): Promise<number> => {
      const client = new Client({ name: 'test', version: '1' });
      const requestInit = { headers: { authorization: `Bearer ${key('clerk')}`, ...headers } };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${stage.url}/mcp`), { requestInit }));
      const { tools: list } = await client.listTools();
      await client.close();
      return list.length;
    };
    expect(await connect(named('ada'))).toBe(1);
    await expect(connect({})).rejects.toThrow();
    // Who a user is at no system of the customer's is shown nothing, and told why.
    const found = await stage.gantry.callers.find(key('copilot'), { principal: 'ada', address: null });
    expect(found?.caller.principal?.principal).toBe('ada');
    expect((await stage.gantry.callers.find(key('copilot')))?.caller.principal ?? null).toBeNull();
  });

  it('are used from their networks only, as the socket or a proxy of ours says', async () => {
    expect(await tools('fenced')).toMatchObject({ status: 403, body: { code: 'address_not_allowed' } });
    expect((await tools('fenced', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(200);
    const spoofed = await tools('fenced', { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' });
    expect(spoofed).toMatchObject({ status: 403, body: { code: 'address_not_allowed' } });
    const mcp = await stage.ask('POST', '/mcp', key('fenced'), { body: {} });
    expect(mcp).toMatchObject({ status: 403, body: { code: 'address_not_allowed' } });
    const inside = { 'x-forwarded-for': '203.0.113.9' };
    expect((await exchange('fenced', {})).status).toBe(400);
    const made = await exchange('fenced', inside);
    expect(made.status).toBe(200);
    expect((await stage.ask('GET', '/v1/tools', made.token, { headers: inside })).status).toBe(200);
    expect((await stage.ask('GET', '/v1/tools', made.token)).status).toBe(403);
  });

  it('get a new key in the place of the old one, which ends by itself', async () => {
    const { db } = stage.gantry;
    const keyOf = async (agent: string) => (await listAgentKeys(db, 'acme')).filter((each) => each.agent === agent);
    await tools('robot');
    await expect.poll(async () => (await keyOf('robot'))[0]?.lastUsedAt ?? null, { timeout: 120_000 }).not.toBeNull();
    const [old] = await keyOf('robot');
    const deps = { db, random: systemRandom };
    const rotated = await rotateAgentKey(deps, { tenant: 'acme', id: old?.id ?? '', overlapHours: 1 });
    expect((await stage.ask('GET', '/v1/tools', rotated.key)).status).toBe(200);
    expect((await tools('robot')).status).toBe(200);
    const [before, after] = await keyOf('robot');
    expect(before).toMatchObject({ id: old?.id, state: 'valid', expiresAt: rotated.previousUntil });
    expect(after).toMatchObject({ label: 'test', state: 'valid', expiresAt: null });
    // A second turn does not make the first one last longer.
    await rotateAgentKey(deps, { tenant: 'acme', id: old?.id ?? '', overlapHours: 100 });
    expect((await keyOf('robot'))[0]?.expiresAt).toEqual(rotated.previousUntil);
    await rotateAgentKey(deps, { tenant: 'acme', id: after?.id ?? '', overlapHours: 0 });
    const gone = async (): Promise<number> => (await stage.ask('GET', '/v1/tools', rotated.key)).status;
    await expect.poll(gone, { timeout: 120_000 }).toBe(401);
    for (const bad of [-1, Number.NaN, 10_000]) {
      const asked = rotateAgentKey(deps, { tenant: 'acme', id: old?.id ?? '', overlapHours: bad });
      await expect(asked).rejects.toMatchObject({ code: 'bad_request' });
    }
    await expect(rotateAgentKey(deps, { tenant: 'globex', id: old?.id ?? '', overlapHours: 1 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('end with their key in exchanged tokens, too, and with a suspension in the project', async () => {
    const { token } = await exchange('clerk', {});
    const status = async (): Promise<number> => (await stage.ask('GET', '/v1/tools', token)).status;
    expect(await status()).toBe(200);
    await stage.apply([['  clerk:\n', '  clerk:\n    status: suspended\n']]);
    await expect.poll(status, { timeout: 120_000 }).toBe(403);
    expect((await tools('clerk', named('ada'))).body).toMatchObject({ code: 'agent_suspended' });
    await stage.apply([]);
    await expect.poll(status, { timeout: 120_000 }).toBe(200);
    const [row] = (await listAgentKeys(stage.gantry.db, 'acme')).filter(({ agent }) => agent === 'clerk');
    await revokeAgentKey({ db: stage.gantry.db, random: systemRandom }, 'acme', row?.id ?? '');
    await expect.poll(status, { timeout: 120_000 }).toBe(401);
  });

  it('are looked after by operators with names and roles of their own', async () => {
    const asRoot = (method: string, path: string, body?: object) =>
      stage.ask(method, path, stage.operatorKey, body === undefined ? {} : { body });
    const made = await asRoot('POST', '/v1/operators', { name: 'vera', role: 'operator' });
    expect(made.status).toBe(201);
    const veras = String(made.body['key']);
    expect(JSON.stringify((await asRoot('GET', '/v1/operators')).body)).not.toContain(veras);
    // Whatever she calls herself, it is noted under her name.
    const body = { by: 'somebody else', note: 'night' };
    const suspended = await stage.ask('POST', '/v1/agents/robot/suspend', veras, { body });
    expect(suspended.body).toMatchObject({ state: 'suspended', suspended_by: 'vera' });
    const resumed = await stage.ask('POST', '/v1/agents/robot/resume', veras, { body: {} });
    expect(resumed).toMatchObject({ status: 403, body: { code: 'role_required', data: { role: 'admin' } } });
    expect((await asRoot('POST', '/v1/agents/robot/resume', {})).status).toBe(200);
    expect((await asRoot('POST', '/v1/agents/nobody/suspend', {})).body).toMatchObject({ code: 'not_found' });
    // A new role takes the place of the old one, and its key.
    const again = await asRoot('POST', '/v1/operators', { name: 'vera', role: 'viewer' });
    const statusOf = async (bearer: string): Promise<number> => (await stage.ask('GET', '/v1/agents', bearer)).status;
    await expect.poll(() => statusOf(veras), { timeout: 120_000 }).toBe(401);
    expect(await statusOf(String(again.body['key']))).toBe(200);
    expect((await asRoot('DELETE', '/v1/operators/vera')).status).toBe(200);
    await expect.poll(() => statusOf(String(again.body['key'])), { timeout: 120_000 }).toBe(401);
    expect((await asRoot('DELETE', '/v1/operators/vera')).body).toMatchObject({ code: 'not_found' });
    // An agent is no operator, and an operator no agent.
    expect((await stage.ask('GET', '/v1/agents', key('copilot'))).status).toBe(401);
    expect((await stage.ask('GET', '/v1/tools', stage.operatorKey)).status).toBe(401);
  });

  it('get, exchange and lose keys by REST, and by commands beside a server that has the database for itself', async () => {
    const asRoot = (method: string, path: string, body?: object) =>
      stage.ask(method, path, stage.operatorKey, body === undefined ? {} : { body });
    const works = async (bearer: string): Promise<number> => (await stage.ask('GET', '/v1/tools', bearer)).status;
    const made = await asRoot('POST', '/v1/agent-keys', {
      tenant: 'acme',
      agent: 'robot',
      label: 'nightly',
      expires_in_days: 3,
    });
    expect(made).toMatchObject({ status: 201, body: { agent: 'robot', label: 'nightly', state: 'valid' } });
    const [first, id] = [String(made.body['key']), String(made.body['id'])];
    expect(await works(first)).toBe(200);
    const listed = async (): Promise<Record<string, unknown>[]> =>
      (await asRoot('GET', '/v1/agent-keys?tenant=acme')).body['keys'] as unknown as Record<string, unknown>[];
    const ends = String(made.body['expires_at']);
    const own = (await listed()).find((row) => row['id'] === id);
    expect([own?.['agent'], own?.['label'], own?.['expires_at']]).toEqual(['robot', 'nightly', ends]);
    expect(JSON.stringify(await listed())).not.toContain('gtk_');
    const rotated = await asRoot('POST', `/v1/agent-keys/${id}/rotate`, { tenant: 'acme', overlap_hours: 0 });
    expect(rotated).toMatchObject({ status: 201, body: { label: 'nightly', expires_at: ends } });
    const second = String(rotated.body['key']);
    expect(await works(second)).toBe(200);
    await expect.poll(() => works(first), { timeout: 120_000 }).toBe(401);
    // Of another customer it is not there; nor is what does not fit.
    expect((await asRoot('DELETE', `/v1/agent-keys/${String(rotated.body['id'])}?tenant=globex`)).status).toBe(404);
    expect((await asRoot('POST', '/v1/agent-keys', { tenant: 'acme', agent: 'nobody' })).status).toBe(404);
    expect(
      (await asRoot('POST', '/v1/agent-keys', { tenant: 'acme', agent: 'robot', expires_in_days: 0 })).status,
    ).toBe(400);
    expect((await asRoot('DELETE', `/v1/agent-keys/${String(rotated.body['id'])}?tenant=acme`)).body).toMatchObject({
      state: 'revoked',
    });
    await expect.poll(() => works(second), { timeout: 120_000 }).toBe(401);

    const run = async (name: string, args: readonly string[], operatorKey = stage.operatorKey): Promise<string[]> => {
      const lines: string[] = [];
      const command = commands.find((each) => each.name === name);
      const env = { GANTRY_DATA_DIR: stage.dataDir, GANTRY_PUBLIC_URL: stage.url, GANTRY_OPERATOR_KEY: operatorKey };
      await command?.run({ args: [...args], env, out: (line) => lines.push(line), untilAsked: async () => undefined });
      return lines;
    };
    const [password = '', how] = await run('users add', ['ada@acme.example', '--tenant', 'acme']);
    expect(password).toMatch(/^\S{20}$/);
    expect(how).toBe('They sign in with organisation acme, user ada@acme.example and this password.');
    await expect(run('key list', ['--tenant', 'acme'], '')).rejects.toMatchObject({ code: 'store_locked' });
    const [third = ''] = await run('key create', ['--tenant', 'acme', '--agent', 'robot', '--label', 'by hand']);
    expect(await works(third)).toBe(200);
    const line = (await run('key list', ['--tenant', 'acme'])).find((each) => each.endsWith('by hand')) ?? '';
    expect(line).toMatch(/^[0-9a-f]{12} {2}robot {2}valid {2}created \S+Z {2}(never used|used \S+Z) {2}by hand$/);
    const [fourth = '', until] = await run('key rotate', [line.slice(0, 12), '--tenant', 'acme']);
    expect(until).toMatch(/^The one before is good until \S+Z\.$/);
    expect([await works(third), await works(fourth)]).toEqual([200, 200]);
    expect(await run('key revoke', [line.slice(0, 12), '--tenant', 'acme'])).toEqual([
      `Key ${line.slice(0, 12)} of robot is revoked.`,
    ]);
    await expect.poll(() => works(third), { timeout: 120_000 }).toBe(401);
    await expect(run('key revoke', ['nothing', '--tenant', 'acme'])).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are told of changes in whose name they may ask, and in no other', async () => {
    const subscribe = async (agent: string, principal?: string): Promise<unknown> => {
      const body = { tenant: 'acme', agent, object: 'deal', url: 'https://app.desk.example/hook' };
      const asked = principal === undefined ? body : { ...body, principal };
      const { body: answer } = await stage.ask('POST', '/v1/subscriptions', stage.operatorKey, { body: asked });
      return answer['where'];
    };
    // Whoever is asked for in the right name is refused only because none of these grants reads records.
    expect(await subscribe('copilot')).toBe('events');
    expect(await subscribe('copilot', 'ada')).toBe('events');
    expect(await subscribe('robot')).toBe('events');
    expect(await subscribe('robot', 'ada')).toBe('principal');
    expect(await subscribe('clerk')).toBe('agent');
    expect(await subscribe('clerk', 'ada')).toBe('events');
    await stage.ask('POST', '/v1/agents/robot/suspend', stage.operatorKey, { body: {} });
    await expect.poll(() => subscribe('robot'), { timeout: 120_000 }).toBe('agent');
    await stage.ask('POST', '/v1/agents/robot/resume', stage.operatorKey, { body: {} });
  });

  // The last one: a process of its own needs the database, which belongs to one at a time.
  it('say over stdio by an option in whose name they ask', async () => {
    await stage.gantry.close();
    const start = async (agent: string, ...more: readonly string[]): Promise<readonly string[]> => {
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(
        new StdioClientTransport({
          command: process.execPath,
          args: [fileURLToPath(new URL('../../bin/gantry.js', import.meta.url)), 'mcp', ...more],
          env: { GANTRY_DATA_DIR: stage.dataDir, GANTRY_API_KEY: key(agent), PATH: process.env['PATH'] ?? '' },
          stderr: 'ignore',
        }),
      );
      const { tools: list } = await client.listTools();
      await client.close();
      return list.map(({ name }) => name);
    };
    // No network is involved: the fence is about others.
    expect(await start('fenced', '--on-behalf-of', 'Jürgen Müller')).toEqual(['search_catalog']);
    await expect(start('robot', '--on-behalf-of', 'ada')).rejects.toThrow();
  }, 300_000);
});
