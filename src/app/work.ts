import { limits } from '../kernel/index.ts';
import type { Config } from './config.ts';
import { createConnectionParts } from './connections/connection-parts.ts';
import type { ReportDeps } from './connections/connection-reports.ts';
import { createConnectionUseCases } from './connections/connection-use-cases.ts';
import type { Core } from './core.ts';
import { createDiscoverer } from './sync/discoverer.ts';
import { createSyncUseCases } from './sync/sync-use-cases.ts';
import { endWebhook } from './webhooks/webhook-registrations.ts';
import { createWorkerRole } from './worker-role.ts';

/** What moves data and keeps connections alive, and what operators ask of it. */
export function createWork(core: Core, config: Config, status: ReportDeps) {
  const { revisions, manifests, lens, connection, sync, targets, emit } = core;
  const discoverer = createDiscoverer({ connection, sync, targets, manifests });
  const worker = createWorkerRole({
    sync,
    connection,
    targets,
    manifests,
    publicUrl: config.publicUrl,
    random: connection.random,
    discoverer,
    keepDays: async () => (await revisions.current())?.manifest.policies.history.keepDays ?? limits.historyKeepDays,
    auditKeepDays: config.auditKeepDays,
    planKeepDays: config.planKeepDays,
    emit,
    eventsUrls: config.eventsUrls ?? new Map(),
  });
  const wakeSync = (): void => worker.wake();
  const connections = createConnectionUseCases({
    config,
    connection,
    sync,
    targets,
    status,
    onSignIn: (tenant) => discoverer.lookAgain(tenant),
    wakeSync,
  });
  const { chores, ...connectionParts } = createConnectionParts({
    config,
    connection,
    targets,
    manifests,
    status,
    lens,
    emit,
    beforeGrantEnds: (tenant, id) => endWebhook({ connection, targets }, tenant, id),
    onGone: sync.onSchemaChange,
    onConnected: ({ tenant }) => {
      discoverer.lookAgain(tenant);
      worker.wake();
    },
    wakeSync,
  });
  const parts = { ...connectionParts, sync: createSyncUseCases({ ...core, wakeSync }) };
  return { worker, chores, connections, connectionParts: parts };
}
