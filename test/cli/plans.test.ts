import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/all-commands.ts';
import { startApi, type TestApi } from '../api/fixture.ts';

/** What the commands ask of the server, over HTTP, as its routes understand it. */
describe('commands about plans of writes', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const gantry = async (name: string, args: readonly string[], key = 'operator') => {
    const lines: string[] = [];
    const command = commands.find((each) => each.name === name);
    const code = await command?.run({
      args,
      env: { GANTRY_PUBLIC_URL: api.url, GANTRY_OPERATOR_KEY: key },
      out: (line) => lines.push(line),
      untilAsked: async () => undefined,
    });
    return { code, lines };
  };

  it.each([
    [
      'plans withdraw',
      ['plan_1', '--tenant', 'acme', '--reason', 'too early'],
      { use: 'withdraw_write_plan', request: { tenant: 'acme', plan: 'plan_1', reason: 'too early' } },
    ],
    [
      'plans settle',
      ['plan_1', '3', '--tenant', 'acme', '--word', 'applied', '--record', '0015'],
      {
        use: 'settle_write',
        request: { tenant: 'acme', plan: 'plan_1', item: 3, word: 'applied', record: '0015', reason: null },
      },
    ],
    [
      'plans take-back',
      ['plan_1', '2', '--tenant', 'acme', '--word', 'leave', '--reason', 'they keep it'],
      {
        use: 'settle_take_back',
        request: { tenant: 'acme', plan: 'plan_1', step: 2, word: 'leave', reason: 'they keep it' },
      },
    ],
    [
      'dead-writes',
      ['--tenant', 'acme', '--days', '7', '--json'],
      { use: 'list_dead_writes', request: { tenant: 'acme', days: 7, limit: 100 } },
    ],
  ])('gantry %s %s', async (name, args, asked) => {
    api.done.length = 0;
    expect((await gantry(name, args)).code).toBe(0);
    expect(api.done).toEqual([asked]);
  });

  it.each([
    ['plans take-back', ['plan_1', '2', '--tenant', 'acme', '--word', 'go on'], 'bad_request'],
    ['plans take-back', ['plan_1', '--tenant', 'acme', '--word', 'again'], 'bad_request'],
    ['plans settle', ['plan_1', '3', '--tenant', 'acme', '--word', 'done'], 'bad_request'],
    ['dead-writes', ['--tenant', 'acme', '--days', '0'], 'bad_request'],
  ])('gantry %s %s is refused, and nothing is asked for', async (name, args, code) => {
    api.done.length = 0;
    await expect(gantry(name, args)).rejects.toMatchObject({ code });
    expect(api.done).toEqual([]);
  });

  it('are for operators, not for who only looks', async () => {
    api.done.length = 0;
    const asked = gantry('plans take-back', ['plan_1', '2', '--tenant', 'acme', '--word', 'again'], 'viewer');
    await expect(asked).rejects.toMatchObject({ code: 'role_required' });
    expect(api.done).toEqual([]);
  });
});
