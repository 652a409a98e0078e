import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { json2, startErp } from './client.ts';

let erp: TestSandbox;
beforeAll(async () => {
  erp = await startErp();
});
afterAll(() => erp.stop());

/** A user's name is its partner's, and users are sorted by it unless the caller says otherwise (`res.users._order`). */
it('lists users in the order of their partners’ names', async () => {
  const context = { active_test: false };
  const { status, body } = await json2(erp, 'res.users/search_read', { domain: [], fields: ['name'], context });
  expect(status).toBe(200);
  const names = body.map((user) => String(user['name']));
  expect(names.length).toBeGreaterThan(5);
  expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
  expect((await json2<number>(erp, 'res.users/search_count', { domain: [], context })).body).toBe(names.length);
});
