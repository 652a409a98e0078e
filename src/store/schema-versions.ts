import { canonicalJson, contentHash, type Json, type StreamId, type TenantId } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { Tx } from './db.ts';
import { jsonbText } from './jsonb-text.ts';

/** What the provider said about an object at a time. Versions count up from 1 per stream. */
export interface SchemaVersion {
  readonly stream: StreamId;
  readonly version: number;
  readonly hash: string;
  readonly object: NativeObject;
  readonly discoveredAt: Date;
}

const columns = 'stream, version, hash, object, discovered_at as "discoveredAt"';

export const schemaVersionsSql = {
  lock: 'select id from stream where tenant = $1 and id = $2 for update',
  latest: `select ${columns} from schema_version where tenant = $1 and stream = $2 order by version desc limit 1`,
  read: `select ${columns} from schema_version where tenant = $1 and stream = $2 and version = $3`,
  add: `insert into schema_version (tenant, stream, version, hash, object, discovered_at)
    values ($1, $2, $3, $4, $5::text::jsonb, $6)`,
  use: 'update stream set schema_version = $3 where tenant = $1 and id = $2',
  current: `select v.stream, v.version, v.hash, v.object, v.discovered_at as "discoveredAt"
    from stream s join schema_version v on v.tenant = s.tenant and v.stream = s.id and v.version = s.schema_version
    where s.tenant = $1 and v.tenant = $1 order by v.stream`,
} as const;

/** Keeps the schema if it differs from the latest, and makes it the stream's current one. */
export async function saveSchemaVersion(
  tx: Tx,
  input: { readonly tenant: TenantId; readonly stream: StreamId; readonly object: NativeObject },
): Promise<{ readonly version: number; readonly changed: boolean }> {
  const { tenant, stream, object } = input;
  const text = jsonbText(canonicalJson(object as unknown as Json));
  const hash = contentHash(text);
  if ((await tx.query(schemaVersionsSql.lock, [tenant, stream])).length === 0) throw new Error(`no stream ${stream}`);
  const latest = await latestSchemaVersion(tx, tenant, stream);
  if (latest?.hash === hash) return { version: latest.version, changed: false };
  const version = (latest?.version ?? 0) + 1;
  await tx.query(schemaVersionsSql.add, [tenant, stream, version, hash, text, tx.now]);
  await tx.query(schemaVersionsSql.use, [tenant, stream, version]);
  return { version, changed: true };
}

export async function latestSchemaVersion(tx: Tx, tenant: TenantId, stream: StreamId): Promise<SchemaVersion | null> {
  return (await tx.query<SchemaVersion>(schemaVersionsSql.latest, [tenant, stream]))[0] ?? null;
}

export async function readSchemaVersion(
  tx: Tx,
  tenant: TenantId,
  stream: StreamId,
  version: number,
): Promise<SchemaVersion | null> {
  return (await tx.query<SchemaVersion>(schemaVersionsSql.read, [tenant, stream, version]))[0] ?? null;
}

/** The schema in use of each of the tenant's streams. */
export async function currentSchemas(tx: Tx, tenant: TenantId): Promise<SchemaVersion[]> {
  return tx.query<SchemaVersion>(schemaVersionsSql.current, [tenant]);
}
