import type { DeadEventUseCases, EventsAct, Operator } from '../../api/index.ts';
import { requireConnection } from '../../connection/index.ts';
import { deadEvents, dropDeadEvents, replayDeadEvents } from '../../inbox/index.ts';
import { GantryError, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import type { Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { namesOf } from './find-object.ts';
import { actor, noteAct, type SyncAct } from './operator-acts.ts';

/** What providers told and nobody could read: seen, tried again, or dropped. */
export function createDeadEventUseCases({ db }: { readonly db: Db }): DeadEventUseCases {
  const find = async (request: { readonly tenant: string; readonly connection: string }) => {
    const tenant = await requireTenant(db, request.tenant);
    const { id } = await db.tenantRead(tenant, (tx) => requireConnection(tx, tenant, request.connection));
    return { tenant, connection: id };
  };
  return {
    list: async (_operator, { tenant: slug, connection: named, limit }) => {
      const tenant = await requireTenant(db, slug);
      const connection = named === null ? null : (await find({ tenant: slug, connection: named })).connection;
      const { connections } = await db.tenantRead(tenant, (tx) => namesOf(tx, tenant));
      const events = await deadEvents(db, tenant, { connection, limit });
      return events.map((event) => ({
        connection: connections.get(event.connection)?.slug ?? null,
        event: event.id,
        object: event.object,
        record: event.recordId,
        what: event.what,
        at: event.at?.toISOString() ?? null,
        received_at: event.receivedAt.toISOString(),
        tries: event.tries,
        code: event.lastError?.code ?? null,
        problem: event.lastError?.message ?? null,
        fix: event.lastError?.fix ?? null,
      }));
    },
    replay: async (operator, request) => {
      const { tenant, connection } = await find(request);
      const replayed = await replayDeadEvents(db, tenant, { connection, id: request.event });
      refuseNone(replayed, request);
      await note(db, tenant, { act: 'replay_dead_events', connection, events: replayed }, { operator, request });
      return { connection: request.connection, replayed };
    },
    drop: async (operator, request) => {
      const { tenant, connection } = await find(request);
      const end = { connection, id: request.event, by: actor(operator, request), reason: request.note };
      const dropped = await dropDeadEvents(db, tenant, end);
      refuseNone(dropped, request);
      await note(db, tenant, { act: 'drop_dead_events', connection, events: dropped }, { operator, request });
      return { connection: request.connection, dropped };
    },
  };
}

/** All of none is none; one that is named has to be there. */
function refuseNone(count: number, { event, connection }: EventsAct): void {
  if (count > 0 || event === null) return;
  throw new GantryError('not_found', {
    message: `Connection ${connection} has no dead event "${event.slice(0, 80)}".`,
    where: 'event',
    fix: 'It was read after all, or dropped. `gantry dead-events` lists those that there are.',
  });
}

async function note(
  db: Db,
  tenant: TenantId,
  { act, connection, events }: { readonly act: SyncAct; readonly connection: ConnectionId; readonly events: number },
  { operator, request }: { readonly operator: Operator; readonly request: EventsAct },
): Promise<void> {
  if (events === 0) return;
  const noted = { act, connection, name: request.event, figures: { events } };
  await db.tenantTx(tenant, (tx) => noteAct(tx, tenant, noted, { operator, said: request }), 'inbox.note_act');
}
