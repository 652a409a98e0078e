import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestSandbox } from '../support/sandbox.ts';
import { connect, startHelpDesk, type Answer, type ZendeskClient } from './client.ts';

const EXPORT = '/api/v2/incremental/tickets/cursor.json?start_time=0&per_page=1';

let sandbox: TestSandbox;
let client: ZendeskClient;
beforeAll(async () => {
  sandbox = await startHelpDesk();
  client = await connect(sandbox);
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.control('POST', 'limits', { plan: 'enterprise', highVolume: false });
  await sandbox.control('POST', 'clock', { advanceMs: 60_000 });
  if ((await client.get('/api/v2/tickets/count.json')).status === 401) client = await connect(sandbox);
});

/** Calls until one is refused; answers how many were let through and the refusal. */
async function untilRefused(path: string, most: number): Promise<{ passed: number; refusal: Answer }> {
  for (let passed = 0; passed <= most; passed += 1) {
    const answer = await client.get(path);
    if (answer.status === 429) return { passed, refusal: answer };
  }
  throw new Error(`${most} calls of ${path} and none was refused`);
}

describe('incremental exports', () => {
  it('are let through ten times a minute, and again after Retry-After', async () => {
    const first = await client.get(EXPORT);
    expect(first.headers.get('zendesk-ratelimit-incremental-exports')).toMatch(/^total=10; remaining=9; resets=\d+$/);
    const { passed, refusal } = await untilRefused(EXPORT, 20);
    expect(passed).toBe(9);
    expect(refusal.body['error']).toBe('TooManyRequests');
    const seconds = Number(refusal.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect((await client.get('/api/v2/tickets/count.json')).status).toBe(200);
    await sandbox.control('POST', 'clock', { advanceMs: seconds * 1000 });
    expect((await client.get(EXPORT)).status).toBe(200);
  });

  it('share one budget, and have thirty with the add-on', async () => {
    await sandbox.control('POST', 'limits', { highVolume: true });
    expect((await client.get('/api/v2/incremental/organizations.json?start_time=0&per_page=1')).status).toBe(200);
    expect((await untilRefused(EXPORT, 40)).passed).toBe(29);
  });
});

describe('the account', () => {
  it('has as many calls a minute as its plan, and says how many are left', async () => {
    await sandbox.control('POST', 'limits', { plan: 'team' });
    const answer = await client.get('/api/v2/tickets/count.json');
    expect(answer.headers.get('x-rate-limit')).toBe('200');
    expect(answer.headers.get('ratelimit-limit')).toBe('200');
    // One call was the preparation's.
    expect(answer.headers.get('x-rate-limit-remaining')).toBe('198');
    const { passed, refusal } = await untilRefused('/api/v2/tickets/count.json', 300);
    expect(passed).toBe(198);
    expect(refusal.body).toEqual({
      error: 'APIRateLimitExceeded',
      description: 'Number of allowed API requests per minute exceeded',
    });
    expect(refusal.headers.get('x-rate-limit-remaining')).toBe('0');
  });

  it('is an Enterprise plan unless told otherwise', async () => {
    expect((await client.get('/api/v2/tickets/count.json')).headers.get('x-rate-limit')).toBe('700');
  });

  it('refuses limits that do not exist', async () => {
    for (const limits of [{ plan: 'gold' }, { perHour: 3 }, { perMinute: -1 }, { highVolume: 'yes' }])
      await expect(sandbox.control('POST', 'limits', limits)).rejects.toThrow(/400/);
  });
});

describe('deep pages of tickets', () => {
  it('have fifty calls a minute', async () => {
    const { passed } = await untilRefused('/api/v2/tickets.json?per_page=1&page=501', 60);
    expect(passed).toBe(50);
  });
});

describe('the ledger', () => {
  it('holds every call, by whom, and none of the control calls', async () => {
    const before = await sandbox.control<{ total: number }>('GET', 'calls');
    await client.get('/api/v2/tickets/1.json?secret=1');
    await sandbox.control('POST', 'faults', { match: { path: '/api/v2/tickets/2.json' }, action: { status: 503 } });
    const failed = await client.get('/api/v2/tickets/2.json');
    expect(failed.status).toBe(503);
    expect(failed.body).toHaveProperty('error');
    const after = await sandbox.control<{ total: number }>('GET', 'calls');
    expect(after.total).toBe(before.total + 2);
    const { entries } = await sandbox.control<{ entries: readonly Record<string, unknown>[] }>(
      'GET',
      'ledger?limit=100000',
    );
    expect(entries.slice(-2)).toMatchObject([
      { kind: 'call', path: '/api/v2/tickets/1.json', status: 200, user: sandbox.health.users[0]?.username },
      { kind: 'call', path: '/api/v2/tickets/2.json', status: 503 },
    ]);
  });
});
