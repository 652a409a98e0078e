import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTenant } from '../../src/app/index.ts';
import { GantryError, limits, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, listBudgets, type Db } from '../../src/store/index.ts';
import type { ConnectionBudget } from '../../src/budget/index.ts';
import { json, reset, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';
import { describeEachStore } from '../support/stores.ts';
import { client, crm, minute, testBudgets, type TestBudgets } from './fixture.ts';

const ok = json({ fine: true });

async function failure(promise: Promise<unknown>): Promise<GantryError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw new Error(`expected a GantryError, got ${String(error)}`);
  return error;
}

describeEachStore('calls through the gate', (open) => {
  let db: Db;
  let tenant: TenantId;
  let connection: ConnectionId;
  let server: ScriptServer | null = null;
  let all: TestBudgets[] = [];
  let account = 0;

  beforeAll(async () => {
    db = await open();
    tenant = await createTenant(db, 'acme');
  });
  beforeEach(async () => {
    account += 1;
    connection = await db.tenantTx(tenant, (tx) =>
      addConnection(tx, {
        tenant,
        slug: `crm${String(account)}`,
        integration: 'crm',
        provider: 'example',
        state: 'working',
      }),
    );
  });
  afterEach(async () => {
    for (const budgets of all) await budgets.close();
    all = [];
    await server?.stop();
    server = null;
  });

  const start = async (...answers: Answer[]): Promise<string> => {
    server = await scriptServer(...answers);
    return server.url;
  };
  const asked = (): number => server?.requests.length ?? 0;
  const process = async (): Promise<TestBudgets> => {
    const budgets = await testBudgets(db);
    all.push(budgets);
    return budgets;
  };
  const own = (more: Partial<ConnectionBudget> = {}): ConnectionBudget =>
    crm({
      tenant,
      connection,
      accountId: `account-${String(account)}`,
      apiUrl: server?.url ?? 'https://nobody.example.com',
      ...more,
    });
  const settled = (budgets: TestBudgets, kind: string): Promise<void> =>
    vi.waitFor(() => expect(budgets.events.map((event) => event.kind)).toContain(kind), { timeout: 120_000 });

  describe('the budget', () => {
    it('refuses before the provider would, with the time of the next try (row S12)', async () => {
      const url = await start(ok);
      const few = own({ rateLimits: { windows: [{ ...minute, calls: 5, reserve: 0 }], concurrent: null } });
      const call = client(await process(), url, { of: few });
      for (let at = 0; at < 5; at += 1) await call({ path: '/a' });
      const error = await failure(call({ path: '/a' }));
      expect(error).toMatchObject({ code: 'upstream_rate_limited', details: { data: { limit: 'minute' } } });
      expect(error.details.retryAt?.getTime()).toBeGreaterThan(Date.now() + 30_000);
      expect(asked()).toBe(5);
    });

    it('is one for two tenants of one account, and another one for another account', async () => {
      const url = await start(ok);
      const budgets = await process();
      const rateLimits = { windows: [{ ...minute, calls: 2, reserve: 0 }], concurrent: null };
      const neighbour = await createTenant(db, `neighbour-${String(account)}`);
      const one = client(budgets, url, { of: own({ rateLimits }) });
      const other = client(budgets, url, { of: own({ rateLimits, tenant: neighbour }) });
      await one({ path: '/a' });
      await other({ path: '/a' });
      expect((await failure(one({ path: '/a' }))).code).toBe('upstream_rate_limited');
      expect((await failure(other({ path: '/a' }))).code).toBe('upstream_rate_limited');
      const elsewhere = client(budgets, url, { of: own({ rateLimits, accountId: `else-${String(account)}` }) });
      await elsewhere({ path: '/a' });
      expect(asked()).toBe(3);
    });

    it('is not touched by a server elsewhere that gives itself the same account (rows S12, H5)', async () => {
      const forged = await scriptServer(json({}, 429, { 'retry-after': '86400' }));
      try {
        const url = await start(ok);
        const budgets = await process();
        const stranger = await createTenant(db, `stranger-${String(account)}`);
        const refused = client(budgets, forged.url, { of: own({ tenant: stranger }) });
        expect((await failure(refused({ path: '/a' }))).code).toBe('upstream_rate_limited');
        await settled(budgets, 'budget_blocked');
        await client(budgets, url, { of: own() })({ path: '/a' });
        await client(await process(), url, { of: own() })({ path: '/a' });
        expect(asked()).toBe(2);
      } finally {
        await forged.stop();
      }
    });

    it('sends background work away that would wait for long, while an agent waits as long as its call may (rows S12, X5)', async () => {
      const url = await start(ok);
      const rateLimits = { windows: [{ ...minute, calls: 2, reserve: 0.5 }], concurrent: null };
      const budgets = await process();
      const sync = client(budgets, url, { of: own({ rateLimits }), deadlineMs: 300_000 });
      await sync({ path: '/a' });
      const error = await failure(sync({ path: '/a' }));
      expect(error).toMatchObject({ code: 'upstream_rate_limited', details: { data: { class: 'budget' } } });
      expect(error.details.retryAt).toBeInstanceOf(Date);
      await client(budgets, url, { of: own({ rateLimits }), purpose: 'interactive' })({ path: '/a' });
      expect(asked()).toBe(2);
    });

    it('counts calls with a limit of their own under both', async () => {
      const url = await start(ok);
      const exports = { ...minute, name: 'exports', calls: 1, reserve: 0, common: false, read: false };
      const call = client(await process(), url, {
        of: own({ rateLimits: { windows: [minute, exports], concurrent: null } }),
      });
      await call({ path: '/exports/tickets' });
      expect((await failure(call({ path: '/exports/users' }))).details.data).toMatchObject({ limit: 'exports' });
      await call({ path: '/things' });
      const rows = await listBudgets(db, [`example:${new URL(url).host}:account-${String(account)}`]);
      expect(rows.map(({ name }) => name).toSorted()).toEqual(['exports', 'minute']);
    });

    it("hears from the answer's headers what others have used", async () => {
      const left = (remaining: string): Answer =>
        json({}, 200, { 'x-limit': '100', 'x-remaining': remaining, 'x-reset': '50' });
      const url = await start(left('100'), left('90'), left('2'), left('1'), left('0'));
      const call = client(await process(), url, { of: own(), purpose: 'interactive' });
      // Each question is its own: equal ones would be asked once.
      const paths = ['/a', '/b', '/c', '/d', '/e'];
      for (const path of paths) await call({ path });
      const error = await failure(call({ path: '/f' }));
      expect(error.code).toBe('upstream_rate_limited');
      expect(asked()).toBe(paths.length);
    });

    it('calls nobody after a refusal before the provider allows it, in no process (I8)', async () => {
      const url = await start(json({}, 429, { 'retry-after': '20' }), ok);
      const [first, second] = [await process(), await process()];
      expect((await failure(client(first, url, { of: own() })({ path: '/a' }))).code).toBe('upstream_rate_limited');
      await settled(first, 'budget_blocked');
      for (const budgets of [first, second]) {
        for (const purpose of ['background', 'interactive'] as const) {
          const error = await failure(client(budgets, url, { of: own(), purpose })({ path: '/a' }));
          expect(error.code).toBe('upstream_rate_limited');
          expect(error.details.retryAt?.getTime()).toBeGreaterThan(Date.now() + 10_000);
        }
      }
      expect(asked()).toBe(1);
    });

    it('stops calls that a process was allotted already when another one is refused', async () => {
      const url = await start(ok, json({}, 429, { 'retry-after': '20' }), ok);
      const [first, second] = [await process(), await process()];
      const call = client(first, url, { of: own() });
      await call({ path: '/a' });
      await failure(client(second, url, { of: own() })({ path: '/a' }));
      await settled(second, 'budget_blocked');
      await vi.waitFor(async () => expect((await failure(call({ path: '/a' }))).code).toBe('upstream_rate_limited'), {
        timeout: 120_000,
      });
    });

    it('waits as short as it may: the call goes on by itself within its deadline', async () => {
      const url = await start(json({}, 429, { 'retry-after': '1' }), ok);
      const call = client(await process(), url, { of: own(), deadlineMs: 20_000 });
      const from = performance.now();
      await call({ path: '/a' });
      expect(performance.now() - from).toBeGreaterThanOrEqual(950);
      expect(asked()).toBe(2);
    });

    it('reports use, and warns before everything is used up', async () => {
      const url = await start(ok);
      const budgets = await process();
      const of = own({ rateLimits: { windows: [{ ...minute, calls: 10, reserve: 0 }], concurrent: null } });
      const call = client(budgets, url, { of });
      for (let at = 0; at < 9; at += 1) await call({ path: '/a' });
      expect(budgets.events).toContainEqual(expect.objectContaining({ kind: 'budget_running_out', limit: 'minute' }));
      const [report] = await budgets.report([of]);
      expect(report).toMatchObject({ provider: 'example', limit: 'minute', calls: 10, reserve: 0 });
      expect(report?.used).toBeGreaterThanOrEqual(9);
      expect(report?.exhaustedAt).not.toBe(null);
    });
  });

  describe('bursts', () => {
    it('ask equal questions of callers who wait once', async () => {
      const url = await start(ok);
      const call = client(await process(), url, { of: own(), purpose: 'interactive' });
      await Promise.all([1, 2, 3].map(() => call({ path: '/a', query: { b: 'c' } })));
      await call({ path: '/a', query: { b: 'c' } });
      await call({ path: '/a', query: { b: 'd' } });
      expect(asked()).toBe(2);
    });

    it('ask again when the answer was an error, and always in the background', async () => {
      const url = await start(json({}, 404), ok);
      const budgets = await process();
      const call = client(budgets, url, { of: own(), purpose: 'interactive' });
      await failure(call({ path: '/a' }));
      await call({ path: '/a' });
      const steady = client(budgets, url, { of: own() });
      await Promise.all([steady({ path: '/a' }), steady({ path: '/a' })]);
      expect(asked()).toBe(4);
    });
  });

  it('of a connection that hangs lend their places to another one of the account, not to its own next ones', async () => {
    let release: (() => void) | null = null;
    const url = await start((request, response, body) => {
      if (request.url !== '/hangs') return ok(request, response, body);
      release = () => ok(request, response, body);
    });
    const budgets = await process();
    const of = own({ rateLimits: { windows: [{ ...minute, reserve: 0 }], concurrent: 1 } });
    const neighbour = await db.tenantTx(tenant, (tx) =>
      addConnection(tx, { tenant, slug: 'shares-places', integration: 'crm', provider: 'example', state: 'working' }),
    );
    const call = client(budgets, url, { of, deadlineMs: 60_000 });
    const hanging = call({ path: '/hangs' });
    await vi.waitFor(() => expect(asked()).toBe(1), { timeout: 120_000 });
    const next = call({ path: '/next' });
    const others = client(budgets, url, { of: { ...of, connection: neighbour }, deadlineMs: 60_000 })({
      path: '/others',
    });
    budgets.skipMs += limits.circuitHangMs;
    await others;
    expect(server?.requests.slice(0, 2).map((request) => request.url)).toEqual(['/hangs', '/others']);
    (release as unknown as () => void)();
    await Promise.all([hanging, next]);
    expect(asked()).toBe(3);
  });

  describe('the circuit', () => {
    const opened = async (url: string, budgets: TestBudgets): Promise<void> => {
      const call = client(budgets, url, { of: own() });
      for (let at = 0; at < limits.circuitFailures; at += 1) await failure(call({ path: '/a' }));
      await settled(budgets, 'circuit_changed');
    };
    const pauseOver = async (): Promise<void> => {
      await db.tenantTx(tenant, (tx) =>
        tx.query('update circuit set retry_at = $3 where tenant = $1 and connection = $2', [
          tenant,
          connection,
          tx.now,
        ]),
      );
      for (const budgets of all) budgets.skipMs += limits.circuitPauseMaxMs;
    };

    it('opens after failures in a row, for all processes, and says when it is tried again', async () => {
      const url = await start(reset);
      const [first, second] = [await process(), await process()];
      await opened(url, first);
      const before = asked();
      for (const budgets of [first, second]) {
        const error = await failure(client(budgets, url, { of: own(), purpose: 'interactive' })({ path: '/a' }));
        expect(error).toMatchObject({ code: 'upstream_unavailable', details: { data: { class: 'circuit_open' } } });
        expect(error.details.retryAt).toBeInstanceOf(Date);
      }
      expect(asked()).toBe(before);
    });

    it('lets exactly one call through to try, whatever the number of processes, and closes when it is answered', async () => {
      let answer: (() => void) | null = null;
      const failing = Array.from({ length: limits.circuitFailures }, () => reset);
      const url = await start(
        ...failing,
        (request, response, body) => {
          answer = () => ok(request, response, body);
        },
        ok,
      );
      const processes = [await process(), await process(), await process()];
      await opened(url, processes[0] as TestBudgets);
      await pauseOver();
      const before = asked();
      const calls = processes.flatMap((budgets) =>
        [1, 2].map(() => client(budgets, url, { of: own(), deadlineMs: 20_000 })({ path: '/a' })),
      );
      let refused = 0;
      const ends = Promise.allSettled(
        calls.map((one) =>
          one.catch((error: unknown) => {
            refused += 1;
            throw error;
          }),
        ),
      );
      // All but the one that tries are refused meanwhile.
      await vi.waitFor(() => expect([answer !== null, refused]).toEqual([true, calls.length - 1]), {
        timeout: 120_000,
      });
      expect(asked()).toBe(before + 1);
      (answer as unknown as () => void)();
      const states = (await ends).map(({ status }) => status);
      expect(states.filter((status) => status === 'fulfilled')).toHaveLength(1);
      expect(asked()).toBe(before + 1);
      await vi.waitFor(
        async () => {
          for (const budgets of processes) await client(budgets, url, { of: own() })({ path: '/a' });
        },
        { timeout: 120_000 },
      );
    });

    it('opens again when the trial fails, for longer', async () => {
      const url = await start(reset);
      const budgets = await process();
      await opened(url, budgets);
      await pauseOver();
      await failure(client(budgets, url, { of: own(), deadlineMs: 50 })({ path: '/a' }));
      await vi.waitFor(
        () => {
          const changes = budgets.events.flatMap((event) => (event.kind === 'circuit_changed' ? [event.to] : []));
          expect(changes).toEqual(['open', 'half_open', 'open']);
        },
        { timeout: 120_000 },
      );
      expect((await failure(client(budgets, url, { of: own() })({ path: '/a' }))).code).toBe('upstream_unavailable');
    });

    it('does not count answers that say no', async () => {
      const url = await start(json({}, 404));
      const call = client(await process(), url, { of: own() });
      for (let at = 0; at < 8; at += 1) await failure(call({ path: '/a' }));
      expect(asked()).toBe(8);
    });
  });
});
