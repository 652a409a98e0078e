import { byUrgency, type Alerts, type ToldAlert } from '../../alerts/index.ts';
import type { AlertUseCases } from '../../api/index.ts';
import type { JsonObject, TenantId } from '../../kernel/index.ts';
import { listTenants, type Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { actorOf } from '../identity/actor.ts';

/** Alerts, as the REST door and the CLI offer them. */
export function createAlertUseCases({
  db,
  alerts,
  installation,
}: {
  readonly db: Db;
  readonly alerts: Alerts;
  readonly installation: TenantId;
}): AlertUseCases {
  const tenantOf = (slug: string | undefined): Promise<TenantId> | TenantId =>
    slug === undefined ? installation : requireTenant(db, slug);
  return {
    list: async (_operator, { tenant, resolved, limit }) => {
      const whose =
        tenant === undefined
          ? [{ id: installation, slug: null }, ...(await listTenants(db))]
          : [{ id: await requireTenant(db, tenant), slug: tenant }];
      // Everybody is asked: what is worst may be the last one's.
      let all: (ToldAlert & { readonly slug: string | null })[] = [];
      for (const { id, slug } of whose) {
        const own = (await alerts.list(id, { resolved, limit })).map((each) => ({ ...each, slug }));
        if (own.length > 0) all = [...all, ...own].toSorted(byUrgency).slice(0, limit);
      }
      return all.map(({ slug, ...each }) => shown(slug, each));
    },
    acknowledge: async (operator, { tenant, id, note, by }) => {
      const whose = await tenantOf(tenant);
      return shown(tenant ?? null, await alerts.acknowledge(whose, id, { name: actorOf(operator, by), note }));
    },
    routes: async () =>
      (await alerts.routes()).map(({ route: { name, topics, tenants, severity, to }, missing }) => ({
        route: name,
        to: to.kind,
        ...(to.kind === 'email' ? { addresses: [...to.addresses] } : {}),
        topics: [...topics],
        tenants: [...tenants],
        severity,
        ready: missing === null,
        missing,
      })),
    test: async (_operator, { route }) => {
      const { status, cause } = await alerts.test(route);
      return { route, delivered: cause === null, status, cause };
    },
  };
}

function shown(tenant: string | null, { row, notices }: ToldAlert): JsonObject {
  return {
    id: row.id,
    tenant,
    topic: row.topic,
    severity: row.severity,
    state: row.state === 'resolved' ? 'resolved' : row.state === 'clearing' ? 'clearing' : 'open',
    title: row.title,
    detail: row.detail,
    who_can_fix: row.who,
    fix: row.fix,
    since: row.since.toISOString(),
    opened_at: row.openedAt?.toISOString() ?? null,
    resolved_at: row.resolvedAt?.toISOString() ?? null,
    reminds_at: row.remindAt?.toISOString() ?? null,
    acknowledged: row.acknowledged,
    messages: notices.map(({ route, kind, state, attempts, cause, dueAt, endedAt }) => ({
      route,
      kind,
      state,
      attempts,
      cause,
      next_try: state === 'due' ? dueAt.toISOString() : null,
      ended_at: endedAt?.toISOString() ?? null,
    })),
  };
}
