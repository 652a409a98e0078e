import type { ObjectAct, ObjectUseCases, Operator } from '../../api/index.ts';
import { GantryError, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { SyncSettings } from '../../manifest/index.ts';
import { pauseStream, type ConnectionRow, type Db, type StreamRow, type Tx } from '../../store/index.ts';
import { askBackfill } from '../../sync/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { objectNamed } from './find-object.ts';
import { objectReport } from './object-report.ts';
import { actor, noteAct } from './operator-acts.ts';
import { syncFacts } from './sync-facts.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';

export interface ObjectUseCaseDeps {
  readonly db: Db;
  readonly manifests: Pick<TenantManifests, 'of'>;
  /** Something became due. */
  readonly wakeSync: () => void;
}

interface Found {
  readonly tenant: TenantId;
  readonly connection: ConnectionRow;
  readonly stream: StreamRow;
}

/** Pausing, resuming and reading again one object of a connection. */
export function createObjectUseCases(deps: ObjectUseCaseDeps): ObjectUseCases {
  const { db } = deps;
  const report = async ({ tenant, connection, stream }: Found, slug: string): Promise<JsonObject> => {
    const facts = await syncFacts(db, tenant);
    const now = facts.streams.find(({ id }) => id === stream.id) ?? stream;
    return { connection: connection.slug, ...objectReport(facts, slug, connection, now) };
  };
  return {
    pause: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const found = await db.tenantTx(tenant, (tx) => pause(tx, tenant, operator, request), 'sync.pause_object');
      return report(found, request.tenant);
    },
    resume: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const found = await db.tenantTx(tenant, (tx) => resume(tx, tenant, operator, request), 'sync.resume_object');
      deps.wakeSync();
      return report(found, request.tenant);
    },
    backfill: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const settings = await settingsOf(deps, tenant, request);
      const found = await db.tenantTx(
        tenant,
        async (tx) => {
          const { connection, stream } = await objectNamed(tx, tenant, request);
          const { object } = stream;
          const days = request.days === 'all' ? null : (request.days ?? settings?.backfillDays ?? null);
          const since = days === null ? null : new Date(tx.now.getTime() - days * DAY_MS);
          await askBackfill(tx, { tenant, stream: stream.id, since });
          const figures = { days };
          await noteAct(
            tx,
            tenant,
            { act: 'backfill', connection: connection.id, object, figures },
            { operator, said: request },
          );
          return { tenant, connection, stream };
        },
        'sync.ask_backfill',
      );
      deps.wakeSync();
      return report(found, request.tenant);
    },
  };
}

const DAY_MS = 86_400_000;

async function pause(tx: Tx, tenant: TenantId, operator: Operator, request: ObjectAct): Promise<Found> {
  const { connection, stream } = await objectNamed(tx, tenant, request);
  const { object, paused } = stream;
  if (paused !== null) throw conflict(request, `was paused by ${paused.by} at ${paused.at} already`);
  const pausing = { by: actor(operator, request), at: tx.now.toISOString(), note: request.note };
  await pauseStream(tx, { tenant, connection: connection.id, object, pause: pausing });
  await noteAct(tx, tenant, { act: 'pause', connection: connection.id, object }, { operator, said: request });
  return { tenant, connection, stream };
}

async function resume(tx: Tx, tenant: TenantId, operator: Operator, request: ObjectAct): Promise<Found> {
  const { connection, stream } = await objectNamed(tx, tenant, request);
  const { object, paused } = stream;
  if (paused === null) throw conflict(request, 'is not paused');
  await pauseStream(tx, { tenant, connection: connection.id, object, pause: null });
  await noteAct(tx, tenant, { act: 'resume', connection: connection.id, object }, { operator, said: request });
  return { tenant, connection, stream };
}

/** What the project says of the object; null where only a glob asks for it. */
async function settingsOf(
  { db, manifests }: ObjectUseCaseDeps,
  tenant: TenantId,
  { connection: slug, object }: ObjectAct,
): Promise<SyncSettings | null> {
  const { connection } = await db.tenantRead(tenant, (tx) => objectNamed(tx, tenant, { connection: slug, object }));
  const applied = await manifests.of(tenant);
  const declared = applied?.manifest.integrations.get(connection.integration)?.objects.values() ?? [];
  return [...declared].find(({ from }) => from === object)?.sync ?? null;
}

const conflict = ({ connection, object }: ObjectAct, what: string): GantryError =>
  new GantryError('object_state_conflict', {
    message: `${object} of connection ${connection} ${what}.`,
    where: object,
  });
