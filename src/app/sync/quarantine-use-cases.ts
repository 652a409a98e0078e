import type { OfQuarantine, QuarantineUseCases } from '../../api/index.ts';
import { limits, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  countQuarantine,
  quarantinedValues,
  quarantineGroups,
  type QuarantineFilter,
  type StreamRow,
  type Tx,
} from '../../store/index.ts';
import { replayQuarantine, rereadQuarantine, type SyncDeps } from '../../sync/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { namesOf, placeOf, streamsAsked } from './find-object.ts';
import { noteAct } from './operator-acts.ts';
import { readingTarget } from './reading-target.ts';
import type { Targets } from './targets.ts';

export interface QuarantineDeps {
  readonly sync: SyncDeps;
  readonly targets: Pick<Targets, 'ofConnection'>;
}

/** Values that do not fit their field's type: seen, and tried again once field or value was put right. */
export function createQuarantineUseCases({ sync, targets }: QuarantineDeps): QuarantineUseCases {
  const { db } = sync;
  return {
    groups: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, async (tx) => {
        const names = await namesOf(tx, tenant);
        const size = {
          examples: limits.quarantineExamplesMax,
          limit: Math.min(request.limit, limits.quarantineGroupsMax),
        };
        const groups = await quarantineGroups(tx, await filterOf(tx, tenant, request), size);
        return groups.map(({ stream, field, reason, count, examples, firstAt, lastAt }) => ({
          ...placeOf(names, stream),
          field,
          reason,
          values: count,
          examples: [...examples],
          first_at: firstAt.toISOString(),
          last_at: lastAt.toISOString(),
        }));
      });
    },
    values: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, async (tx) => {
        const names = await namesOf(tx, tenant);
        const rows = await quarantinedValues(tx, await filterOf(tx, tenant, request), request.limit);
        return rows.map(({ stream, id, field, reason, value, at }) => ({
          ...placeOf(names, stream),
          id,
          field,
          reason,
          value,
          at: at.toISOString(),
        }));
      });
    },
    replay: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const { connection, object, read } = request;
      const streams = await db.tenantRead(tenant, async (tx) => {
        const counts = await countQuarantine(tx, tenant);
        return ((await streamsAsked(tx, tenant, { connection, object })) ?? []).filter(({ id }) => counts.has(id));
      });
      const target = read ? await readingTarget({ db, targets }, tenant, connection) : null;
      const objects: JsonObject[] = [];
      for (const stream of streams) {
        const figures = {
          ...(target === null
            ? await replayQuarantine(sync, { tenant, stream: stream.id })
            : await rereadQuarantine(sync, target, stream)),
        };
        objects.push({ object: stream.object, ...figures, set_aside: await leftOf(sync, tenant, stream) });
        const act = {
          act: 'replay_quarantine',
          connection: stream.connection,
          object: stream.object,
          figures,
        } as const;
        await db.tenantTx(
          tenant,
          (tx) => noteAct(tx, tenant, act, { operator, said: request }),
          'sync.note_quarantine_replay',
        );
      }
      return { connection, read, objects };
    },
  };
}

async function filterOf(tx: Tx, tenant: TenantId, request: OfQuarantine): Promise<QuarantineFilter> {
  const streams = await streamsAsked(tx, tenant, request);
  return { tenant, field: request.field, streams: streams?.map(({ id }) => id) ?? null };
}

async function leftOf({ db }: SyncDeps, tenant: TenantId, { id }: StreamRow): Promise<number> {
  return (await db.tenantRead(tenant, (tx) => countQuarantine(tx, tenant))).get(id) ?? 0;
}
