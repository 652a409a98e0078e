import { recordConnectionEvent, type ConnectionDeps, type ConnectionEvent } from '../connection/index.ts';
import { GantryError, limits, type ConnectionId, type ErrorCode, type Random, type TenantId } from '../kernel/index.ts';
import { readConnection } from '../store/index.ts';
import { startSyncWorker, type RunReport, type SyncDeps, type SyncTarget } from '../sync/index.ts';
import type { Discoverer } from './discoverer.ts';
import { followEventLines, wantEventLine } from './event-lines.ts';
import type { EventSink } from './events.ts';
import { startHousekeeping } from './housekeeping.ts';
import { startSignInKeeper } from './sign-in-keeper.ts';
import type { Targets } from './targets.ts';
import { emptyInboxes } from './webhooks.ts';

export interface WorkerRoleDeps {
  readonly sync: SyncDeps;
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly random: Random;
  /** By integration name: see `Config.eventsUrls`. */
  readonly eventsUrls: ReadonlyMap<string, string>;
  readonly discoverer: Discoverer;
  /** Days that earlier versions of records are kept. */
  readonly keepDays: () => Promise<number>;
  readonly emit: EventSink;
}

/** Syncs what is due, keeps the health of connections, and removes what is too old. */
export function createWorkerRole(deps: WorkerRoleDeps): { start(): void; wake(): void; stop(): Promise<void> } {
  const name = `worker-${Buffer.from(deps.random.bytes(6)).toString('hex')}`;
  let worker: ReturnType<typeof startSyncWorker> | null = null;
  let lines: ReturnType<typeof followEventLines> | null = null;
  let inboxes: ReturnType<typeof emptyInboxes> | null = null;
  let housekeeping: ReturnType<typeof startHousekeeping> | null = null;
  let signIns: ReturnType<typeof startSignInKeeper> | null = null;
  return {
    start: () => {
      housekeeping ??= startHousekeeping({ ...deps.sync, keepDays: deps.keepDays, emit: deps.emit });
      signIns ??= startSignInKeeper(deps);
      worker ??= startSyncWorker({
        ...deps.sync,
        name,
        concurrency: limits.syncConcurrency,
        prepare: (tenant) => deps.discoverer.prepare(tenant),
        targetOf: (tenant, stream) => deps.targets.ofConnection(tenant, stream.connection),
        onRun: async (target, report) => {
          await recordHealth(deps.connection, target, report);
          const connected = await deps.targets.ofConnection(target.tenant, target.connection);
          if (connected !== null) await wantEventLine(deps.sync, connected);
        },
      });
      inboxes ??= emptyInboxes(deps, { name, wakeSync: () => worker?.wake() });
      lines ??= followEventLines({ ...deps, wakeSync: () => worker?.wake() }, name);
    },
    wake: () => worker?.wake(),
    stop: async () => {
      await housekeeping?.stop();
      await signIns?.stop();
      await lines?.stop();
      await inboxes?.stop();
      await worker?.stop();
    },
  };
}

/** Until the run ends well again: by then the provider has let us go on. */
export async function recordLimited(deps: ConnectionDeps, tenant: TenantId, connection: ConnectionId): Promise<void> {
  const error = new GantryError('upstream_rate_limited', {
    message: 'The provider limits calls; the sync waits and goes on by itself.',
  }).toBody();
  const events = await deps.db
    .tenantTx(
      tenant,
      (tx) => recordConnectionEvent(tx, { tenant, connection, event: 'call_failed', error }),
      'connection.record_limited',
    )
    .catch(() => []);
  for (const each of events) deps.onEvent(each);
}

/**
 * What a run says of its connection. An object that cannot be read says
 * something of that object only; it stands beside it (status.ts).
 */
async function recordHealth(deps: ConnectionDeps, target: SyncTarget, report: RunReport): Promise<void> {
  const { tenant, connection } = target;
  const { error, startedAt } = report;
  const events = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const row = await readConnection(tx, tenant, connection);
      const event = healthEvent(error?.code ?? null, row !== null && startedAt > row.updatedAt);
      // What a run with the grant of before found says nothing about the present one.
      const isOfBefore = row !== null && row.consentedAt !== null && startedAt < row.consentedAt;
      if (event === null || (event === 'grant_ended' && isOfBefore)) return [];
      return recordConnectionEvent(tx, {
        tenant,
        connection,
        event,
        ...(error === null ? {} : { error: error.toBody() }),
      });
    },
    'connection.record_health',
  );
  for (const each of events) deps.onEvent(each);
}

/** `sinceChange`: the run began after the connection's state last changed. */
function healthEvent(code: ErrorCode | null, sinceChange: boolean): ConnectionEvent | null {
  switch (code) {
    case null:
      return sinceChange ? 'grant_proven' : 'call_succeeded';
    case 'upstream_unavailable':
    case 'upstream_rate_limited':
    case 'upstream_malformed':
      return 'call_failed';
    case 'connection_reauth_required':
      return 'grant_ended';
    default:
      return null;
  }
}
