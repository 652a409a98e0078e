import { limits, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { QueryDeps } from '../../query/index.ts';
import { listGone, listStreams, readVersions, requestSync, type Db } from '../../store/index.ts';

/** What questions need beside the lens: the past of records, and a look upstream as soon as may be. */
export function createQueryDeps(db: Db, wakeSync: () => void): Pick<QueryDeps, 'past' | 'requestSync'> {
  return {
    past: {
      versions: (tenant, request) => db.tenantRead(tenant, (tx) => readVersions(tx, { tenant, ...request })),
      gone: (tenant, request) => db.tenantRead(tenant, (tx) => listGone(tx, { tenant, ...request })),
    },
    requestSync: async (tenant, streams) => {
      await makeDue(db, tenant, streams);
      wakeSync();
    },
  };
}

function makeDue(db: Db, tenant: TenantId, streams: readonly StreamId[]): Promise<void> {
  return db.tenantTx(
    tenant,
    async (tx) => {
      for (const { id, connection, object } of await listStreams(tx, tenant)) {
        if (streams.includes(id)) {
          await requestSync(tx, { tenant, connection, object, pauseMs: limits.minAsOfPauseMs, awaited: true });
        }
      }
    },
    'sync.request_fresh',
  );
}
