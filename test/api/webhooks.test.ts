import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApi, type TestApi } from './fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const hook = (address: string, body: string): Promise<Response> =>
  fetch(`${api.url}/hooks/${address}`, { method: 'POST', body });
const ask = (key: string, body: unknown): Promise<Response> =>
  fetch(`${api.url}/v1/connections/support/webhook`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it('H5: says the same of an address that nobody has and of one that nobody could have', async () => {
  const answers = await Promise.all([hook('x'.repeat(43), '{}'), hook('guess', '{}')]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { code: string; message: string }[];
  expect(bodies.map(({ code }) => code)).toEqual(['not_found', 'not_found']);
  expect(bodies[0]?.message).toBe(bodies[1]?.message);
});

it('H4: does not read a body of more than a megabyte', async () => {
  expect((await hook('x'.repeat(43), 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
});

it('tells the address to operators only, and takes no short secret', async () => {
  expect((await ask('full', { tenant: 'acme' })).status).toBe(401);
  expect((await ask('root', { tenant: 'acme', secret: 'short' })).status).toBe(400);
  expect((await ask('root', { tenant: 'acme' })).status).toBe(200);
});
