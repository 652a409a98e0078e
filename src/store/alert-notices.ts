import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** One message about one alert by one route. `state` and `kind` are src/alerts' own, opaque here but for `due`. */
export interface NoticeRow extends NoticeKey {
  readonly state: string;
  /** Begun ones count: one that was cut off may have arrived. */
  readonly attempts: number;
  readonly dueAt: Date;
  readonly cause: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

export interface NoticeKey {
  readonly alert: number;
  readonly route: string;
  readonly kind: string;
  /** Which reminder; 0 for the others. */
  readonly number: number;
}

const columns = `n.alert, n.route, n.kind, n.number, n.state, n.attempts, n.due_at as "dueAt", n.cause,
  n.created_at as "createdAt", n.ended_at as "endedAt"`;

export const alertNoticesSql = {
  add: `insert into alert_notice (tenant, alert, route, kind, number, state, due_at, created_at)
    values ($1, $2, $3, $4, $5, 'due', $6, $6) on conflict (tenant, alert, route, kind, number) do nothing
    returning alert`,
  of: `select ${columns} from alert_notice n where n.tenant = $1 and n.alert = any($2::int[])
    order by n.alert, n.created_at, n.route`,
  // What was to be said before about the same alert by the same route is said first.
  // Counted by route: one that takes nothing, however much waits for it, keeps no other's from being read.
  due: `select ${columns} from (
      select n.*, row_number() over (partition by n.route order by n.created_at, n.alert, n.kind, n.number) as place
      from alert_notice n where n.tenant = $1 and n.state = 'due' and n.due_at <= $2
        and not exists (select 1 from alert_notice e where e.tenant = $1 and e.alert = n.alert and e.route = n.route
          and e.state = 'due' and e.created_at < n.created_at)) n
    where n.place <= $3 order by n.created_at, n.alert, n.route`,
  soonest: `select min(due_at) as at from alert_notice where tenant = $1 and state = 'due'`,
  begin: `update alert_notice set attempts = attempts + 1, due_at = $6
    where tenant = $1 and alert = $2 and route = $3 and kind = $4 and number = $5 and state = 'due'
    returning attempts`,
  move: `update alert_notice set state = $6, due_at = $7, cause = $8, ended_at = $9
    where tenant = $1 and alert = $2 and route = $3 and kind = $4 and number = $5 and state = 'due' returning alert`,
} as const;

const keyOf = ({ alert, route, kind, number }: NoticeKey) => [alert, route, kind, number] as const;

/** False: there is one already, and it stays as it is. */
export async function addNotice(tx: Tx, tenant: TenantId, key: NoticeKey): Promise<boolean> {
  return (await tx.query(alertNoticesSql.add, [tenant, ...keyOf(key), tx.now])).length > 0;
}

/** Of these alerts, oldest first. */
export async function noticesOf(tx: Tx, tenant: TenantId, alerts: readonly number[]): Promise<NoticeRow[]> {
  return alerts.length === 0 ? [] : tx.query<NoticeRow>(alertNoticesSql.of, [tenant, [...alerts]]);
}

/** What is to be said now, oldest first, of each route at most so many. */
export async function dueNotices(tx: Tx, tenant: TenantId, limit: number): Promise<NoticeRow[]> {
  return tx.query<NoticeRow>(alertNoticesSql.due, [tenant, tx.now, limit]);
}

/** When something is to be said next; null: nothing is. */
export async function soonestNotice(tx: Tx, tenant: TenantId): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(alertNoticesSql.soonest, [tenant]);
  return row?.at ?? null;
}

/** An attempt begins; unless its end is kept before, it is due again at `again`. Its number; null: it is not due any more. */
export async function beginNotice(tx: Tx, tenant: TenantId, key: NoticeKey, again: Date): Promise<number | null> {
  const params = [tenant, ...keyOf(key), again];
  return (await tx.query<{ attempts: number }>(alertNoticesSql.begin, params))[0]?.attempts ?? null;
}

/** False: it is over already. */
export async function moveNotice(
  tx: Tx,
  tenant: TenantId,
  key: NoticeKey,
  to: Pick<NoticeRow, 'state' | 'dueAt' | 'cause' | 'endedAt'>,
): Promise<boolean> {
  const params = [tenant, ...keyOf(key), to.state, to.dueAt, to.cause, to.endedAt];
  return (await tx.query(alertNoticesSql.move, params)).length > 0;
}
