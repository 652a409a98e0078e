import type { ConnectionAct, ConnectionLifeUseCases, Operator } from '../../api/index.ts';
import {
  deleteConnection,
  pauseConnection,
  requireConnection,
  resumeConnection,
  revocationText,
  revokeConnection,
  type ConnectionDeps,
  type OperatorAct,
} from '../../connection/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import { listDeletedConnections, type DeletedConnection } from '../../store/index.ts';
import type { ConnectionChores } from './connection-chores.ts';
import { connectionReports, type ReportDeps } from './connection-reports.ts';
import type { TenantName } from '../sync/sync-facts.ts';
import { requireTenant } from './connection-use-cases.ts';
import { actorOf } from '../identity/actor.ts';

export interface LifeDeps {
  readonly connection: ConnectionDeps;
  readonly status: ReportDeps;
  readonly chores: Pick<ConnectionChores, 'perform' | 'wake'>;
  /** Something became due. */
  readonly wakeSync: () => void;
}

/** The life of connections as operators decide it. */
export function createConnectionLife(deps: LifeDeps): ConnectionLifeUseCases {
  const { db } = deps.connection;
  const actOf = async (operator: Operator, { tenant, connection, note, by }: ConnectionAct): Promise<OperatorAct> => ({
    tenant: await requireTenant(db, tenant),
    slug: connection,
    by: actorOf(operator, by),
    note,
  });
  const show = async (tenant: TenantName, slug: string): Promise<JsonObject> => {
    const { slug: found } = await db.tenantRead(tenant.id, (tx) => requireConnection(tx, tenant.id, slug));
    const reports = await connectionReports(deps.status, tenant);
    return reports.find((report) => report['connection'] === found) ?? { connection: found };
  };
  return {
    show: async (_operator, request) =>
      show({ id: await requireTenant(db, request.tenant), slug: request.tenant }, request.connection),
    pause: async (operator, request) => {
      const act = await actOf(operator, request);
      await pauseConnection(deps.connection, act);
      return show({ id: act.tenant, slug: request.tenant }, act.slug);
    },
    resume: async (operator, request) => {
      const act = await actOf(operator, request);
      await resumeConnection(deps.connection, act);
      deps.wakeSync();
      return show({ id: act.tenant, slug: request.tenant }, act.slug);
    },
    revoke: async (operator, request) => {
      const act = await actOf(operator, request);
      const { id: connection } = await revokeConnection(deps.connection, act);
      await deps.chores.perform({ tenant: act.tenant, connection, kind: 'end_grant' });
      return show({ id: act.tenant, slug: request.tenant }, act.slug);
    },
    remove: async (operator, request) => {
      const act = await actOf(operator, request);
      const { id: connection } = await deleteConnection(deps.connection, act);
      await deps.chores.perform({ tenant: act.tenant, connection, kind: 'bury' });
      deps.chores.wake();
      const stones = await db.tenantRead(act.tenant, (tx) => listDeletedConnections(tx, act.tenant));
      const stone = stones.find(({ id }) => id === connection);
      return stone === undefined ? { connection: act.slug, state: 'deleted' } : stoneReport(stone);
    },
    deleted: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return (await db.tenantRead(tenant, (tx) => listDeletedConnections(tx, tenant))).map(stoneReport);
    },
  };
}

/** What is left: names and times, and the count of what went. */
function stoneReport(stone: DeletedConnection): JsonObject {
  const { slug, integration, provider, accountId, accountName, createdAt, deletedAt, purgedAt } = stone;
  return {
    connection: slug,
    state: 'deleted',
    integration,
    system: provider,
    account: accountName,
    account_id: accountId,
    created_at: createdAt.toISOString(),
    deleted_at: deletedAt.toISOString(),
    deleted_by: stone.deletedBy,
    note: stone.note,
    at_provider: stone.revocation === null ? null : revocationText(stone.revocation),
    objects: stone.objects,
    removed: stone.removed,
    /** Null: rows are still being removed. */
    purged_at: purgedAt?.toISOString() ?? null,
  };
}
