import type { ConnectionId, TenantId } from '../kernel/index.ts';
import {
  countDeadCauses,
  dropEvents,
  listDeadEvents,
  replayEvents,
  type DeadCause,
  type DeadEvent,
  type Db,
} from '../store/index.ts';
import { afterInboxEvent } from './event-state.ts';

/** What one connection's inbox gave up. */
export interface DeadCount {
  readonly connection: ConnectionId;
  readonly events: number;
  /** When the oldest was received. */
  readonly oldest: Date;
  /** By the code of the last failure. */
  readonly causes: readonly { readonly code: string; readonly events: number }[];
}

/** Events that were given up, newest first, with the last failure; of one connection where it is named. */
export function deadEvents(
  db: Db,
  tenant: TenantId,
  request: { readonly connection: ConnectionId | null; readonly limit: number },
): Promise<readonly DeadEvent[]> {
  return db.tenantRead(tenant, (tx) => listDeadEvents(tx, { tenant, ...request }));
}

/** By connection; those that gave nothing up are not among them. */
export async function countDeadEvents(db: Db, tenant: TenantId): Promise<readonly DeadCount[]> {
  const causes = await db.tenantRead(tenant, (tx) => countDeadCauses(tx, { tenant }));
  const counts = new Map<ConnectionId, DeadCount>();
  for (const cause of causes) counts.set(cause.connection, counted(counts.get(cause.connection), cause));
  return [...counts.values()];
}

function counted(known: DeadCount | undefined, { connection, code, events, oldest }: DeadCause): DeadCount {
  if (known === undefined) return { connection, events, oldest, causes: [{ code, events }] };
  return {
    connection,
    events: known.events + events,
    oldest: oldest < known.oldest ? oldest : known.oldest,
    causes: [...known.causes, { code, events }],
  };
}

interface Chosen {
  readonly connection: ConnectionId;
  /** Null: all of the connection. */
  readonly id: string | null;
}

/** They are tried again at once, as often as new ones. Returns how many that are; 0: there is none. */
export function replayDeadEvents(db: Db, tenant: TenantId, { connection, id }: Chosen): Promise<number> {
  const state = afterInboxEvent('dead', 'replayed');
  return db.tenantTx(tenant, (tx) => replayEvents(tx, { tenant, connection }, { state, id }), 'inbox.replay_dead');
}

/** They are left alone for good; who said so and why is kept with them for as long as ended events are. */
export function dropDeadEvents(
  db: Db,
  tenant: TenantId,
  { connection, id, by, reason }: Chosen & { readonly by: string; readonly reason: string },
): Promise<number> {
  const state = afterInboxEvent('dead', 'dropped');
  const end = { state, id, by, reason };
  return db.tenantTx(tenant, (tx) => dropEvents(tx, { tenant, connection }, end), 'inbox.drop_dead');
}
