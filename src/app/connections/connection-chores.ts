import {
  bury,
  endGrant,
  finishRevocation,
  purge,
  recordConnectionEvent,
  type ChoreKind,
  type ConnectionDeps,
} from '../../connection/index.ts';
import { GantryError, limits, withinTime, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import { claimChore, dueChores, finishChore, readConnection, setChore, type Chore } from '../../store/index.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';
import { openChoreLane, type ChoreLane } from './chore-lane.ts';

export interface ChoreDeps {
  readonly connection: ConnectionDeps;
  readonly targets: Targets;
  readonly emit: EventSink;
  /** The grant still works: what needs it for the last time. Failing is no reason not to end it. */
  readonly beforeGrantEnds: (tenant: TenantId, connection: ConnectionId) => Promise<void>;
  /** A connection is gone: nobody may find its objects any more. */
  readonly onGone: (tenant: TenantId) => Promise<void>;
  /** Its last record is gone: copies are made anew without it. */
  readonly onPurged: (tenant: TenantId) => Promise<void>;
}

/** What is left to do for connections: taken from the database, so that a process may die at any point of it. */
export interface ConnectionChores {
  /** Does one now; whatever prevents it is left to the loop, which comes to it by itself. */
  perform(chore: { tenant: TenantId; connection: ConnectionId; kind: ChoreKind }): Promise<void>;
  start(): void;
  wake(): void;
  stop(): Promise<void>;
}

export function createConnectionChores(deps: ChoreDeps): ConnectionChores {
  const { db, clock } = deps.connection;
  const stopping = new AbortController();
  const take = async (key: Chore, ending: AbortSignal): Promise<boolean> => {
    const taken = await db.tx(
      (tx) => claimChore(tx, key, new Date(tx.now.getTime() + limits.choreLeaseMs)),
      'connection.claim_chore',
    );
    if (taken !== null) await work(deps, taken, ending);
    return taken !== null;
  };
  const lane = (kinds: readonly ChoreKind[], most: number): ChoreLane =>
    openChoreLane({
      clock,
      most,
      timeMs: limits.choreMaxMs,
      due: (room) => dueChores(db, { kinds, limit: room }),
      work: take,
      onFailure: failed(deps.emit, undefined),
    });
  // Removing records is work of our own database: apart, so that it waits for no provider and no provider for it.
  const lanes = [lane(['end_grant', 'bury', 'probe'], limits.choresAtOnce), lane(['purge'], limits.purgesAtOnce)];

  return {
    perform: async (chore) => {
      try {
        await work(deps, chore, stopping.signal);
      } catch (error) {
        // A renewal under way, a database away: it stays due.
        if (!(error instanceof GantryError)) throw error;
        deps.emit({ kind: 'connection_chore_failed', cause: error });
      }
    },
    start: () => {
      for (const each of lanes) each.start();
    },
    wake: () => {
      for (const each of lanes) each.wake();
    },
    stop: async () => {
      stopping.abort(new Error('chores stop'));
      await Promise.all(lanes.map((each) => each.stop()));
    },
  };
}

const failed =
  <Rest>(emit: EventSink, rest: Rest) =>
  (cause: unknown): Rest => {
    emit({ kind: 'connection_chore_failed', cause });
    return rest;
  };

async function work(
  deps: ChoreDeps,
  chore: Pick<Chore, 'tenant' | 'connection' | 'kind'>,
  signal: AbortSignal,
): Promise<void> {
  const { tenant, connection } = chore;
  switch (chore.kind as ChoreKind) {
    case 'end_grant':
      await endItsGrant(deps, tenant, connection);
      return finishRevocation(deps.connection, tenant, connection);
    case 'bury':
      await endItsGrant(deps, tenant, connection);
      await bury(deps.connection, tenant, connection);
      return deps.onGone(tenant);
    case 'purge':
      return clear(deps, tenant, connection, signal);
    case 'probe':
      return probe(deps, tenant, connection);
  }
}

/** Portion by portion, and after a while the others first: a large connection does not hold up the small ones. */
async function clear(deps: ChoreDeps, tenant: TenantId, connection: ConnectionId, signal: AbortSignal): Promise<void> {
  const { db } = deps.connection;
  const done = await withinTime(limits.purgeTurnMs, signal, async (ending) => {
    let isDone = false;
    while (!isDone && !ending.aborted) isDone = await purge(deps.connection, tenant, connection);
    return isDone;
  });
  if (done) return deps.onPurged(tenant);
  const key = { tenant, connection, kind: 'purge' };
  await db.tenantTx(tenant, (tx) => setChore(tx, key, tx.now), 'connection.pass_purge');
}

async function endItsGrant(deps: ChoreDeps, tenant: TenantId, connection: ConnectionId): Promise<void> {
  const row = await deps.connection.db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection));
  // Somebody signed in again meanwhile: their grant is not the one to end.
  if (row === null || (row.state !== 'revoked' && row.state !== 'deleted')) return;
  await deps.beforeGrantEnds(tenant, connection).catch(failed(deps.emit, undefined));
  const { connector, app } = deps.targets.connector(row.integration, row.provider);
  await endGrant(deps.connection, { tenant, connection, slug: row.slug, connector, app });
}

/** One call: a provider that called the grant ended may only have stumbled. Seldom, and ever more so. */
async function probe(deps: ChoreDeps, tenant: TenantId, connection: ConnectionId): Promise<void> {
  const { db } = deps.connection;
  const key = { tenant, connection, kind: 'probe' };
  const target = await deps.targets.ofConnection(tenant, connection);
  const works =
    target !== null &&
    (await target.session.identify().then(
      () => true,
      () => false,
    ));
  const events = await db.tenantTx(
    tenant,
    async (tx) => {
      if (works) return recordConnectionEvent(tx, { tenant, connection, event: 'grant_proven' });
      const row = await readConnection(tx, tenant, connection);
      if (row?.state !== 'reauth_required') await finishChore(tx, key);
      else await setChore(tx, key, new Date(tx.now.getTime() + pauseMs(tx.now.getTime() - row.stateSince.getTime())));
      return [];
    },
    'connection.probed',
  );
  for (const event of events) deps.connection.onEvent(event);
}

/** As long again as it has lasted. */
const pauseMs = (lastedMs: number): number => Math.min(Math.max(lastedMs, limits.probeAfterMs), limits.probeAfterMaxMs);
