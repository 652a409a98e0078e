import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApi, type TestApi } from './fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const call = (method: string, path: string, body?: unknown, bearer = 'root'): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

it.each([
  ['GET', '/v1/vault', undefined, 200, 'vault_status', {}],
  ['POST', '/v1/vault/rotate', {}, 200, 'rotate_vault', { dataKeys: false, after: null }],
  ['POST', '/v1/vault/rotate', { data_keys: true, after: 40 }, 200, 'rotate_vault', { dataKeys: true, after: 40 }],
  [
    'GET',
    '/v1/connections/crm/users?tenant=acme',
    undefined,
    200,
    'list_user_sign_ins',
    { tenant: 'acme', connection: 'crm' },
  ],
  [
    'POST',
    '/v1/connections/crm/users/ada%40acme.com',
    { tenant: 'acme', method: 'api_key', values: { api_key: 'k' } },
    201,
    'sign_in_user',
    { tenant: 'acme', connection: 'crm', user: 'ada@acme.com', method: 'api_key', values: { api_key: 'k' } },
  ],
  [
    'DELETE',
    '/v1/connections/crm/users/ada%40acme.com?tenant=acme',
    undefined,
    200,
    'sign_out_user',
    { tenant: 'acme', connection: 'crm', user: 'ada@acme.com' },
  ],
  ['GET', '/v1/agent-keys?tenant=acme', undefined, 200, 'list_agent_keys', { tenant: 'acme' }],
  [
    'POST',
    '/v1/agent-keys',
    { tenant: 'acme', agent: 'desk' },
    201,
    'create_agent_key',
    { tenant: 'acme', agent: 'desk', label: '', expiresInDays: null },
  ],
  [
    'POST',
    '/v1/agent-keys/0a1b/rotate',
    { tenant: 'acme' },
    201,
    'rotate_agent_key',
    { tenant: 'acme', id: '0a1b', overlapHours: 24 },
  ],
  ['DELETE', '/v1/agent-keys/0a1b?tenant=acme', undefined, 200, 'end_agent_key', { tenant: 'acme', id: '0a1b' }],
  ['POST', '/v1/operators/ada/sign-out', {}, 200, 'sign_out_operator', { name: 'ada' }],
])('%s %s reaches its use case, for operators only', async (...of) => {
  const [method, path, body, status, use, request] = of;
  api.done.length = 0;
  for (const bearer of ['full', 'nobody']) expect((await call(method, path, body, bearer)).status).toBe(401);
  expect(api.done).toEqual([]);
  const response = await call(method, path, body);
  expect(response.status).toBe(status);
  expect(api.done).toEqual([{ use, request }]);
});

it('refuses what has another shape, without repeating values', async () => {
  api.done.length = 0;
  const wrong = await call('POST', '/v1/connections/crm/users/ada', {
    tenant: 'acme',
    method: 'm',
    values: { k: 7, s: 'canary-3d' },
  });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).not.toContain('canary');
  expect((await call('POST', '/v1/vault/rotate', { after: -1 })).status).toBe(400);
  expect((await call('GET', '/v1/connections/crm/users')).status).toBe(400);
  expect(api.done).toEqual([]);
});
