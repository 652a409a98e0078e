import { createConnectionChores } from '../../src/app/connections/connection-chores.ts';
import { armCrashPoints, systemClock, systemRandom, tenantId } from '../../src/kernel/index.ts';
import { connectionChores, openPostgres } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { tokenConnector } from '../support/token-connector.ts';

/** What a process is told, as JSON in its first argument. */
export interface DeletionOrder {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly tenant: number;
  /** Dies by SIGKILL at this passage of the point; null: lives. */
  readonly crash: { readonly at: string; readonly hit: number } | null;
}

/** A worker that does nothing but the chores of connections, until its tenant has none left. */
async function main(order: DeletionOrder): Promise<void> {
  const db = await openPostgres({ connectionString: order.databaseUrl, connectionsMax: 3 });
  const tenant = tenantId(order.tenant);
  const vault = createVault({ masterKey: Buffer.from(order.masterKey, 'hex'), random: systemRandom });
  const { crash } = order;
  let passed = 0;
  if (crash !== null) {
    armCrashPoints((point) => {
      if (point === crash.at && (passed += 1) === crash.hit) process.kill(process.pid, 'SIGKILL');
    });
  }
  const chores = createConnectionChores({
    connection: { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined },
    targets: {
      connector: () => ({ connector: tokenConnector(), app: null }),
      ofConnection: async () => null,
    } as unknown as Parameters<typeof createConnectionChores>[0]['targets'],
    emit: () => undefined,
    beforeGrantEnds: async () => undefined,
    onGone: async () => undefined,
    onPurged: async () => undefined,
  });
  chores.start();
  while ((await connectionChores(db, tenant)).length > 0) await systemClock.sleep(20);
  await chores.stop();
  await db.close();
}

await main(JSON.parse(process.argv[2] ?? '') as DeletionOrder);
process.exit(0);
