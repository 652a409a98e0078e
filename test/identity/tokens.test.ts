import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIssuer, type TestIssuer } from './issuer.ts';
import { openIdentityStage, type Answer, type IdentityStage } from './stage.ts';

const nowS = (): number => Math.floor(Date.now() / 1_000);

/** Access tokens of an identity provider, as operators configure it; signed for real, checked over real HTTP. */
describe('access tokens of an identity provider', () => {
  let stage: IdentityStage;
  let issuer: TestIssuer;
  let customers: TestIssuer;
  let away: TestIssuer;
  beforeAll(async () => {
    [issuer, customers, away] = await Promise.all([startIssuer(), startIssuer('ES256'), startIssuer('ES256')]);
    away.fail(503);
    stage = await openIdentityStage({
      identity: () => `issuers:
  - issuer: ${issuer.url}/
    audience: https://api.desk.example
    jwks_uri: ${issuer.url}/keys
    claims:
      tenant: [https://desk.example/tenant, org_id]
      role: https://desk.example/role
    tenants: { org_1: acme, globex: globex, acme: acme }
    scope_names: { Records.Read: 'records:read' }
    roles: { desk-viewer: viewer, desk-boss: admin }
  - issuer: ${customers.url}/
    jwks_uri: ${customers.url}/keys
    tenant: globex
    default_scopes: ['records:read']
  - issuer: ${away.url}/
    jwks_uri: ${away.url}/keys
    tenant: acme
`,
    });
  }, 300_000);
  afterAll(async () => {
    await stage.stop();
    await Promise.all([issuer.stop(), customers.stop(), away.stop()]);
  });

  const claims = (more: JWTPayload = {}): JWTPayload => ({
    iss: `${issuer.url}/`,
    aud: 'https://api.desk.example',
    sub: 'ada@acme.example',
    azp: 'app-0042',
    'https://desk.example/tenant': 'acme',
    scope: 'records:read',
    iat: nowS(),
    exp: nowS() + 300,
    ...more,
  });
  const token = (more: JWTPayload = {}): Promise<string> => issuer.sign(claims(more));
  const tools = (bearer: string, headers: object = {}): Promise<Answer> =>
    stage.ask('GET', '/v1/tools', bearer, { headers });
  const search = (bearer: string): Promise<Answer> =>
    stage.ask('POST', '/v1/catalog/search', bearer, { body: { query: 'deal' } });

  it('are good at MCP and REST, in the form of each provider', async () => {
    const { sub: _, azp: __, scope: ___, ...rest } = claims();
    const shapes: readonly (readonly [string, JWTPayload])[] = [
      [
        'Auth0',
        {
          ...rest,
          sub: 'auth0|507f',
          azp: 'app-0042',
          scope: 'openid records:read',
          aud: ['https://api.desk.example', 'https://x.auth0.com/userinfo'],
        },
      ],
      ['Okta', { ...rest, sub: 'ada@acme.example', cid: 'app-0042', uid: '00u1', scp: ['records:read'] }],
      [
        'Entra v2',
        {
          ...rest,
          'https://desk.example/tenant': undefined,
          org_id: 'org_1',
          sub: 'x7',
          azp: 'app-0042',
          scp: 'Records.Read',
          ver: '2.0',
        },
      ],
      ['Entra v1', { ...rest, sub: 'x7', appid: 'app-0042', scp: 'Records.Read', ver: '1.0' }],
      ['RFC 9068', { ...rest, sub: 'ada', client_id: 'app-0042', scope: 'records:read' }],
    ];
    for (const [name, shape] of shapes) {
      const bearer = await issuer.sign(JSON.parse(JSON.stringify(shape)) as JWTPayload);
      expect([name, (await search(bearer)).status]).toEqual([name, 200]);
    }
    const client = new Client({ name: 'desk', version: '1' });
    const requestInit = { headers: { authorization: `Bearer ${await token()}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${stage.url}/mcp`), { requestInit }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search_catalog', 'list_connections']);
    await client.close();
  });

  it('say in whose name, and nobody else may be named beside them', async () => {
    expect((await tools(await token(), { 'gantry-on-behalf-of': 'ada@acme.example' })).status).toBe(200);
    const other = await tools(await token(), { 'gantry-on-behalf-of': 'bob@acme.example' });
    expect(other).toMatchObject({ status: 403, body: { code: 'principal_not_allowed' } });
    // A token of the client itself names nobody: Okta and RFC 9068, Auth0, Entra.
    for (const own of [{ sub: 'app-0042' }, { sub: 'app-0042@clients', gty: 'client-credentials' }, { idtyp: 'app' }]) {
      expect((await tools(await token(own))).status).toBe(200);
      const asClerk = JSON.parse(
        JSON.stringify({ ...own, azp: 'clerk' }).replaceAll('app-0042', 'clerk'),
      ) as JWTPayload;
      const named = await tools(await token(asClerk));
      expect(named).toMatchObject({ status: 403, body: { code: 'principal_required' } });
    }
  });

  it('are refused whatever is wrong with them, without a word of what', async () => {
    const stranger = await generateKeyPair('RS256');
    const bad: Readonly<Record<string, () => Promise<string> | string>> = {
      'another audience': () => token({ aud: 'https://api.other.example' }),
      'no audience': () => issuer.sign(JSON.parse(JSON.stringify(claims({ aud: undefined } as never))) as JWTPayload),
      'another issuer': () => token({ iss: 'https://evil.example/' }),
      'the issuer without its slash': () => token({ iss: issuer.url }),
      ended: () => token({ iat: nowS() - 900, exp: nowS() - 60 }),
      'no end': () => issuer.sign(JSON.parse(JSON.stringify(claims({ exp: undefined } as never))) as JWTPayload),
      'not yet good': () => token({ nbf: nowS() + 300 }),
      'made tomorrow': () => token({ iat: nowS() + 86_400, exp: nowS() + 86_700 }),
      'signed by a stranger': () =>
        new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'k0' }).sign(stranger.privateKey),
      'not signed': () => new UnsecuredJWT(claims()).encode(),
      'signed with the public key as a secret': () =>
        new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k0' }).sign(Buffer.from('k0')),
      'changed afterwards': async () => {
        const [head, , signature] = (await token()).split('.');
        const body = Buffer.from(JSON.stringify(claims({ sub: 'boss' }))).toString('base64url');
        return `${head ?? ''}.${body}.${signature ?? ''}`;
      },
      'a tenant that is not listed': () => token({ 'https://desk.example/tenant': 'initech' }),
      'no tenant': () => token({ 'https://desk.example/tenant': 7 }),
      'a client that is no agent': () => token({ azp: 'app-9999' }),
      'no client': () => issuer.sign(JSON.parse(JSON.stringify(claims({ azp: undefined }))) as JWTPayload),
      'a user without a name': () => token({ sub: ' ' }),
      'an id token of another application': () => token({ aud: 'app-0042' }),
    };
    for (const [what, make] of Object.entries(bad)) {
      const answer = await tools(await make());
      expect([what, answer.status, answer.body['code']]).toEqual([what, 401, 'unauthenticated']);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it('of a customer’s own provider are about that customer, whatever they claim', async () => {
    const made = await customers.sign({
      iss: `${customers.url}/`,
      aud: `${stage.url}/mcp`,
      sub: 'eve',
      azp: 'app-0042',
      tenant: 'acme',
      iat: nowS(),
      exp: nowS() + 300,
    });
    const found = await stage.gantry.callers.find(made);
    expect(found?.caller.tenantSlug).toBe('globex');
  });

  it('ask for more when a call needs it, before the call is made', async () => {
    const bearer = await token({ scope: 'records:write' });
    for (const [path, body] of [
      ['/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search_catalog', arguments: {} } }],
      ['/v1/catalog/search', { query: 'deal' }],
    ] as const) {
      const answer = await stage.ask('POST', path, bearer, {
        body,
        headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
      });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope', data: { scopes: ['records:read'] } },
      });
      const challenge = answer.headers.get('www-authenticate') ?? '';
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain('scope="records:read"');
      expect(challenge).toContain(`resource_metadata="${stage.url}/.well-known/oauth-protected-resource`);
    }
  });

  it('tell clients where to get one: at each address, and in each refusal', async () => {
    for (const [path, resource] of [
      ['', ''],
      ['/mcp', '/mcp'],
      ['/v1', '/v1'],
    ] as const) {
      const { status, body } = await stage.ask('GET', `/.well-known/oauth-protected-resource${path}`, null);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        resource: `${stage.url}${resource}`,
        authorization_servers: [`${stage.url}/oauth`, `${issuer.url}/`, `${customers.url}/`, `${away.url}/`],
        bearer_methods_supported: ['header'],
      });
      expect(body['scopes_supported']).not.toContain('offline_access');
    }
    const refused = await stage.ask('POST', '/mcp', null, { body: {} });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      `Bearer realm="gantry", resource_metadata="${stage.url}/.well-known/oauth-protected-resource/mcp", scope="records:read"`,
    );
  });

  it('make operators of those whose role the provider knows', async () => {
    // What people let an agent's client have is the agent's, whoever they are, and says nothing of their roles.
    const lent = await token({ sub: 'lena@desk.example', 'https://desk.example/role': 'desk-boss' });
    expect((await stage.ask('GET', '/v1/operators', lent)).status).toBe(401);
    const asPerson = (more: JWTPayload = {}): Promise<string> => token({ azp: 'console', ...more });
    const viewer = await asPerson({ 'https://desk.example/role': ['staff', 'desk-viewer'] });
    expect((await stage.ask('GET', '/v1/revisions', viewer)).status).toBe(200);
    const refused = await stage.ask('POST', '/v1/vault/rotate', viewer, { body: {} });
    expect(refused).toMatchObject({ status: 403, body: { code: 'role_required', data: { role: 'admin' } } });
    const boss = await asPerson({ sub: 'Lena@desk.example', 'https://desk.example/role': 'desk-boss' });
    expect((await stage.ask('GET', '/v1/operators', boss)).status).toBe(200);
    // Our words mean nothing where the operator listed the provider's.
    const own = await asPerson({ 'https://desk.example/role': 'admin' });
    expect((await stage.ask('GET', '/v1/operators', own)).status).toBe(401);
    // Whoever is signed out has to come with a token that was issued after that; others stay.
    const statusOf = async (bearer: string): Promise<number> =>
      (await stage.ask('GET', '/v1/revisions', bearer)).status;
    const cut = await stage.ask('POST', '/v1/operators/lena%40desk.example/sign-out', boss, { body: {} });
    expect(cut.body).toEqual({ name: 'lena@desk.example', state: 'signed_out' });
    await expect.poll(() => statusOf(boss), { timeout: 120_000 }).toBe(401);
    expect(await statusOf(viewer)).toBe(200);
    const later = async (): Promise<number> =>
      statusOf(await asPerson({ sub: 'lena@desk.example', 'https://desk.example/role': 'desk-boss' }));
    await expect.poll(later, { timeout: 120_000, interval: 200 }).toBe(200);
    // What the newest one says is kept, for what they approved; of who never was an operator nothing is.
    const says = (name: string) =>
      stage.gantry.db.query<{ role: string | null }>('select role from operator_token where name = $1', [name]);
    expect(await says('lena@desk.example')).toEqual([{ role: 'admin' }]);
    expect((await stage.ask('GET', '/v1/connections', await token({ sub: 'lena@desk.example' }))).status).toBe(200);
    expect(await says('lena@desk.example')).toEqual([{ role: 'admin' }]);
    const plain = await asPerson({ sub: 'Lena@desk.example' });
    expect((await stage.ask('GET', '/v1/revisions', plain)).status).toBe(401);
    expect(await says('lena@desk.example')).toEqual([{ role: null }]);
    expect((await stage.ask('GET', '/v1/revisions', await asPerson({ sub: 'otto@desk.example' }))).status).toBe(401);
    expect(await says('otto@desk.example')).toEqual([]);
    const customersBoss = await customers.sign({ ...claims(), iss: `${customers.url}/`, aud: `${stage.url}/mcp` });
    expect((await stage.ask('GET', '/v1/operators', customersBoss)).status).toBe(401);
  });

  it('that name keys nobody knows ask for keys once, however many they are', async () => {
    const before = issuer.asked();
    const forged = Array.from({ length: 40 }, async (_, index) =>
      tools(await issuer.sign(claims(), { kid: `forged-${String(index)}` })),
    );
    expect(new Set((await Promise.all(forged)).map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.asked() - before).toBeLessThanOrEqual(1);
    expect((await tools(await token())).status).toBe(200);
  });

  it('of a provider that is away are not called wrong', async () => {
    const made = await away.sign({ ...claims(), iss: `${away.url}/`, aud: `${stage.url}/mcp` });
    const answer = await tools(made);
    expect(answer).toMatchObject({ status: 503, body: { code: 'identity_unavailable', retryable: true } });
  });
});
