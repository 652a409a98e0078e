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
  access: `select connection, last_error as "lastError" from access_connection a where tenant = $1
    and exists (select 1 from principal_link p where p.tenant = $1 and p.connection = a.connection) order by connection`,
  doubts: `select connection, object, count(*)::int as users, min(doubted_at) as since from object_standing
    where tenant = $1 and doubted_at is not null group by connection, object order by connection, object`,
  inbox: `select connection, count(*)::int as count, min(received_at) as "oldestAt" from inbox_event
    where tenant = $1 and state = 'dead' group by connection order by connection`,
  deliveries: `select subscription, count(*)::int as count, min(ended_at) as "oldestAt" from delivery
    where tenant = $1 and state = 'dead' group by subscription order by subscription`,
} as const;

export function lineHealth(tx: Tx, tenant: TenantId): Promise<LineHealth[]> {
  return tx.query<LineHealth>(alertFactsSql.lines, [tenant]);
}

/** What is known of a connection's rights, as far as its health goes. */
export interface AccessHealth {
  readonly connection: ConnectionId;
  /** Of the last reading; null: it went well. */
  readonly lastError: ErrorBody | null;
}

export function accessHealth(tx: Tx, tenant: TenantId): Promise<AccessHealth[]> {
  return tx.query<AccessHealth>(alertFactsSql.access, [tenant]);
}

/** An object that is not shown to some users since a sample did not agree with what was worked out. */
export interface AccessDoubt {
  readonly connection: ConnectionId;
  readonly object: string;
  readonly users: number;
  readonly since: Date;
}

export function accessDoubts(tx: Tx, tenant: TenantId): Promise<AccessDoubt[]> {
  return tx.query<AccessDoubt>(alertFactsSql.doubts, [tenant]);
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
