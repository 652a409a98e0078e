import { armCrashPoints, systemClock } from '../../src/kernel/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { ownParts } from './erasure-parts.ts';

/** What a process is told, as JSON in its first argument. */
export interface ErasureOrder {
  readonly databaseUrl: string;
  readonly masterKey: string;
  readonly dir: string;
  /** Dies by SIGKILL at this passage of the point; null: lives. */
  readonly crash: { readonly at: string; readonly hit: number } | null;
}

/** A worker that does nothing but erase, until nothing is left to do. */
async function main(order: ErasureOrder): Promise<void> {
  const db = await openPostgres({ connectionString: order.databaseUrl, connectionsMax: 4 });
  const { crash } = order;
  let passed = 0;
  if (crash !== null) {
    armCrashPoints((point) => {
      if (point === crash.at && (passed += 1) === crash.hit) process.kill(process.pid, 'SIGKILL');
    });
  }
  const parts = ownParts(db, order.dir, Buffer.from(order.masterKey, 'hex'));
  parts.start();
  const waiting = `select (select count(*) from erasure_turn) + (select count(*) from offboarding where due_at is not null) as n`;
  while (Number((await db.query<{ n: number }>(waiting))[0]?.n) > 0) await systemClock.sleep(20);
  await parts.stop();
  await parts.lens.close();
  await db.close();
}

await main(JSON.parse(process.argv[2] ?? '') as ErasureOrder);
process.exit(0);
