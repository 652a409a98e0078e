import { armCrashPoints, tenantId } from '../../src/kernel/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { createWrites, startWriteWorker } from '../../src/write/index.ts';
import { allow, stageDeps } from './stage.ts';
import type { LedgerSettings } from './ledger-writes.ts';

/** What a process is told, as JSON in its first argument. */
export interface WriteOrder {
  readonly databaseUrl: string;
  readonly settings: LedgerSettings;
  /** Absent: the usual one. */
  readonly leaseMs?: number;
  /** At this passage of the point it ends, or stands still until it is continued; null: it goes on. */
  readonly crash: { readonly at: string; readonly hit: number; readonly signal: 'SIGKILL' | 'SIGSTOP' } | null;
  /** A plan that it commits; null: it works. */
  readonly commit: { readonly tenant: number; readonly plan: string } | null;
}

/** A worker, or somebody who commits, in a process of its own. It says `ready`, and `committed` with the answer. */
async function main(order: WriteOrder): Promise<void> {
  const db = await openPostgres({ connectionString: order.databaseUrl, connectionsMax: 6 });
  const deps = stageDeps(
    { db, settings: order.settings, ...(order.leaseMs === undefined ? {} : { more: { leaseMs: order.leaseMs } }) },
    { onEvent: () => undefined, decide: () => allow, unwritable: new Map() },
  );
  const { crash, commit } = order;
  let passed = 0;
  if (crash !== null) {
    armCrashPoints((point) => {
      if (point === crash.at && (passed += 1) === crash.hit) process.kill(process.pid, crash.signal);
    });
  }
  if (commit !== null) {
    const who = { kind: 'agent', agent: 'clerk', principal: null } as const;
    const { state } = await createWrites(deps).commit(tenantId(commit.tenant), commit.plan, who);
    process.stdout.write(`committed ${state}\n`);
    process.exit(0);
  }
  startWriteWorker(deps, `process-${String(process.pid)}`);
  process.stdout.write('ready\n');
}

await main(JSON.parse(process.argv[2] ?? '') as WriteOrder);
