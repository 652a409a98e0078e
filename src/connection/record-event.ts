import type { ConnectionId, ErrorBody, TenantId } from '../kernel/index.ts';
import { readConnection, updateConnection, type ConnectionChange, type Tx } from '../store/index.ts';
import { nextConnectionState, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import type { ConnectionLogEvent } from './events.ts';

export interface EventRecord {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly event: ConnectionEvent;
  /** Why, where something went wrong; shown to operators as the last error. */
  readonly error?: ErrorBody;
  /** Facts learned at the same moment. */
  readonly facts?: Pick<ConnectionChange, 'accountId' | 'accountName' | 'apiUrl'>;
}

/**
 * Moves a connection through its table, inside the caller's transaction. An
 * event that cannot happen in the present state changes nothing. Returns what
 * to report once the transaction is committed.
 */
export async function recordConnectionEvent(tx: Tx, record: EventRecord): Promise<ConnectionLogEvent[]> {
  const { tenant, connection, event, error, facts } = record;
  const row = await readConnection(tx, tenant, connection);
  if (row === null) return [];
  const from = row.state as ConnectionState;
  const to = nextConnectionState(from, event);
  if (to === null) return [];
  const failing = to === 'degraded' || to === 'reauth_required';
  const lastError = failing ? (error ?? row.lastError) : null;
  // A healthy connection is told so with every page: only news is worth a write.
  if (to === from && facts === undefined && JSON.stringify(lastError) === JSON.stringify(row.lastError)) return [];
  await updateConnection(tx, tenant, connection, { ...facts, state: to, lastError });
  if (to === from) return [];
  return [{ kind: 'connection_state_changed', tenant, connection, from, to, reason: error?.code ?? null }];
}
