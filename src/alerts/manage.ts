import { GantryError, limits, suggest, type TenantId } from '../kernel/index.ts';
import type { AlertRoute } from '../manifest/index.ts';
import type { AttemptResult } from '../subscriptions/index.ts';
import { acknowledgeAlert, listAlerts, lockAlert, noticesOf, type AlertRow, type NoticeRow } from '../store/index.ts';
import type { AlertDeps } from './deps.ts';
import { missingFor, sendMessage } from './send-message.ts';

/** An alert with what was said of it. */
export interface ToldAlert {
  readonly row: AlertRow;
  readonly notices: readonly NoticeRow[];
}

/** What operators see of alerts and do about them. */
export interface Alerts {
  /** `resolved`: those that are over as well. As `byUrgency` has it. */
  list(
    tenant: TenantId,
    request: { readonly resolved: boolean; readonly limit: number },
  ): Promise<readonly ToldAlert[]>;
  /** Nobody is reminded any more. Raises `not_found`, `alert_state_conflict`. */
  acknowledge(
    tenant: TenantId,
    id: number,
    by: { readonly name: string; readonly note: string | null },
  ): Promise<ToldAlert>;
  routes(): Promise<readonly { readonly route: AlertRoute; readonly missing: string | null }[]>;
  /** One message by this route, now. Raises `alert_route_unknown`, `alert_route_unset`. */
  test(route: string): Promise<AttemptResult>;
}

/**
 * What is not over before what is, there the worst first (a newer program's
 * word for severity is taken for it), then the newest. `alertsSql.list` has
 * the same order.
 */
export function byUrgency({ row: one }: Pick<ToldAlert, 'row'>, { row: other }: Pick<ToldAlert, 'row'>): number {
  const time = ({ resolvedAt, openedAt }: AlertRow): number => (resolvedAt ?? openedAt)?.getTime() ?? 0;
  return urgency(one) - urgency(other) || time(other) - time(one);
}

function urgency({ state, severity }: AlertRow): number {
  if (state === 'resolved') return 4;
  return severity === 'info' ? 3 : severity === 'warning' ? 2 : 1;
}

export function createAlerts(deps: AlertDeps): Alerts {
  const { db } = deps;
  return {
    list: (tenant, request) =>
      db.tenantRead(tenant, async (tx) => {
        const rows = await listAlerts(tx, tenant, request);
        const notices = await noticesOf(
          tx,
          tenant,
          rows.map(({ id }) => id),
        );
        return rows.map((row) => ({ row, notices: notices.filter(({ alert }) => alert === row.id) }));
      }),
    acknowledge: (tenant, id, { name, note }) =>
      db.tenantTx(
        tenant,
        async (tx) => {
          const row = await lockAlert(tx, tenant, id);
          if (row === null || row.openedAt === null) throw unknownAlert();
          if (row.state === 'resolved') throw over();
          const ack = { by: name, at: tx.now.toISOString(), note };
          await acknowledgeAlert(tx, tenant, id, ack);
          return {
            row: { ...row, acknowledged: ack, remindAt: null },
            notices: await noticesOf(tx, tenant, [id]),
          };
        },
        'alerts.acknowledge',
      ),
    routes: async () => {
      const { routes } = await deps.settings();
      return [...routes.values()].map((route) => ({ route, missing: missingFor(deps.targets, route) }));
    },
    test: async (name) => {
      const route = await requireRoute(deps, name);
      const missing = missingFor(deps.targets, route);
      if (missing !== null) {
        throw new GantryError('alert_route_unset', {
          message: `Route ${name} leads nowhere: ${missing} is not set.`,
          where: missing,
        });
      }
      const id = `alert_test_${Buffer.from(deps.random.bytes(9)).toString('hex')}`;
      return sendMessage(deps, route, { id, told: { kind: 'test', tenant: null, alert: testAlert(deps, name) } });
    },
  };
}

async function requireRoute({ settings }: AlertDeps, name: string): Promise<AlertRoute> {
  const { routes } = await settings();
  const route = routes.get(name);
  if (route !== undefined) return route;
  throw new GantryError('alert_route_unknown', {
    message: `There is no route "${name.slice(0, limits.labelCharsMax)}".`,
    where: 'route',
    suggestions: suggest(name, routes.keys()),
  });
}

function testAlert({ clock }: AlertDeps, route: string) {
  const now = clock.now();
  return {
    id: 0,
    topic: 'test',
    severity: 'info',
    title: `messages by route ${route} arrive`,
    detail: 'Somebody asked for this message with `gantry alerts test`. Nothing is wrong.',
    who: 'operator',
    fix: 'Nothing has to be done.',
    since: now,
    openedAt: now,
    resolvedAt: null,
  };
}

const unknownAlert = (): GantryError =>
  new GantryError('not_found', { message: 'There is no such alert.', where: 'id' });

const over = (): GantryError => new GantryError('alert_state_conflict', { message: 'The alert is over.', where: 'id' });
