import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jwtVerify } from 'jose';
import OAuth from 'oauth-1.0a';
import { afterEach, describe, expect, it } from 'vitest';
import { parseDeclaration } from '../../src/connectors/index.ts';
import { json, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';
import { accessBy, authConnector } from './auth-fixture.ts';

let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const serve = async (answer: Answer): Promise<string> => {
  server = await scriptServer(answer);
  return server.url;
};
const tell = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};
const me = { account: 'acme', user: 'ada' };
const identity = { accountId: 'acme', accountName: 'acme', userName: 'ada' };
const address = "address: { title: Address, hosts: ['*'] }";
/** Answers to whom `knows` recognises by the request alone. */
const guarded =
  (knows: (request: IncomingMessage) => boolean): Answer =>
  (request, response) =>
    tell(response, knows(request) ? 200 : 401, knows(request) ? me : { error: 'no' });

describe('API keys', () => {
  it.each([
    ['header', '{ in: header, name: X-Api-Key }', (request: IncomingMessage) => request.headers['x-api-key'] === 'k-1'],
    [
      'header with a prefix',
      "{ in: header, name: Authorization, prefix: 'Token ' }",
      (request: IncomingMessage) => request.headers.authorization === 'Token k-1',
    ],
    [
      'query',
      '{ in: query, name: api_key }',
      (request: IncomingMessage) => request.url === '/me?b=2+x&a=1&api_key=k-1' && !request.headers.authorization,
    ],
  ])('are sent in the %s', async (_, send, knows) => {
    const url = await serve(guarded(knows));
    const connector = authConnector(
      `  - { kind: api_key, name: key, title: Key, ${address}, key: { title: Key }, send: ${send}, expires: true }`,
    );
    expect(connector.credentials[0]?.fields.map((field) => [field.name, field.secret, field.optional])).toEqual([
      ['url', false, false],
      ['api_key', true, false],
      ['expires_on', false, true],
    ]);
    expect(await connector.open(await accessBy(connector, 'key', { url, api_key: 'k-1' })).identify()).toEqual(
      identity,
    );
    const wrong = connector.open(await accessBy(connector, 'key', { url, api_key: 'k-2' })).identify();
    await expect(wrong).rejects.toMatchObject({ code: 'connection_reauth_required' });
  });

  it('never leave with a line break in them', async () => {
    const connector = authConnector(
      `  - { kind: api_key, name: key, title: Key, ${address}, key: { title: Key }, send: { in: header, name: k } }`,
    );
    const entered = accessBy(connector, 'key', { url: 'https://x.example', api_key: 'a\r\nhost: evil' });
    await expect(entered).rejects.toMatchObject({ code: 'credentials_refused' });
  });
});

it('sends name and password the Basic way, with what the provider wants behind the name', async () => {
  const expected = `Basic ${Buffer.from('ada@example.com/token:pä55').toString('base64')}`;
  const url = await serve(guarded((request) => request.headers.authorization === expected));
  const connector = authConnector(
    `  - { kind: basic, name: token, title: Token, ${address}, user: { title: E-mail }, password: { title: Token }, user_suffix: /token }`,
  );
  const values = { url, user: 'ada@example.com' };
  // RFC 7617 leaves the charset open; what is not ASCII would be another password somewhere.
  await expect(accessBy(connector, 'token', { ...values, password: 'pä55' })).rejects.toMatchObject({
    code: 'credentials_refused',
  });
  await expect(accessBy(connector, 'token', { ...values, user: 'a:b', password: 'x' })).rejects.toMatchObject({
    code: 'bad_request',
  });
  const ascii = `Basic ${Buffer.from('ada@example.com/token:pass').toString('base64')}`;
  await server?.stop();
  const other = await serve(guarded((request) => request.headers.authorization === ascii));
  const access = await accessBy(connector, 'token', { url: other, user: 'ada@example.com', password: 'pass' });
  expect(await connector.open(access).identify()).toEqual(identity);
});

