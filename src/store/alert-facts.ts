import type { ConnectionId, ErrorBody, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** A line of events, as far as its health goes. `state` is src/inbox's, opaque here. */
export interface LineHealth {
  readonly connection: ConnectionId;
  readonly state: string;
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly lastError: ErrorBody | null;
  readonly heardAt: Date | null;
}

export const alertFactsSql = {
  lines: `select connection, state, failures, last_error as "lastError", heard_at as "heardAt" from event_line
    where tenant = $1 order by connection`,
  inbox: `select connection, count(*)::int as count, min(received_at) as "oldestAt" from inbox_event
    where tenant = $1 and state = 'dead' group by connection order by connection`,
  deliveries: `select subscription, count(*)::int as count, min(ended_at) as "oldestAt" from delivery
    where tenant = $1 and state = 'dead' group by subscription order by subscription`,
} as const;

export function lineHealth(tx: Tx, tenant: TenantId): Promise<LineHealth[]> {
  return tx.query<LineHealth>(alertFactsSql.lines, [tenant]);
}

export interface DeadCount {
  readonly count: number;
  readonly oldestAt: Date | null;
}

/** What providers told and could not be taken over, by connection that has any. */
export function countDeadInbox(
  tx: Tx,
  tenant: TenantId,
): Promise<readonly (DeadCount & { readonly connection: ConnectionId })[]> {
  return tx.query(alertFactsSql.inbox, [tenant]);
}

/** What subscribers were to be told and did not take, by subscription that has any. */
export function countDeadDeliveries(
  tx: Tx,
  tenant: TenantId,
): Promise<readonly (DeadCount & { readonly subscription: number })[]> {
  return tx.query(alertFactsSql.deliveries, [tenant]);
}
