import type { TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';

/** A problem that people are told of. `state`, `topic`, `severity` and `who` are src/alerts' own, opaque here but for `list`. */
export interface AlertRow {
  readonly id: number;
  /** Topic and subject: at most one that is not over has it. */
  readonly key: string;
  readonly topic: string;
  readonly severity: string;
  readonly state: string;
  readonly title: string;
  readonly detail: string;
  readonly who: string;
  readonly fix: string;
  readonly since: Date;
  readonly noticedAt: Date;
  readonly openedAt: Date | null;
  readonly goneAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly remindAt: Date | null;
  readonly reminders: number;
  readonly acknowledged: AlertAck | null;
}

/** A type, not an interface: it is kept as JSON. */
export type AlertAck = {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly note: string | null;
};

const columns = `id, key, topic, severity, state, title, detail, who, fix, since, noticed_at as "noticedAt",
  opened_at as "openedAt", gone_at as "goneAt", resolved_at as "resolvedAt", remind_at as "remindAt", reminders,
  acknowledged`;

export const alertsSql = {
  present: `select ${columns} from alert where tenant = $1 and state <> 'resolved' order by id for update`,
  add: `insert into alert (tenant, id, key, topic, severity, state, title, detail, who, fix, since, noticed_at,
      opened_at, remind_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
  change: `update alert set severity = $3, state = $4, title = $5, detail = $6, who = $7, fix = $8, since = $9,
      opened_at = $10, gone_at = $11, resolved_at = $12, remind_at = $13, reminders = $14,
      acknowledged = $15::text::jsonb
    where tenant = $1 and id = $2`,
  drop: 'delete from alert where tenant = $1 and id = $2',
  lock: `select ${columns} from alert where tenant = $1 and id = $2 for update`,
  read: `select ${columns} from alert where tenant = $1 and id = $2`,
  acknowledge: 'update alert set acknowledged = $3::text::jsonb, remind_at = null where tenant = $1 and id = $2',
  list: `select ${columns} from alert where tenant = $1 and opened_at is not null
      and ($2::boolean or state <> 'resolved')
    order by case when state = 'resolved' then 4 when severity = 'info' then 3 when severity = 'warning' then 2 else 1 end,
      coalesce(resolved_at, opened_at) desc, id desc limit $3`,
  past: `select key, count(*)::int as count from alert
    where tenant = $1 and state = 'resolved' and resolved_at > $2 group by key`,
  prune: `delete from alert where tenant = $1 and id in (
      select id from alert where tenant = $1 and state = 'resolved' and resolved_at < $2 order by resolved_at limit $3)`,
} as const;

/** Those that are not over, locked until commit. */
export async function lockPresentAlerts(tx: Tx, tenant: TenantId): Promise<AlertRow[]> {
  return tx.query<AlertRow>(alertsSql.present, [tenant]);
}

export type NewAlert = Omit<AlertRow, 'id' | 'goneAt' | 'resolvedAt' | 'reminders' | 'acknowledged'>;

/** Returns its number. */
export async function addAlert(tx: Tx, tenant: TenantId, row: NewAlert): Promise<number> {
  const id = await nextNumber(tx, tenant, 'alert');
  const { key, topic, severity, state, title, detail, who, fix, since, noticedAt, openedAt, remindAt } = row;
  const values = [key, topic, severity, state, title, detail, who, fix, since, noticedAt, openedAt, remindAt];
  await tx.query(alertsSql.add, [tenant, id, ...values]);
  return id;
}

/** Keeps the row as it is given; its key and topic stay. */
export async function keepAlert(tx: Tx, tenant: TenantId, row: AlertRow): Promise<void> {
  const { id, severity, state, title, detail, who, fix, since, openedAt, goneAt, resolvedAt, remindAt } = row;
  const values = [severity, state, title, detail, who, fix, since, openedAt, goneAt, resolvedAt, remindAt];
  const acknowledged = row.acknowledged === null ? null : JSON.stringify(row.acknowledged);
  await tx.query(alertsSql.change, [tenant, id, ...values, row.reminders, acknowledged]);
}

export async function dropAlert(tx: Tx, tenant: TenantId, id: number): Promise<void> {
  await tx.query(alertsSql.drop, [tenant, id]);
}

/** Locked until commit; null: there is none. */
export async function lockAlert(tx: Tx, tenant: TenantId, id: number): Promise<AlertRow | null> {
  return (await tx.query<AlertRow>(alertsSql.lock, [tenant, id]))[0] ?? null;
}

export async function readAlert(tx: Tx, tenant: TenantId, id: number): Promise<AlertRow | null> {
  return (await tx.query<AlertRow>(alertsSql.read, [tenant, id]))[0] ?? null;
}

/** Somebody looks after it: it reminds nobody any more. */
export async function acknowledgeAlert(tx: Tx, tenant: TenantId, id: number, ack: AlertAck): Promise<void> {
  await tx.query(alertsSql.acknowledge, [tenant, id, JSON.stringify(ack)]);
}

/** Those that were opened: what is not over, the worst first, then, where asked for, what is; newest first. */
export async function listAlerts(
  tx: Tx,
  tenant: TenantId,
  { resolved, limit }: { readonly resolved: boolean; readonly limit: number },
): Promise<AlertRow[]> {
  return tx.query<AlertRow>(alertsSql.list, [tenant, resolved, limit]);
}

/** By key, how many alerts were resolved since. */
export async function countPastAlerts(tx: Tx, tenant: TenantId, since: Date): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ key: string; count: number }>(alertsSql.past, [tenant, since]);
  return new Map(rows.map(({ key, count }) => [key, count]));
}

/** With their notices. */
export async function pruneAlerts(tx: Tx, tenant: TenantId, before: Date, limit: number): Promise<void> {
  await tx.query(alertsSql.prune, [tenant, before, limit]);
}