describe('client credentials', () => {
  const way = (auth: 'basic' | 'body'): string =>
    `  - { kind: client_credentials, name: app, title: App, ${address}, token: /oauth/token, client_auth: ${auth}, scopes: [read, 'x y'] }`;
  /** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
  const basicPair = (request: IncomingMessage): string[] =>
    Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent);

  it.each(['basic', 'body'] as const)('show who the client is by %s, and are asked for anew on 401', async (auth) => {
    let good = 0;
    const url = await serve((request, response, body) => {
      if (request.url !== '/oauth/token') {
        const knows = good > 1 && request.headers.authorization === `Bearer t-${String(good)}`;
        return tell(response, knows ? 200 : 401, knows ? me : {});
      }
      const form = new URLSearchParams(body);
      const pair = auth === 'basic' ? basicPair(request) : [form.get('client_id'), form.get('client_secret')];
      if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'read x y')
        return tell(response, 400, {});
      if (pair[0] !== 'id:1' || pair[1] !== 's%e/c') return tell(response, 401, { error: 'invalid_client' });
      good += 1;
      return tell(response, 200, { access_token: `t-${String(good)}`, expires_in: 3600, token_type: 'bearer' });
    });
    const connector = authConnector(way(auth));
    const access = await accessBy(connector, 'app', { url, client_id: 'id:1', client_secret: 's%e/c' });
    expect(await connector.open(access).identify()).toEqual(identity);
    expect(access.signIns()).toBe(2);
    const wrong = accessBy(connector, 'app', { url, client_id: 'id:1', client_secret: 'other' });
    await expect(wrong).rejects.toMatchObject({
      code: 'credentials_refused',
      details: { data: { reason: 'invalid_client' } },
    });
  });

  it('take the registered application where nothing is entered', async () => {
    const url = await serve((request, response) =>
      tell(response, 200, { access_token: basicPair(request).join('+'), expires_in: 60 }),
    );
    const method = authConnector(way('basic')).credentials[0];
    const tokens = await method?.signIn({ clientId: 'a', clientSecret: 'b', loginUrl: url }, {});
    expect(tokens).toMatchObject({ accessToken: 'a+b', expiresInS: 60, apiUrl: url, refreshToken: null });
    await expect(method?.signIn(null, { url })).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('JWT bearer', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = (key: typeof rsa.privateKey): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

  it.each([
    ['grant', 'RS256', rsa, 'assertion', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    ['grant', 'ES256', ec, 'assertion', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    // NetSuite, "OAuth 2.0 Client Credentials Flow": the assertion proves the client, signed with PSS or EC.
    ['client', 'PS256', rsa, 'client_assertion', 'client_credentials'],
  ] as const)('as the %s, signed with %s', async (use, algorithm, pair, field, grant) => {
    const url = await serve((request, response, body) => {
      if (request.url !== '/token')
        return guarded((asked) => asked.headers.authorization === 'Bearer t')(request, response, '');
      const form = new URLSearchParams(body);
      return void jwtVerify(form.get(field) ?? '', pair.publicKey, {
        issuer: 'client-1',
        subject: use === 'grant' ? 'ada@example.com' : 'client-1',
        audience: `http://${request.headers.host ?? ''}/token`,
        algorithms: [algorithm],
        maxTokenAge: '120s',
      }).then(
        ({ protectedHeader }) =>
          form.get('grant_type') === grant && protectedHeader.kid === 'cert-1'
            ? tell(response, 200, { access_token: 't', expires_in: 3600 })
            : tell(response, 400, { error: 'invalid_request' }),
        () => tell(response, 400, { error: 'invalid_grant' }),
      );
    });
    const connector = authConnector(
      `  - { kind: jwt_bearer, name: jwt, title: Key, ${address}, token: /token, assertion: ${use}, algorithm: ${algorithm}, audience: token, subject: ${String(use === 'grant')}, key_id: true, scopes: [rest] }`,
    );
    const values = {
      url,
      client_id: 'client-1',
      key_id: 'cert-1',
      ...(use === 'grant' ? { username: 'ada@example.com' } : {}),
    };
    const access = await accessBy(connector, 'jwt', { ...values, private_key: pem(pair.privateKey) });
    expect(await connector.open(access).identify()).toEqual(identity);
    const other =
      pair === ec
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = accessBy(connector, 'jwt', {
      ...values,
      private_key: pem(other.privateKey),
    });
    await expect(forged).rejects.toMatchObject({ code: 'credentials_refused' });
    await expect(accessBy(connector, 'jwt', { ...values, private_key: 'x' })).rejects.toMatchObject({
      code: 'credentials_refused',
      details: { where: 'values.private_key' },
    });
  });
});

describe('session login', () => {
  it('signs in by cookie, and again when the session has ended', async () => {
    let current = 0;
    const url = await serve((request, response, body) => {
      if (request.url !== '/login') {
        const knows = request.headers.cookie === `SID=s${String(current)}%3D` && current > 1;
        return tell(response, knows ? 200 : 401, knows ? me : {});
      }
      const { user, pass, app } = JSON.parse(body) as Record<string, unknown>;
      if (user !== 'ada' || pass !== 'secret' || app !== 1) return tell(response, 401, {});
      current += 1;
      response.setHeader('set-cookie', ['lang=en; Path=/', `SID=s${String(current)}%3D; Path=/; HttpOnly`]);
      return tell(response, 200, { ok: true });
    });
    const connector = authConnector(`  - kind: session
    name: login
    title: User name and password
    ${address}
    login: /login
    login_body: json
    params: { app: 1 }
    fields:
      user: { name: username, title: User name, secret: false }
      pass: { name: password, title: Password, secret: true }
    id: { cookie: SID }
    send: { in: cookie, name: SID }
    life_s: 900`);
    const access = await accessBy(connector, 'login', { url, username: 'ada', password: 'secret' });
    expect(await connector.open(access).identify()).toEqual(identity);
    expect(access.signIns()).toBe(2);
    expect(await connector.credentials[0]?.signIn(null, { url, username: 'ada', password: 'secret' })).toMatchObject({
      expiresInS: 900,
      refreshToken: null,
    });
    await expect(accessBy(connector, 'login', { url, username: 'ada', password: 'x' })).rejects.toMatchObject({
      code: 'credentials_refused',
    });
  });

  it('takes the id from the body, and a refusal from an answer that says 200', async () => {
    const url = await serve((request, response, body) => {
      if (request.url !== '/login')
        return guarded((asked) => asked.headers['x-session'] === 'abc')(request, response, '');
      const right = new URLSearchParams(body).get('p') === 'right';
      return tell(response, 200, right ? { success: true, data: { id: 'abc' } } : { success: false });
    });
    const connector = authConnector(`  - kind: session
    name: login
    title: Password
    ${address}
    login: /login
    login_body: form
    fields: { p: { name: password, title: Password, secret: true } }
    id: { at: data.id }
    send: { in: header, name: X-Session }
    refused: { at: success, is: [false] }`);
    expect(await connector.open(await accessBy(connector, 'login', { url, password: 'right' })).identify()).toEqual(
      identity,
    );
    await expect(accessBy(connector, 'login', { url, password: 'wrong' })).rejects.toMatchObject({
      code: 'credentials_refused',
    });
  });
});

it('OAuth 1.0a: signs calls so that an independent library comes to the same signature', async () => {
  const keys = { consumer_key: 'ck', consumer_secret: 'cs &+', token: 'tk', token_secret: 'ts/=' };
  const library = new OAuth({
    consumer: { key: keys.consumer_key, secret: keys.consumer_secret },
    signature_method: 'HMAC-SHA256',
    hash_function: (base, key) => createHmac('sha256', key).update(base).digest('base64'),
  });
  const nonces = new Set<string>();
  const knows = (request: IncomingMessage): boolean => {
    const header = request.headers.authorization ?? '';
    const parts = Object.fromEntries(
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
    );
    const { oauth_signature: signature, realm, ...signed } = parts;
    if (realm !== '123456_SB1' || nonces.has(signed['oauth_nonce'] ?? '')) return false;
    nonces.add(signed['oauth_nonce'] ?? '');
    const asked = new URL(request.url ?? '', `http://${request.headers.host ?? ''}`);
    const data = {
      oauth_consumer_key: '',
      oauth_nonce: '',
      oauth_signature_method: '',
      oauth_timestamp: 0,
      oauth_version: '',
      ...signed,
    };
    const wanted = library.getSignature(
      { url: asked.origin + asked.pathname, method: 'GET', data: Object.fromEntries(asked.searchParams) },
      keys.token_secret,
      data,
    );
    return signature === wanted && Math.abs(Number(signed['oauth_timestamp']) - Date.now() / 1_000) < 60;
  };
  const url = await serve((request, response) => {
    const known = knows(request);
    tell(response, known ? 200 : 401, known ? me : {});
  });
  const connector = authConnector(
    `  - { kind: oauth1, name: tba, title: Token-based authentication, ${address}, realm: { title: Account id } }`,
  );
  // NetSuite writes the account of a sandbox 123456-sb1 in addresses, 123456_SB1 in the realm.
  const access = await accessBy(connector, 'tba', { url, realm: '123456-sb1', ...keys });
  const session = connector.open(access);
  expect(await session.identify()).toEqual(identity);
  expect(await session.identify()).toEqual(identity);
  expect(nonces.size).toBe(2);
  expect(access.signIns()).toBe(1);
});

it('refuses a declaration whose way in is not whole', () => {
  expect(() => authConnector('  - { kind: api_key, name: key, title: Key }')).toThrow(
    expect.objectContaining({ code: 'connector_invalid' }),
  );
  expect(() => parseDeclaration('credentials: [{ kind: magic }]', 'x.yaml')).toThrow(
    expect.objectContaining({ code: 'connector_invalid' }),
  );
});

it('answers nothing to a login that is no JSON', async () => {
  const url = await serve(json('page'));
  const connector = authConnector(
    `  - { kind: client_credentials, name: app, title: App, ${address}, token: /t, client_auth: body }`,
  );
  await expect(accessBy(connector, 'app', { url, client_id: 'a', client_secret: 'b' })).rejects.toMatchObject({
    code: 'upstream_malformed',
  });
});
