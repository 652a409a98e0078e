import { createBudgets, type BudgetEvent, type Budgets, type ConnectionBudget } from '../../src/budget/index.ts';
import type { CallPurpose, RateLimit } from '../../src/connectors/index.ts';
import { httpClient, type HttpClient } from '../../src/connectors/kit/http-client.ts';
import { connectionId, systemClock, systemRandom, tenantId, type Clock } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';

export interface TestBudgets extends Budgets {
  readonly events: BudgetEvent[];
  /** The process's own clocks run ahead by this; the database's does not. */
  skipMs: number;
  readonly clock: Clock;
}

/** What one process has; several on one database are several processes to each other. */
export async function testBudgets(db: Db): Promise<TestBudgets> {
  const events: BudgetEvent[] = [];
  const clock: Clock = {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() + made.skipMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  };
  const budgets = createBudgets({ db, clock, random: systemRandom, onEvent: (event) => events.push(event) });
  const made: TestBudgets = { ...budgets, events, skipMs: 0, clock };
  const stop = await budgets.listen();
  return Object.assign(made, {
    close: async () => {
      await stop();
      await budgets.close();
    },
  });
}

export const minute: RateLimit = {
  name: 'minute',
  windowMs: 60_000,
  calls: 40,
  callsMax: 100,
  reserve: null,
  common: true,
  read: true,
};

export const crm = (more: Partial<ConnectionBudget> = {}): ConnectionBudget => ({
  tenant: tenantId(1),
  connection: connectionId(1),
  slug: 'crm',
  provider: 'example',
  accountId: 'acme',
  apiUrl: 'https://acme.example.com',
  rateLimits: { windows: [minute], concurrent: null },
  configured: new Map(),
  ...more,
});

/** The connectors' own client, with a gate of these budgets. */
export function client(
  budgets: TestBudgets,
  url: string,
  options: { of?: ConnectionBudget; purpose?: CallPurpose; deadlineMs?: number } = {},
): HttpClient {
  const { of = crm(), purpose = 'background', deadlineMs = 500 } = options;
  const dialect = {
    title: 'Example',
    headers: {},
    errors: [],
    waitHeaders: ['retry-after'],
    resetHeaders: [],
    limits: {
      paths: [{ limit: 'exports', begins: '/exports' }],
      reading: { limit: 'x-limit', remaining: 'x-remaining', resets: 'x-reset' },
    },
  };
  const access = {
    apiUrl: url,
    token: async () => ({ accessToken: 'token', generation: 1 }),
    renew: async () => ({ accessToken: 'token', generation: 2 }),
    purpose,
    gate: budgets.gate({ ...of, apiUrl: url }, purpose),
  };
  return httpClient(access, dialect, { clock: budgets.clock, random: systemRandom, deadlineMs });
}
