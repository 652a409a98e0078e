import { abortTogether, limits, numbered, startPolling, type ConnectionId, type TenantId } from '../kernel/index.ts';
import { claimDue, dueTenants, enrolTenants, type ClaimedStream } from '../store/index.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { runStream, type RunReport } from './run-stream.ts';

export interface WorkerOptions extends SyncDeps {
  /** Unique per process: what it claims it claims under this name and a number. */
  readonly name: string;
  /**
   * Called for each tenant that has, or may have, something to do: makes
   * streams that should be there, beside the runs under way. True where it made some.
   */
  readonly prepare: (tenant: TenantId) => Promise<boolean>;
  /** The connection behind a stream; null while it cannot be read (no sign-in, no manifest). */
  readonly targetOf: (tenant: TenantId, stream: ClaimedStream) => Promise<SyncTarget | null>;
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
 * Claims due streams and runs them. Any number of workers
 * in any number of processes: leases in the database keep them apart.
 */
export function startSyncWorker(options: WorkerOptions): SyncWorker {
  const running = new Set<Run>();
  const preparing = new Set<Promise<void>>();
  const holders = numbered(options.name);
  let enrolledMs = -Infinity;
  const polling = startPolling({
    clock: options.clock,
    everyMs: limits.syncPollMs,
    round: async ({ signal, wake }) => {
      if (options.clock.monotonicMs() - enrolledMs >= limits.tenantLookMs) {
        await options.db.tx((tx) => enrolTenants(tx), 'sync.enrol_tenants');
        enrolledMs = options.clock.monotonicMs();
      }
      await claimRound(options, { running, preparing, holders }, signal, wake);
    },
    onFailed: (cause) => options.onEvent({ kind: 'sync_poll_failed', cause }),
  });
  return {
    wake: polling.wake,
    stop: async () => {
      await polling.stop();
      await Promise.all([...[...running].map(({ ended }) => ended), ...preparing]);
    },
  };
}

interface Work {
  readonly running: Set<Run>;
  readonly preparing: Set<Promise<void>>;
  /** Another name for each claim. */
  readonly holders: () => string;
}

/** A stream that this process is reading. */
interface Run {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly ended: Promise<void>;
}

/**
 * Tenants take turns, one stream each, the one that waits longest first. With
 * nothing due a round is one statement, however many tenants there are.
 */
async function claimRound(options: WorkerOptions, work: Work, signal: AbortSignal, onFree: () => void): Promise<void> {
  let queue = await dueTenants(options.db, limits.dueTenantsMax);
  for (const tenant of queue) prepareBeside(options, tenant, work.preparing, onFree);
  while (queue.length > 0) {
    const again: TenantId[] = [];
    for (const tenant of queue) {
      if (options.concurrency - work.running.size <= 0 || signal.aborted) return;
      if (await claimOne(options, work, tenant, signal, onFree)) again.push(tenant);
    }
    queue = again;
  }
}

/** True where the tenant had a stream to claim: it may have another one. */
async function claimOne(
  options: WorkerOptions,
  { running, holders }: Work,
  tenant: TenantId,
  signal: AbortSignal,
  onFree: () => void,
): Promise<boolean> {
  const busy = busyConnections(running, tenant, options.concurrency);
  if (busy === 'all') return false;
  const worker = holders();
  const [stream] = await options.db.tenantTx(
    tenant,
    (tx) => claimDue(tx, { tenant, worker, leaseMs: limits.streamLeaseMs, limit: 1, busy }),
    'sync.claim',
  );
  if (stream === undefined) return false;
  const ended = runClaimed(options, { tenant, stream, worker }, signal).finally(() => {
    running.delete(run);
    onFree();
  });
  const run: Run = { tenant, connection: stream.connection, ended };
  running.add(run);
  return true;
}

/**
 * Connections of the tenant that have all the places that one may have; `all`
 * where the tenant has. A provider that hangs then costs its own customer only.
 */
function busyConnections(running: ReadonlySet<Run>, tenant: TenantId, concurrency: number): ConnectionId[] | 'all' {
  const own = [...running].filter((run) => run.tenant === tenant).map(({ connection }) => connection);
  if (own.length >= Math.max(1, Math.ceil(concurrency * limits.tenantShare))) return 'all';
  return [...new Set(own)].filter((id) => own.filter((other) => other === id).length >= limits.streamsPerConnection);
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
  { tenant, stream, worker }: { readonly tenant: TenantId; readonly stream: ClaimedStream; readonly worker: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    const target = await options.targetOf(tenant, stream);
    // Left leased: the lease's end is the time of the next look.
    if (target === null) return;
    const report = await runWhileAwaited(options, stream, signal, (each) =>
      runStream(options, target, stream, worker, each),
    );
    await options.onRun(target, report);
  } catch (error) {
    options.onEvent({ kind: 'sync_poll_failed', cause: error });
  }
}

/**
 * A run that somebody waits for ends, at the end of a page, when they have given
 * up; the rest is due at once and nobody's in particular. So a long reading
 * never takes the calls that are kept for those who wait.
 */
async function runWhileAwaited(
  { clock }: Pick<WorkerOptions, 'clock'>,
  { awaited }: ClaimedStream,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<RunReport>,
): Promise<RunReport> {
  if (!awaited) return run(signal);
  const ending = new AbortController();
  const over = new AbortController();
  const leave = abortTogether(ending, [signal]);
  clock.sleep(limits.minAsOfWaitMs, over.signal).then(
    () => ending.abort(new Error('nobody waits any more')),
    () => undefined,
  );
  try {
    return await run(ending.signal);
  } finally {
    leave();
    over.abort(new Error('the run has ended'));
  }
}
