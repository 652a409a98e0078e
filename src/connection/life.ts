import { GantryError, limits, suggest, type ConnectionId, type TenantId } from '../kernel/index.ts';
import {
  buryConnection,
  findConnection,
  finishChore,
  listConnections,
  lockConnection,
  notifyConnection,
  purgePortion,
  readConnection,
  readDeletedConnection,
  rouseInbox,
  setChore,
  type ConnectionRow,
  type Tx,
} from '../store/index.ts';
import { nextConnectionState, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import type { ConnectionDeps } from './deps.ts';
import { recordConnectionEvent } from './record-event.ts';

/** What an operator does to a connection. */
export interface OperatorAct {
  readonly tenant: TenantId;
  readonly slug: string;
  /** Who, as they call themselves. */
  readonly by: string;
  readonly note: string | null;
}

/**
 * What is left to do after an act, by whatever process comes first
 * (store/connection-chores.ts). `end_grant`: end it at the provider and destroy
 * the credentials. `bury`: the same, then take the connection away. `purge`:
 * remove its records, in portions. `probe`: ask a provider that called the
 * grant ended once more.
 */
export type ChoreKind = 'end_grant' | 'bury' | 'purge' | 'probe';

/** Nothing is read or sent from now on; pages under way are kept. What is here stays readable. Raises `not_found`, `connection_state_conflict`. */
export function pauseConnection(deps: ConnectionDeps, act: OperatorAct): Promise<ConnectionRow> {
  return carryOut(deps, act, () => 'paused');
}

/** Goes on from the cursors; to `reauth_required` where the grant ended before or meanwhile. */
export function resumeConnection(deps: ConnectionDeps, act: OperatorAct): Promise<ConnectionRow> {
  return carryOut(deps, act, (row) =>
    row.lastError?.code === 'connection_reauth_required' ? 'resumed_ended' : 'resumed',
  );
}

/** From here on nobody uses the grant; ending it at the provider is the chore `end_grant`. */
export function revokeConnection(deps: ConnectionDeps, act: OperatorAct): Promise<ConnectionRow> {
  return carryOut(deps, act, () => 'revoked', 'end_grant');
}

/** From here on nobody uses it; the rest are the chores `bury` and then `purge`. */
export function deleteConnection(deps: ConnectionDeps, act: OperatorAct): Promise<ConnectionRow> {
  return carryOut(deps, act, () => 'deleted', 'bury');
}

/** The words of the acts, for errors. */
const verbs: Partial<Record<ConnectionEvent, string>> = {
  paused: 'paused',
  resumed: 'resumed',
  resumed_ended: 'resumed',
  revoked: 'revoked',
  deleted: 'deleted',
};

async function carryOut(
  deps: ConnectionDeps,
  { tenant, slug, by, note }: OperatorAct,
  eventFor: (row: ConnectionRow) => ConnectionEvent,
  chore?: ChoreKind,
): Promise<ConnectionRow> {
  const done = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const found = await requireConnection(tx, tenant, slug);
      const row = (await lockConnection(tx, tenant, found.id)) ?? found;
      const event = eventFor(row);
      const state = row.state as ConnectionState;
      if (nextConnectionState(state, event) === null) throw conflict(row, event);
      const connection = row.id;
      // What was told during the pause is read now, not when somebody looks next.
      if (event === 'resumed') await rouseInbox(tx, { tenant, connection });
      const events = await recordConnectionEvent(tx, {
        tenant,
        connection,
        event,
        ...(event === 'resumed' || event === 'resumed_ended' ? {} : { act: { by, at: tx.now.toISOString(), note } }),
      });
      // Whoever asked does it at once; should they die, others see to it a little later.
      if (chore !== undefined) {
        await setChore(tx, { tenant, connection, kind: chore }, new Date(tx.now.getTime() + limits.choreLeaseMs));
      }
      const after = (await readConnection(tx, tenant, connection)) ?? row;
      await deps.changed?.(tx, tenant, { slug: row.slug, by, event, from: state, note, account: null });
      return { events, row: after };
    },
    'connection.act',
  );
  for (const event of done.events) deps.onEvent(event);
  return done.row;
}

/** Raises `not_found` with names that are close. A deleted one is not found, though its rows may still be there. */
export async function requireConnection(tx: Tx, tenant: TenantId, slug: string): Promise<ConnectionRow> {
  const row = await findConnection(tx, tenant, slug);
  if (row !== null && row.state !== 'deleted') return row;
  const names = (await listConnections(tx, tenant)).filter(({ state }) => state !== 'deleted').map((each) => each.slug);
  throw new GantryError('not_found', {
    message: `There is no connection "${slug.slice(0, 80)}".`,
    where: 'connection',
    suggestions: suggest(slug, names),
    fix: 'Connect the system first; GET /v1/connections lists what there is.',
  });
}

function conflict(row: ConnectionRow, event: ConnectionEvent): GantryError {
  return new GantryError('connection_state_conflict', {
    message: `Connection ${row.slug} is ${row.state.replaceAll('_', ' ')} and cannot be ${verbs[event] ?? event}.`,
    where: row.slug,
    data: { state: row.state },
  });
}

/** The grant of a revoked connection is ended: the chore is done. */
export async function finishRevocation(
  deps: ConnectionDeps,
  tenant: TenantId,
  connection: ConnectionId,
): Promise<void> {
  await deps.db.tenantTx(
    tenant,
    (tx) => finishChore(tx, { tenant, connection, kind: 'end_grant' }),
    'connection.finish_revocation',
  );
}

/** Takes a deleted connection away, its streams with it, and leaves the rest to `purge`. False: that was done before. */
export async function bury(deps: ConnectionDeps, tenant: TenantId, connection: ConnectionId): Promise<boolean> {
  return deps.db.tenantTx(
    tenant,
    async (tx) => {
      const row = await lockConnection(tx, tenant, connection);
      const dead = row !== null && row.state === 'deleted';
      if (dead) {
        const { by = 'unknown', note = null } = row.act ?? {};
        await buryConnection(tx, { tenant, row, by, note });
        await setChore(tx, { tenant, connection, kind: 'purge' }, tx.now);
        await notifyConnection(tx, tenant);
      }
      for (const kind of ['bury', 'end_grant']) await finishChore(tx, { tenant, connection, kind });
      return dead;
    },
    'connection.bury',
  );
}

/** Removes one portion of what is left. True: nothing is left. */
export async function purge(deps: ConnectionDeps, tenant: TenantId, connection: ConnectionId): Promise<boolean> {
  const end = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const done = await purgePortion(tx, { tenant, connection, limit: limits.purgePortionMax });
      const key = { tenant, connection, kind: 'purge' };
      if (!done) {
        await setChore(tx, key, new Date(tx.now.getTime() + limits.choreLeaseMs));
        return null;
      }
      await finishChore(tx, key);
      return { stone: await readDeletedConnection(tx, tenant, connection) };
    },
    'connection.purge',
  );
  if (end === null) return false;
  if (end.stone !== null) {
    deps.onEvent({ kind: 'connection_purged', tenant, connection, removed: end.stone.removed });
  }
  return true;
}
