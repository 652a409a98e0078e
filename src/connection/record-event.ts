import { limits, type ConnectionId, type ErrorBody, type TenantId } from '../kernel/index.ts';
import {
  finishChore,
  holdStreams,
  lockConnection,
  notifyConnection,
  readConnection,
  requestSync,
  rouseWriteTurn,
  setChore,
  updateConnection,
  type ConnectionAct,
  type ConnectionChange,
  type ConnectionRow,
  type Tx,
} from '../store/index.ts';
import { isReadable, nextConnectionState, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import type { ConnectionLogEvent } from './events.ts';

export interface EventRecord {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly event: ConnectionEvent;
  /** Why, where something went wrong; shown to operators as the last error. */
  readonly error?: ErrorBody;
  /** Facts learned at the same moment. */
  readonly facts?: Pick<ConnectionChange, 'accountId' | 'accountName' | 'apiUrl'>;
  /** Who paused, revoked or deleted it, and why. */
  readonly act?: ConnectionAct;
}

/**
 * Moves a connection through its table, inside the caller's transaction. An
 * event that cannot happen in the present state changes nothing. Its streams
 * are held while it is not to be read, and due at once, from where they
 * stopped, when it may be read again. Returns what to report once the
 * transaction is committed: one event per change of state, however many
 * processes notice the same.
 */
export async function recordConnectionEvent(tx: Tx, record: EventRecord): Promise<ConnectionLogEvent[]> {
  const { tenant, connection } = record;
  // A healthy connection is told so with every page: only news is worth a lock.
  const seen = await readConnection(tx, tenant, connection);
  if (seen === null || changeOf(tx, seen, record) === null) return [];
  const row = await lockConnection(tx, tenant, connection);
  const change = row === null ? null : changeOf(tx, row, record);
  if (row === null || change === null) return [];
  await updateConnection(tx, tenant, connection, change);
  const from = row.state as ConnectionState;
  const to = change.state;
  await moveStreams(tx, record, from, to);
  if (to === from) return [];
  const probe = { tenant, connection, kind: 'probe' };
  if (to === 'reauth_required') await setChore(tx, probe, new Date(tx.now.getTime() + limits.probeAfterMs));
  if (from === 'reauth_required') await finishChore(tx, probe);
  // What was to be written there ends now.
  if (to === 'revoked' || to === 'deleted') await rouseWriteTurn(tx, { tenant, connection });
  await notifyConnection(tx, tenant);
  const reason = record.error?.code ?? null;
  return [{ kind: 'connection_state_changed', tenant, connection, from, to, reason, event: record.event }];
}

/** A sign-in while all is well is a reason to look at once, too: the new user may see more. */
async function moveStreams(tx: Tx, record: EventRecord, from: ConnectionState, to: ConnectionState): Promise<void> {
  const { tenant, connection } = record;
  if (isReadable(from) !== isReadable(to)) await holdStreams(tx, tenant, connection, !isReadable(to));
  const mayGoOn = isReadable(to) && (!isReadable(from) || record.event === 'consent_given');
  if (mayGoOn) await requestSync(tx, { tenant, connection });
}

type Change = ConnectionChange & { readonly state: ConnectionState };

/** Null: no news. */
function changeOf(tx: Tx, row: ConnectionRow, record: EventRecord): Change | null {
  const { event, facts, act } = record;
  const from = row.state as ConnectionState;
  const state = nextConnectionState(from, event);
  if (state === null) return null;
  const lastError = lastErrorAfter(row, state, record);
  const consented = event === 'consent_given';
  const same = state === from && JSON.stringify(lastError) === JSON.stringify(row.lastError);
  if (same && facts === undefined && act === undefined && !consented) return null;
  return {
    ...facts,
    state,
    lastError,
    ...(act === undefined ? {} : { act }),
    ...(consented ? { consentedAt: tx.now, revocation: null } : {}),
  };
}

/**
 * What is wrong, as long as something is. A pause keeps what was wrong before,
 * and learns of a grant that ended meanwhile: resuming depends on it.
 */
function lastErrorAfter(row: ConnectionRow, to: ConnectionState, { event, error }: EventRecord): ErrorBody | null {
  if (event === 'consent_given' || event === 'revoked' || event === 'deleted') return null;
  if (to === 'degraded' || to === 'reauth_required') return error ?? row.lastError;
  if (to === 'paused') return event === 'grant_ended' ? (error ?? row.lastError) : row.lastError;
  return null;
}
