import type { SyncUseCases } from '../../api/index.ts';
import { requireConnection } from '../../connection/index.ts';
import type { SyncDeps } from '../../sync/index.ts';
import { createComparisonUseCases } from './comparison-use-cases.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { createDeadEventUseCases } from './dead-event-use-cases.ts';
import { createDeadLetterUseCases } from './dead-letter-use-cases.ts';
import { createObjectUseCases } from './object-use-cases.ts';
import { listActs } from './operator-acts.ts';
import { createQuarantineUseCases } from './quarantine-use-cases.ts';
import type { Targets } from './targets.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface SyncUseCaseDeps {
  readonly sync: SyncDeps;
  readonly targets: Pick<Targets, 'ofConnection'>;
  readonly manifests: Pick<TenantManifests, 'of'>;
  /** Something became due. */
  readonly wakeSync: () => void;
}

/** What operators see and do about the reading of a tenant's systems. */
export function createSyncUseCases({ sync, targets, manifests, wakeSync }: SyncUseCaseDeps): SyncUseCases {
  const { db } = sync;
  return {
    objects: createObjectUseCases({ db, manifests, wakeSync }),
    comparisons: createComparisonUseCases({ db, wakeSync }),
    letters: createDeadLetterUseCases({ sync, targets, wakeSync }),
    deadEvents: createDeadEventUseCases({ db }),
    quarantine: createQuarantineUseCases({ sync, targets }),
    acts: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, async (tx) => {
        const { connection: slug, limit } = request;
        const connection = slug === null ? null : (await requireConnection(tx, tenant, slug)).id;
        return listActs(tx, tenant, { connection, limit });
      });
    },
  };
}
