import type { ComparisonUseCases, ObjectAct, OfObjects, Operator } from '../../api/index.ts';
import { GantryError, type JsonObject, type TenantId } from '../../kernel/index.ts';
import { listStreams, listSweepReports, readSweep, type Db, type SweepReport, type Tx } from '../../store/index.ts';
import { acceptDeletions, dismissDeletions } from '../../sync/index.ts';
import { comparisonReport, comparisonUnderWay, heldReport } from './comparison-report.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import { namesOf, objectNamed, placeOf, streamsAsked } from './find-object.ts';
import { noteAct } from './operator-acts.ts';
import type { TenantName } from './sync-facts.ts';

/** What comparisons with the provider found, and the deletions that wait for somebody. */
export function createComparisonUseCases({
  db,
  wakeSync,
}: {
  readonly db: Db;
  readonly wakeSync: () => void;
}): ComparisonUseCases {
  return {
    list: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, (tx) => listComparisons(tx, tenant, request));
    },
    held: async (_operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      return db.tenantRead(tenant, (tx) => heldDeletions(tx, { id: tenant, slug: request.tenant }));
    },
    accept: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const deleted = await db.tenantTx(tenant, (tx) => accept(tx, tenant, operator, request), 'sync.accept_held');
      return { connection: request.connection, object: request.object, deleted };
    },
    dismiss: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      await db.tenantTx(tenant, (tx) => dismiss(tx, tenant, operator, request), 'sync.dismiss_held');
      wakeSync();
      return { connection: request.connection, object: request.object, deleted: 0 };
    },
  };
}

/** Those under way first, then reports, newest first. */
async function listComparisons(tx: Tx, tenant: TenantId, request: OfObjects): Promise<JsonObject[]> {
  const names = await namesOf(tx, tenant);
  const { limit } = request;
  const streams = (await streamsAsked(tx, tenant, request)) ?? (await listStreams(tx, tenant));
  const underWay: JsonObject[] = [];
  const reports: SweepReport[] = [];
  for (const { id: stream } of streams) {
    const running = comparisonUnderWay(await readSweep(tx, { tenant, stream }));
    if (running !== null) underWay.push({ ...placeOf(names, stream), ...running });
    reports.push(...(await listSweepReports(tx, { tenant, stream, limit })));
  }
  const newest = reports.toSorted((a, b) => b.endedAt.getTime() - a.endedAt.getTime());
  const ended = newest.map((row) => ({ ...placeOf(names, row.stream), ...comparisonReport(row) }));
  return [...underWay, ...ended].slice(0, limit);
}

/** Deletions of a tenant that wait for somebody. */
async function heldDeletions(tx: Tx, { id: tenant, slug }: TenantName): Promise<JsonObject[]> {
  const names = await namesOf(tx, tenant);
  const found: JsonObject[] = [];
  for (const { id } of await listStreams(tx, tenant)) {
    const sweep = await readSweep(tx, { tenant, stream: id });
    if (sweep?.kind !== 'held' || sweep.held === null) continue;
    const { connection, object } = placeOf(names, id);
    found.push(heldReport(sweep.held, { tenant: slug, connection: connection ?? '', object: object ?? '' }));
  }
  return found;
}

async function accept(tx: Tx, tenant: TenantId, operator: Operator, request: ObjectAct): Promise<number> {
  const { connection, stream } = await objectNamed(tx, tenant, request);
  const accepted = await acceptDeletions(tx, { tenant, stream: stream.id });
  if (accepted === null) throw nothingHeld(request);
  const { deleted } = accepted;
  const act = {
    act: 'accept_deletions',
    connection: connection.id,
    object: stream.object,
    figures: { deleted },
  } as const;
  await noteAct(tx, tenant, act, { operator, said: request });
  return deleted;
}

async function dismiss(tx: Tx, tenant: TenantId, operator: Operator, request: ObjectAct): Promise<void> {
  const { connection, stream } = await objectNamed(tx, tenant, request);
  const held = (await readSweep(tx, { tenant, stream: stream.id }))?.held?.missing ?? 0;
  if (!(await dismissDeletions(tx, { tenant, stream: stream.id }))) throw nothingHeld(request);
  const act = {
    act: 'dismiss_deletions',
    connection: connection.id,
    object: stream.object,
    figures: { held },
  } as const;
  await noteAct(tx, tenant, act, { operator, said: request });
}

const nothingHeld = ({ connection, object }: ObjectAct): GantryError =>
  new GantryError('object_state_conflict', {
    message: `No deletions of ${object} of connection ${connection} are held.`,
    where: object,
    fix: 'Nothing to do: they were carried out, the records were found again, or a new comparison is under way. `gantry deletions` lists what is held.',
  });
