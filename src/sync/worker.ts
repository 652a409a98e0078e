import { limits, type TenantId } from '../kernel/index.ts';
import { claimDue, listTenants, type StreamRow } from '../store/index.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { runStream, type RunReport } from './run-stream.ts';

export interface WorkerOptions extends SyncDeps {
  /** Unique per process: names the lease holder. */
  readonly name: string;
  /**
   * Called for each tenant in each round: makes streams that should be there,
   * beside the runs under way. True where it made some.
   */
  readonly prepare: (tenant: TenantId) => Promise<boolean>;
  /** The connection behind a stream; null while it cannot be read (no sign-in, no manifest). */
  readonly targetOf: (tenant: TenantId, stream: StreamRow) => Promise<SyncTarget | null>;
  /** Told after every run, with its outcome: the connection's health follows from it. */
  readonly onRun: (target: SyncTarget, report: RunReport) => Promise<void>;
  /** Streams at once. */
  readonly concurrency: number;
}

export interface SyncWorker {
  /** Something became due: look now instead of at the next poll. */
  wake(): void;
  /** Lets the pages under way commit, then stops. */
  stop(): Promise<void>;
}

/**
 * Claims due streams, tenant by tenant, and runs them. Any number of workers
 * in any number of processes: leases in the database keep them apart.
 */
export function startSyncWorker(options: WorkerOptions): SyncWorker {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const preparing = new Set<Promise<void>>();
  let wakeUp: (() => void) | null = null;
  let woken = false;

  const rest = async (): Promise<void> => {
    if (woken || stopping.signal.aborted) return;
    const poll = new AbortController();
    wakeUp = () => poll.abort(new Error('woken'));
    await options.clock.sleep(limits.syncPollMs, poll.signal).catch(() => undefined);
    wakeUp = null;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      await claimRound(options, { running, preparing }, stopping.signal, wake).catch((error: unknown) => {
        options.onEvent({ kind: 'sync_poll_failed', cause: error });
      });
      await rest();
    }
  };

  const wake = (): void => {
    woken = true;
    wakeUp?.();
  };
  const looping = loop();
  return {
    wake,
    stop: async () => {
      stopping.abort(new Error('the worker stops'));
      wake();
      await looping;
      await Promise.all([...running, ...preparing]);
    },
  };
}

async function claimRound(
  options: WorkerOptions,
  { running, preparing }: { readonly running: Set<Promise<void>>; readonly preparing: Set<Promise<void>> },
  signal: AbortSignal,
  onFree: () => void,
): Promise<void> {
  for (const { id: tenant } of await listTenants(options.db)) {
    prepareBeside(options, tenant, preparing, onFree);
    const limit = options.concurrency - running.size;
    if (limit <= 0 || signal.aborted) return;
    const claimed = await options.db.tenantTx(
      tenant,
      (tx) => claimDue(tx, { tenant, worker: options.name, leaseMs: limits.streamLeaseMs, limit }),
      'sync.claim',
    );
    for (const stream of claimed) {
      const run = runClaimed(options, tenant, stream, signal).finally(() => {
        running.delete(run);
        onFree();
      });
      running.add(run);
    }
  }
}

/** Discovery asks a provider many things; other tenants' streams do not wait for it. */
function prepareBeside(
  options: WorkerOptions,
  tenant: TenantId,
  preparing: Set<Promise<void>>,
  onMade: () => void,
): void {
  const work = async (): Promise<void> => {
    try {
      if (await options.prepare(tenant)) onMade();
    } catch (error) {
      options.onEvent({ kind: 'sync_poll_failed', cause: error });
    }
  };
  const one = work().finally(() => preparing.delete(one));
  preparing.add(one);
}

async function runClaimed(
  options: WorkerOptions,
  tenant: TenantId,
  stream: StreamRow,
  signal: AbortSignal,
): Promise<void> {
  try {
    const target = await options.targetOf(tenant, stream);
    // Left leased: the lease's end is the time of the next look.
    if (target === null) return;
    const report = await runStream(options, target, stream, options.name, signal);
    await options.onRun(target, report);
  } catch (error) {
    options.onEvent({ kind: 'sync_poll_failed', cause: error });
  }
}
