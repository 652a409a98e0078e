import { request } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable, type JsonObject } from '../../src/kernel/index.ts';
import { startApi, type TestApi } from './fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(async () => {
  await api.stop();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer full', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (path: string, key?: string): Promise<Response> =>
  fetch(`${api.url}${path}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });

describe('the tools over REST', () => {
  it.each<[string, string, JsonObject]>([
    ['/v1/query', 'query_records', { object: 'deal' }],
    ['/v1/sql', 'query_sql', { sql: 'select 1' }],
    ['/v1/records/get', 'get_record', { object: 'deal', id: '0061' }],
    ['/v1/catalog/search', 'search_catalog', { query: 'renewal' }],
    ['/v1/describe', 'describe', { names: ['deal'] }],
    ['/v1/tools/query_records', 'query_records', { object: 'deal', limit: 1 }],
  ])('%s runs %s with the arguments as they are', async (path, tool, args) => {
    const response = await post(path, args);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{16}$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(api.query.asked.at(-1)).toEqual({ tool, request: args });
    expect(api.events.at(-1)).toMatchObject({ tool, errorCode: null });
  });

  it('answers with the same document as the tool', async () => {
    const direct = await post('/v1/query', { object: 'deal' });
    expect(await direct.json()).toMatchObject({
      columns: ['name', 'amount', 'note', '_ref'],
      rows: [
        ['Alpha', 1200.5, 'Say yes now', 'crm/Opportunity/0061'],
        [expect.anything(), null, null, expect.anything()],
      ],
    });
  });

  it('lists the tools of the grant, and runs no other', async () => {
    const { tools } = (await (await get('/v1/tools', 'reader')).json()) as { tools: { name: string }[] };
    expect(tools.map((tool) => tool.name)).toEqual(['describe']);
    const refused = await post('/v1/query', { object: 'deal' }, { authorization: 'Bearer reader' });
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({ code: 'tool_unknown' });
  });

  it('gives errors their status, their code and the request id of the log', async () => {
    const response = await post('/v1/query', { object: 'deel' });
    expect(response.status).toBe(404);
    const body = (await response.json()) as { request_id: string };
    expect(body).toMatchObject({ code: 'not_found', suggestions: ['deal'] });
    expect(body.request_id).toBe(response.headers.get('x-request-id'));
    expect(body.request_id).toBe(api.events.at(-1)?.requestId);
  });

  it('lets nothing of an internal failure out', async () => {
    const response = await post('/v1/query', { object: 'broken' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  it.each<[string, () => Promise<Response>, number, string]>([
    ['no key', () => post('/v1/query', {}, { authorization: '' }), 401, 'unauthenticated'],
    ['a wrong key', () => post('/v1/query', {}, { authorization: 'Bearer nope' }), 401, 'unauthenticated'],
    ["an operator's key", () => post('/v1/query', {}, { authorization: 'Bearer root' }), 401, 'unauthenticated'],
    ['another content type', () => post('/v1/query', '{}', { 'content-type': 'text/plain' }), 400, 'bad_request'],
    [
      'a form',
      () => post('/v1/query', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      400,
      'bad_request',
    ],
    ['broken JSON', () => post('/v1/query', '{"object":'), 400, 'bad_request'],
    ['a list', () => post('/v1/query', []), 400, 'bad_request'],
    ['an unknown argument', () => post('/v1/query', { object: 'deal', limt: 1 }), 400, 'bad_request'],
    ['a large body', () => post('/v1/query', { object: 'x'.repeat(300_000) }), 413, 'body_too_large'],
    ['a large body of unknown length', () => postStream('/v1/query', 300_000), 413, 'body_too_large'],
    ['an unknown path', () => get('/v1/nothing', 'full'), 404, 'not_found'],
    ['a wrong method', () => get('/v1/query', 'full'), 404, 'not_found'],
  ])('refuses %s', async (_case, send, status, code) => {
    const before = api.query.asked.length;
    const response = await send();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, request_id: expect.stringMatching(/^req_/) });
    if (status === 401) expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(api.query.asked.length).toBe(before);
  });

  it('goes on serving a client whose large body it refused', async () => {
    for (let round = 0; round < 20; round += 1) {
      expect((await postStream('/v1/query', 400_000)).status).toBe(413);
      expect((await post('/v1/query', { object: 'x'.repeat(300_000) })).status).toBe(413);
      expect((await post('/v1/query', { object: 'deal' })).status).toBe(200);
    }
  });

  it('accepts a content type with a charset', async () => {
    const type = 'application/json; charset=utf-8';
    expect((await post('/v1/query', { object: 'deal' }, { 'content-type': type })).status).toBe(200);
  });
});

describe('connections over REST', () => {
  const operator = { authorization: 'Bearer root' };

  it('begins one for an operator and says where to send the user', async () => {
    const response = await post('/v1/connections', { tenant: 'acme', integration: 'salesforce' }, operator);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      connection: 'salesforce',
      authorize_url: 'https://login.example/authorize?state=s1',
      expires_at: '2026-11-21T00:10:00.000Z',
    });
  });

  it.each([
    ['https://acme.zendesk.example', 201],
    ['http://127.0.0.1:4001', 201],
    ['http://localhost:4001', 201],
    ['http://acme.zendesk.example', 400],
    ['http://127.0.0.1.evil.example', 400],
    ['https://user:pw@acme.zendesk.example', 400],
    ['javascript:alert(1)', 400],
    ['acme.zendesk.example', 400],
  ])('takes %s as a place to sign in: %i', async (login, status) => {
    const before = api.done.length;
    const body = { tenant: 'acme', integration: 'support', login_url: login };
    const response = await post('/v1/connections', body, operator);
    expect(response.status).toBe(status);
    if (status === 201) {
      expect(api.done.at(-1)).toMatchObject({ use: 'start', request: { loginUrl: login } });
    } else {
      expect(await response.json()).toMatchObject({ code: 'bad_request', where: 'login_url' });
      expect(api.done.length).toBe(before);
    }
  });

  it('says which ways in there are, and signs in with one of them', async () => {
    const ways = await get('/v1/integrations/erp/sign-in', 'root');
    expect(await ways.json()).toEqual({
      system: 'Odoo',
      browser: false,
      methods: [
        {
          name: 'api_key',
          title: 'API key',
          fields: [{ name: 'api_key', title: 'Key', secret: true, optional: false }],
        },
      ],
    });
    const entered = { tenant: 'globex', integration: 'erp', method: 'api_key', values: { api_key: 's3cret' } };
    const response = await post('/v1/connections', entered, operator);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ connection: 'erp', system: 'Odoo', account: 'Globex' });
    expect(api.done.at(-1)).toEqual({ use: 'sign_in', request: entered });
  });

  it.each([
    [{ values: { api_key: 's3cret' } }, 'method'],
    [{ method: 'api_key', values: { api_key: 7 } }, 'values.api_key'],
    [{ method: 'api_key', values: 's3cret' }, 'values'],
  ])('refuses values that are none, or for nothing, without repeating them: %j', async (more, where) => {
    const before = api.done.length;
    const response = await post('/v1/connections', { tenant: 'globex', integration: 'erp', ...more }, operator);
    expect(response.status).toBe(400);
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'bad_request', where });
    expect(body).not.toContain('s3cret');
    expect(api.done.length).toBe(before);
  });

  it('queues a sync for an operator', async () => {
    const response = await post('/v1/connections/crm/sync', { tenant: 'acme', objects: ['Opportunity'] }, operator);
    expect(response.status).toBe(202);
    expect(api.done.at(-1)).toEqual({
      use: 'sync',
      request: { tenant: 'acme', connection: 'crm', objects: ['Opportunity'] },
    });
  });

  it.each<[string, string, unknown]>([
    ['start', '/v1/connections', { tenant: 'acme', integration: 'salesforce' }],
    ['sign in', '/v1/connections', { tenant: 'acme', integration: 'erp', method: 'api_key', values: {} }],
    ['sync', '/v1/connections/crm/sync', { tenant: 'acme' }],
  ])('does not %s for an agent', async (_case, path, body) => {
    const before = api.done.length;
    expect((await post(path, body)).status).toBe(401);
    expect(api.done.length).toBe(before);
  });

  it('checks what operators send', async () => {
    const misspelt = await post('/v1/connections', { tenant: 'acme', integraton: 'x' }, operator);
    expect(misspelt.status).toBe(400);
    expect(await misspelt.json()).toMatchObject({ suggestions: ['integration'] });
    const empty = await post('/v1/connections/crm/sync', {}, operator);
    expect(await empty.json()).toMatchObject({ code: 'bad_request', where: 'tenant' });
  });

  it.each([
    ['127.0.0.1', 200],
    ['LOCALHOST:7070', 200],
    ['gantry.example', 200],
    ['evil.example', 403],
    ['gantry.example.evil.example', 403],
  ])('called as %s answers %i', async (host, status) => {
    const answered = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(`${api.url}/v1/openapi.json`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.once('error', reject);
      call.end();
    });
    expect(answered).toBe(status);
  });

  it('shows, builds and copies the local copy of a tenant, for operators only', async () => {
    const ask = async (method: string, path: string, bearer: string) =>
      fetch(`${api.url}/v1/tenants/acme/lens${path}`, { method, headers: { authorization: `Bearer ${bearer}` } });
    const calls = [
      ['GET', '', 'lens_status'],
      ['POST', '/rebuild', 'rebuild_lens'],
      ['POST', '/snapshot', 'snapshot_lens'],
    ] as const;
    for (const [method, path, use] of calls) {
      expect((await ask(method, path, 'full')).status).toBe(401);
      const before = api.done.length;
      expect(await (await ask(method, path, 'root')).json()).toMatchObject({ tenant: 'acme' });
      expect(api.done.slice(before)).toEqual([{ use, request: { tenant: 'acme' } }]);
    }
  });

  it('lists revisions, and shows, stores and takes away overlays, for operators only', async () => {
    const overlay = async (method: string, bearer: string, body?: object) =>
      fetch(`${api.url}/v1/tenants/acme/overlay`, {
        method,
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const before = api.done.length;
    expect((await get('/v1/revisions', 'full')).status).toBe(401);
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await overlay(method, 'full')).status).toBe(401);
    expect(api.done.length).toBe(before);
    expect(await (await get('/v1/revisions?limit=5', 'root')).json()).toEqual({
      revisions: [{ revision: 2, current: true }],
    });
    expect(await (await overlay('PUT', 'root', { yml: 'x' })).json()).toMatchObject({ suggestions: ['yaml'] });
    expect(await (await overlay('PUT', 'root', { yaml: 'tenant: acme' })).json()).toMatchObject({ version: 1 });
    expect(await (await overlay('GET', 'root')).json()).toMatchObject({ overlay: null });
    expect(await (await overlay('DELETE', 'root')).json()).toMatchObject({ version: 2 });
    expect(api.done.slice(before)).toEqual([
      { use: 'revisions', request: { limit: 5 } },
      { use: 'set_overlay', request: { tenant: 'acme', yaml: 'tenant: acme' } },
      { use: 'show_overlay', request: { tenant: 'acme' } },
      { use: 'remove_overlay', request: { tenant: 'acme' } },
    ]);
  });

  it('shows an operator the connections of the named tenant, an agent those of its own', async () => {
    expect((await get('/v1/connections', 'root')).status).toBe(400);
    const own = await get('/v1/connections?tenant=acme', 'root');
    expect(await own.json()).toEqual({ connections: [{ connection: 'crm', health: 'ok' }] });
    expect(api.done.at(-1)).toEqual({ use: 'list', request: { tenant: 'acme' } });
    const agents = await get('/v1/connections?system=salesforce', 'full');
    expect(await agents.json()).toMatchObject({ connections: [{ connection: 'crm', system: 'salesforce' }] });
    const other = await get('/v1/connections?system=zendesk', 'full');
    expect(await other.json()).toEqual({ connections: [] });
    // An agent cannot name a tenant: it has one.
    expect((await get('/v1/connections?tenant=other', 'full')).status).toBe(400);
    expect((await get('/v1/connections')).status).toBe(401);
  });
});

const page = async (query: string) => {
  const response = await get(`/oauth/callback?${query}`);
  return { response, html: await response.text() };
};

describe("the way back from a provider's login", () => {
  it('says in plain words what was connected, and escapes every word from outside', async () => {
    const { response, html } = await page('state=s1&code=c1');
    expect(response.status).toBe(200);
    expect(api.done.at(-1)).toEqual({ use: 'finish', request: { state: 's1', code: 'c1', connectToken: null } });
    expect(html).toContain('Salesforce is connected');
    expect(html).not.toContain('<script');
    expect(html).toContain('&#60;script&#62;alert(1)&#60;/script&#62; &#38; &#34;Sons&#34;');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('says that the user declined, and ends the attempt', async () => {
    const { response, html } = await page('state=s1&error=access_denied&error_description=%3Cimg%3E');
    expect(response.status).toBe(200);
    expect(api.done.at(-1)).toEqual({ use: 'abandon', request: { state: 's1', error: 'access_denied' } });
    expect(html).toContain('Not connected');
    expect(html).not.toContain('<img');
  });

  it.each([
    ['code=c1', 400],
    ['state=s1', 400],
    ['state=%3Cb%3E&code=c1', 404],
  ])('explains %s', async (query, status) => {
    const { response, html } = await page(query);
    expect(response.status).toBe(status);
    expect(html).toContain('Not connected');
    expect(html).not.toContain('<b>');
    expect(html).toMatch(/request req_[0-9a-f]{16}/);
  });

  it('keeps a failure inside to the log', async () => {
    const { response, html } = await page('state=burst&code=c1');
    expect(response.status).toBe(500);
    expect(html).not.toContain('secret');
    expect(api.errors.at(-1)).toMatchObject({ path: '/oauth/callback', code: 'internal', cause: expect.any(Error) });
  });
});

describe('health', () => {
  it('tells running from ready', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    api.readiness.now = { ready: false, checks: { store: 'ok', lens: 'starting' } };
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ checks: { lens: 'starting' } });
    api.readiness.now = { ready: true, checks: {} };
  });
});

describe('the OpenAPI document', () => {
  it('holds an address for each tool, with the schemas that check the calls', async () => {
    const document = (await (await get('/v1/openapi.json')).json()) as OpenApi;
    expect(document.openapi).toBe('3.1.0');
    const ajv = new Ajv2020({ strict: false });
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const tool of api.door.all) {
      const operation = document.paths[`/v1/tools/${tool.name}`]?.['post'];
      expect(operation?.requestBody?.content['application/json'].schema).toEqual(tool.inputSchema);
      expect(ids).toContain(tool.name);
    }
    for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
      const schema = operation.requestBody?.content['application/json'].schema;
      if (schema !== undefined) expect(ajv.validateSchema(schema)).toBe(true);
    }
    expect(document.components.schemas.Error.properties.code.enum).toEqual(Object.keys(errorTable));
  });

  it('describes errors as they are', async () => {
    const document = (await (await get('/v1/openapi.json')).json()) as OpenApi;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(document.components.schemas.Error);
    expect(validate(await (await post('/v1/query', { object: 'deel' })).json())).toBe(true);
    expect(validate(await (await get('/v1/nothing')).json())).toBe(true);
  });

  it('names no address that is not there', async () => {
    const document = (await (await get('/v1/openapi.json')).json()) as OpenApi;
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        const url = `${api.url}${path.replace('{connection}', 'crm')}`;
        const response = await fetch(url, { method: method.toUpperCase() });
        expect(response.status, `${method} ${path}`).not.toBe(404);
      }
    }
  });
});

describe('the addresses of operators and agents', () => {
  it('all stand in the OpenAPI document', async () => {
    const document = (await (await get('/v1/openapi.json')).json()) as OpenApi;
    // What a parameter is called is the document's to say.
    const plain = (path: string): string => path.replaceAll(/:\w+|\{\w+\}/g, '*');
    const paths = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${plain(path)}`),
    );
    // Each tool has an entry of its own.
    const told = new Set([...paths, 'POST /v1/tools/*']);
    const there = api.routes
      .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/') && path !== '/v1/openapi.json')
      .map(({ method, path }) => `${method} ${plain(path)}`);
    expect(there.length).toBeGreaterThan(50);
    expect(there.filter((route) => !told.has(route))).toEqual([]);
  });
});

interface OpenApi {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; requestBody?: { content: { 'application/json': { schema: object } } } }>
  >;
  components: { schemas: { Error: { properties: { code: { enum: string[] } } } } };
}

/** A chunked body: no content-length to refuse it by. */
function postStream(path: string, bytes: number): Promise<Response> {
  const chunk = new TextEncoder().encode(' '.repeat(10_000));
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes) {
        controller.close();
        return;
      }
      sent += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  return fetch(`${api.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer full', 'content-type': 'application/json' },
    body,
    duplex: 'half',
  });
}
