import { randomBytes } from 'node:crypto';
import {
  createAlerts,
  startAlertWorker,
  type AlertDeps,
  type AlertFacts,
  type AlertLogEvent,
  type AlertWorker,
} from '../../src/alerts/index.ts';
import { recordConnectionEvent } from '../../src/connection/index.ts';
import { systemClock, systemRandom, type ConnectionId, type TenantId } from '../../src/kernel/index.ts';
import type { AlertRoute } from '../../src/manifest/index.ts';
import { addConnection, addTenant, openGlobalSwitches, type Db } from '../../src/store/index.ts';
import { checkReceiverUrl, createReceiverAgent } from '../../src/subscriptions/index.ts';

export const noFacts: AlertFacts = {
  titleOf: (name) => name,
  budgets: [],
  mappings: [],
  overlay: { why: undefined },
  webhooks: [],
  vault: { unreadable: 0, underOtherMaster: 0 },
};

export const route = (name: string, more: Partial<AlertRoute> = {}): AlertRoute => ({
  name,
  topics: ['*'],
  tenants: ['*'],
  severity: 'warning',
  to: { kind: 'webhook' },
  ...more,
});

export interface AlertWorld {
  readonly db: Db;
  readonly tenant: TenantId;
  readonly slug: string;
  readonly connection: ConnectionId;
  readonly deps: AlertDeps;
  readonly told: AlertLogEvent[];
  readonly alerts: ReturnType<typeof createAlerts>;
  readonly routes: Map<string, AlertRoute>;
  readonly urls: Map<string, string>;
  readonly secrets: Map<string, string>;
  /** What the rest of the program knows from now on. */
  facts(next: Partial<AlertFacts>): void;
  connectionIs(event: 'grant_ended' | 'consent_given'): Promise<void>;
  /** As if so much time had passed. */
  pass(ms: number): Promise<void>;
  work(name?: string): AlertWorker;
}

/** A tenant with a connection that works, in a database that is its own as far as alerts go. */
export async function openAlertWorld(db: Db, more: Partial<AlertDeps> = {}): Promise<AlertWorld> {
  const slug = `t${randomBytes(4).toString('hex')}`;
  const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
  const connection = await db.tenantTx(tenant, (tx) =>
    addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'sandbox', state: 'working' }),
  );
  const told: AlertLogEvent[] = [];
  const routes = new Map<string, AlertRoute>();
  const urls = new Map<string, string>();
  const secrets = new Map<string, string>();
  const box = { facts: noFacts };
  const rules = { toLoopback: true };
  const deps: AlertDeps = {
    db,
    clock: systemClock,
    random: systemRandom,
    onEvent: (event) => told.push(event),
    settings: async () => ({ remindMs: 3_600_000, routes }),
    slugOf: async () => slug,
    // Other suites' tenants in the same database are none of this world's.
    factsOf: async () => box.facts,
    installation: async () => ({
      embedded: true,
      durable: true,
      archived: true,
      unknownMigrations: [],
      switches: await db.read(openGlobalSwitches),
    }),
    targets: { urls, secrets, mail: null },
    checkUrl: (url) => checkReceiverUrl(url, rules),
    receivers: createReceiverAgent(rules),
    timeoutMs: 5_000,
    ...more,
  };
  return {
    db,
    tenant,
    slug,
    connection,
    deps,
    told,
    alerts: createAlerts(deps),
    routes,
    urls,
    secrets,
    facts: (next) => {
      box.facts = { ...box.facts, ...next };
    },
    connectionIs: async (event) => {
      await db.tenantTx(tenant, (tx) => recordConnectionEvent(tx, { tenant, connection, event }));
    },
    pass: async (ms) => {
      const by = [tenant, ms] as const;
      await db.query(
        `update alert set since = since - $2::float8 * interval '1 ms', noticed_at = noticed_at - $2::float8 * interval '1 ms',
           opened_at = opened_at - $2::float8 * interval '1 ms', gone_at = gone_at - $2::float8 * interval '1 ms',
           resolved_at = resolved_at - $2::float8 * interval '1 ms', remind_at = remind_at - $2::float8 * interval '1 ms'
         where tenant = $1`,
        by,
      );
      await db.query(
        `update alert_notice set due_at = due_at - $2::float8 * interval '1 ms',
           created_at = created_at - $2::float8 * interval '1 ms' where tenant = $1`,
        by,
      );
      await db.query('update alert_turn set due_at = now() where tenant = $1', [tenant]);
    },
    work: (name = `worker-${randomBytes(4).toString('hex')}`) => startAlertWorker(deps, name),
  };
}

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
