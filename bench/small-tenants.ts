import { createAgentKey, createTenant, type Gantry } from '../src/app/index.ts';
import { contentHash, systemRandom, type StreamId, type TenantId } from '../src/kernel/index.ts';
import {
  addConnection,
  currentSchemas,
  ensureStream,
  ingestPage,
  listConnections,
  listStreams,
  saveSchemaVersion,
  scanRecords,
  type IngestRecord,
  type StreamRow,
} from '../src/store/index.ts';

export interface SmallTenant {
  readonly id: TenantId;
  readonly agentKey: string;
}

/** Records of one object that a small tenant has at most. */
const RECORDS_PER_OBJECT = 125;
const OBJECTS = ['Account', 'Opportunity', 'tickets', 'organizations'];

/** Further customers with some 500 records each, copied from the large one through the store, as sync would write them. */
export async function addSmallTenants(gantry: Gantry, large: TenantId, count: number): Promise<SmallTenant[]> {
  const objects = await templates(gantry, large);
  const made: SmallTenant[] = [];
  for (let at = 0; at < count; at += 1) {
    const slug = `small-${String(at)}`;
    const id = await createTenant(gantry.db, slug);
    for (const object of objects) await copyObject(gantry, id, object);
    const request = { tenant: slug, agent: 'renewals-copilot', label: 'bench', expiresInDays: null };
    const { db, revisions } = gantry;
    made.push({ id, agentKey: await createAgentKey({ db, revisions, random: systemRandom }, request) });
  }
  return made;
}

interface Template {
  readonly connection: { readonly slug: string; readonly integration: string; readonly provider: string };
  readonly row: StreamRow;
  readonly object: Awaited<ReturnType<typeof currentSchemas>>[number]['object'];
  readonly records: readonly IngestRecord[];
}

async function templates({ db }: Gantry, large: TenantId): Promise<Template[]> {
  return db.tenantTx(large, async (tx) => {
    const connections = new Map((await listConnections(tx, large)).map((row) => [row.id, row]));
    const schemas = new Map((await currentSchemas(tx, large)).map((schema) => [schema.stream, schema.object]));
    const found: Template[] = [];
    for (const row of await listStreams(tx, large)) {
      const connection = connections.get(row.connection);
      const object = schemas.get(row.id);
      if (connection === undefined || object === undefined || !OBJECTS.includes(row.object)) continue;
      const request = { tenant: large, stream: row.id, afterId: null, limit: RECORDS_PER_OBJECT };
      const records = (await scanRecords(tx, request)).map(({ id, docText, srcAt }) => ({
        id,
        hash: contentHash(docText),
        docText,
        srcAt,
        deleted: false,
      }));
      found.push({ connection, row, object, records });
    }
    return found;
  });
}

async function copyObject({ db }: Gantry, tenant: TenantId, template: Template): Promise<StreamId> {
  const { connection, row, object, records } = template;
  return db.tenantTx(tenant, async (tx) => {
    const known = (await listConnections(tx, tenant)).find((each) => each.slug === connection.slug);
    const id = known?.id ?? (await addConnection(tx, { ...connection, tenant, state: 'working' }));
    const stream = await ensureStream(tx, { tenant, connection: id, object: row.object, everyS: 7 * 86_400 });
    await saveSchemaVersion(tx, { tenant, stream, object });
    const page = { tenant, stream, records, cursor: null, phase: 'current', seenAt: tx.now, asOf: tx.now } as const;
    await ingestPage(tx, page);
    // Nobody signed in for them: nothing is to be read from their systems.
    const never = new Date(tx.now.getTime() + 365 * 86_400_000);
    await tx.query('update stream set due_at = $3 where tenant = $1 and id = $2', [tenant, stream, never]);
    return stream;
  });
}
