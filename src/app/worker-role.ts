import { recordConnectionEvent, type ConnectionDeps } from '../connection/index.ts';
import { GantryError, limits, type ConnectionId, type Random, type TenantId } from '../kernel/index.ts';
import { startSyncWorker, type SyncDeps } from '../sync/index.ts';
import type { Discoverer } from './sync/discoverer.ts';
import { followEventLines, wantEventLine } from './connections/event-lines.ts';
import type { EventSink } from './events.ts';
import { startHousekeeping } from './housekeeping.ts';
import { recordRunHealth } from './connections/run-health.ts';
import { startSignInKeeper } from './connections/sign-in-keeper.ts';
import type { Targets } from './sync/targets.ts';
import type { TenantManifests } from './project/tenant-manifests.ts';
import { keepWebhooks } from './webhooks/webhook-registrations.ts';
import { emptyInboxes } from './webhooks/webhooks.ts';

export interface WorkerRoleDeps {
  readonly sync: SyncDeps;
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly manifests: TenantManifests;
  /** What providers reach us by. */
  readonly publicUrl: string;
  readonly random: Random;
  /** By integration name: see `Config.eventsUrls`. */
  readonly eventsUrls: ReadonlyMap<string, string>;
  readonly discoverer: Discoverer;
  /** Days that earlier versions of records are kept. */
  readonly keepDays: () => Promise<number>;
  /** Days that the audit is kept; absent: `limits.auditKeepDays`. */
  readonly auditKeepDays?: number | undefined;
  /** Days that plans are kept after their end; absent: as long as the audit. */
  readonly planKeepDays?: number | undefined;
  readonly emit: EventSink;
}

/** Syncs what is due, keeps the health of connections, and removes what is too old. */
export function createWorkerRole(deps: WorkerRoleDeps): { start(): void; wake(): void; stop(): Promise<void> } {
  const name = `worker-${Buffer.from(deps.random.bytes(6)).toString('hex')}`;
  let worker: ReturnType<typeof startSyncWorker> | null = null;
  let lines: ReturnType<typeof followEventLines> | null = null;
  let inboxes: ReturnType<typeof emptyInboxes> | null = null;
  let webhooks: ReturnType<typeof keepWebhooks> | null = null;
  let housekeeping: ReturnType<typeof startHousekeeping> | null = null;
  let signIns: ReturnType<typeof startSignInKeeper> | null = null;
  return {
    start: () => {
      housekeeping ??= startHousekeeping({
        ...deps.sync,
        keepDays: deps.keepDays,
        auditKeepDays: deps.auditKeepDays,
        planKeepDays: deps.planKeepDays,
        emit: deps.emit,
      });
      signIns ??= startSignInKeeper(deps);
      worker ??= startSyncWorker({
        ...deps.sync,
        name,
        concurrency: limits.syncConcurrency,
        prepare: async (tenant) => {
          const isDiscovered = await deps.discoverer.prepare(tenant);
          await webhooks?.lookAt(tenant).catch((cause: unknown) => deps.emit({ kind: 'webhook_look_failed', cause }));
          return isDiscovered;
        },
        targetOf: (tenant, { connection, awaited }) =>
          deps.targets.ofConnection(tenant, connection, awaited ? 'interactive' : 'background'),
        onRun: async (target, report) => {
          await recordRunHealth(deps.connection, target, report);
          const connected = await deps.targets.ofConnection(target.tenant, target.connection);
          if (connected === null) return;
          await wantEventLine(deps.sync, connected);
          await webhooks?.want(connected);
        },
      });
      inboxes ??= emptyInboxes(deps, { name, wakeSync: () => worker?.wake() });
      webhooks ??= keepWebhooks(deps, { name, wakeSync: () => worker?.wake() });
      lines ??= followEventLines({ ...deps, wakeSync: () => worker?.wake() }, name);
    },
    wake: () => worker?.wake(),
    stop: async () => {
      await housekeeping?.stop();
      await signIns?.stop();
      await lines?.stop();
      await webhooks?.stop();
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
