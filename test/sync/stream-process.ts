import { connectorRegistry, requireConnector, type ProviderAccess } from '../../src/connectors/index.ts';
import {
  armCrashPoints,
  connectionId,
  streamId,
  systemClock,
  systemRandom,
  tenantId,
  toGantryError,
} from '../../src/kernel/index.ts';
import { claimDue, openPostgres } from '../../src/store/index.ts';
import { runStream } from '../../src/sync/index.ts';
import { integrationOf } from './harness.ts';

/** What a process is told, as JSON in its first argument. */
export interface StreamOrder {
  readonly databaseUrl: string;
  readonly provider: string;
  readonly tenant: number;
  readonly connection: number;
  readonly stream: number;
  readonly object: string;
  readonly apiUrl: string;
  readonly accessToken: string;
  /** Dies by SIGKILL at this passage of the point; null: lives. */
  readonly crash: { readonly at: string; readonly hit: number } | null;
}

/** A worker in a process of its own: claims one stream, reads it to its end, tells how that went. */
async function main(order: StreamOrder): Promise<void> {
  const db = await openPostgres({ connectionString: order.databaseUrl, connectionsMax: 3 });
  const tenant = tenantId(order.tenant);
  const token = { accessToken: order.accessToken, generation: 1 };
  const access: ProviderAccess = { apiUrl: order.apiUrl, token: async () => token, renew: async () => token };
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), order.provider);
  const worker = `process ${String(process.pid)}`;
  const [leased] = await db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker, leaseMs: 60_000, limit: 1 }));
  if (leased?.id !== streamId(order.stream)) throw new Error('the stream was not to be had');
  const { crash } = order;
  let passed = 0;
  if (crash !== null) {
    armCrashPoints((point) => {
      if (point === crash.at && (passed += 1) === crash.hit) process.kill(process.pid, 'SIGKILL');
    });
  }
  const deps = { db, clock: systemClock, onEvent: () => undefined, onSchemaChange: () => undefined };
  const target = {
    tenant,
    connection: connectionId(order.connection),
    slug: order.provider,
    integration: integrationOf(order.provider, [order.object]),
    session: connector.open(access),
  };
  const { error, pages, records } = await runStream(deps, target, leased, worker, new AbortController().signal);
  process.stdout.write(`${JSON.stringify({ error: error?.toBody() ?? null, pages, records })}\n`);
  await db.close();
}

try {
  await main(JSON.parse(process.argv[2] ?? '') as StreamOrder);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: toGantryError(error).toBody(), cause: String(error) })}\n`);
}
process.exit(0);
