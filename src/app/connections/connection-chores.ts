import {
  bury,
  endGrant,
  finishRevocation,
  purge,
  recordConnectionEvent,
  type ChoreKind,
  type ConnectionDeps,
} from '../../connection/index.ts';
import { GantryError, limits, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import { claimChore, dueChores, finishChore, readConnection, setChore, type Chore } from '../../store/index.ts';
import type { EventSink } from '../events.ts';
import type { Targets } from '../sync/targets.ts';

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
  let wakeUp: () => void = () => undefined;
  let looping: Promise<void> | null = null;

  const take = async (key: Chore): Promise<void> => {
    const taken = await db.tx(
      (tx) => claimChore(tx, key, new Date(tx.now.getTime() + limits.choreLeaseMs)),
      'connection.claim_chore',
    );
    if (taken !== null) await work(deps, taken, stopping.signal);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const due = await dueChores(db, limits.choresAtOnce).catch(failed(deps.emit, []));
      for (const chore of due) await take(chore).catch(failed(deps.emit, undefined));
      const rest = new AbortController();
      wakeUp = () => rest.abort(new Error('woken'));
      if (!stopping.signal.aborted) await clock.sleep(limits.choreLookMs, rest.signal).catch(() => undefined);
    }
  };

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
      looping ??= loop();
    },
    wake: () => wakeUp(),
    stop: async () => {
      stopping.abort(new Error('chores stop'));
      wakeUp();
      await looping;
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
    case 'purge': {
      let done = false;
      while (!done && !signal.aborted) done = await purge(deps.connection, tenant, connection);
      if (done) await deps.onPurged(tenant);
      return;
    }
    case 'probe':
      return probe(deps, tenant, connection);
  }
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
