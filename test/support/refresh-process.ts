import { once } from 'node:events';
import { providerAccess } from '../../src/connection/index.ts';
import {
  armCrashPoints,
  connectionId,
  systemClock,
  systemRandom,
  tenantId,
  toGantryError,
} from '../../src/kernel/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { tokenConnector } from './token-connector.ts';

/** What a process is told, as JSON in its first argument. */
export interface RefreshOrder {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly tenant: number;
  readonly connection: number;
  readonly loginUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** The generation that its call was refused with. */
  readonly generation: number;
  /** Dies by SIGKILL there. */
  readonly crashAt?: string;
}

/** One process of many that found the same token expired: opens the store, waits for the word, renews, tells. */
async function main(order: RefreshOrder): Promise<void> {
  const db = await openPostgres({ connectionString: order.databaseUrl, connectionsMax: 3 });
  const vault = createVault({ masterKey: Buffer.from(order.masterKey, 'hex'), random: systemRandom });
  const access = providerAccess(
    { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined },
    {
      tenant: tenantId(order.tenant),
      connection: connectionId(order.connection),
      slug: 'crm',
      integration: 'crm',
      apiUrl: order.loginUrl,
      connector: tokenConnector(),
      app: { clientId: order.client.id, clientSecret: order.client.secret, loginUrl: order.loginUrl },
    },
  );
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  if (order.crashAt !== undefined) {
    armCrashPoints((point) => {
      if (point === order.crashAt) process.kill(process.pid, 'SIGKILL');
    });
  }
  const said = await access.renew(order.generation).catch((error: unknown) => toGantryError(error).toBody());
  process.stdout.write(`${JSON.stringify(said)}\n`);
  await db.close();
}

await main(JSON.parse(process.argv[2] ?? '') as RefreshOrder);
process.exit(0);
