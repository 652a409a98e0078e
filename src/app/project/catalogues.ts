import { GantryError, limits, type TenantId } from '../../kernel/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import { compileCatalogue, type Catalogue, type TenantStream } from '../../mapping/index.ts';
import { currentSchemas, listConnections, listStreams, type Db } from '../../store/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import type { TenantManifests } from './tenant-manifests.ts';

/** Each tenant's compiled catalogue: the manifest in force with its overlay, met with what was discovered there. */
export interface Catalogues {
  of(tenant: TenantId): Promise<Catalogue>;
  /** What it was compiled from; the same for the same catalogue. */
  streamsOf(tenant: TenantId): Promise<readonly TenantStream[]>;
  forget(tenant: TenantId): void;
  forgetAll(): void;
}

export const catalogueChannel = 'gantry_catalogue';

interface KnownCatalogue {
  /** Of the manifest that it was compiled from. */
  readonly version: string;
  readonly catalogue: Promise<Catalogue>;
}

/** `onOther`: a tenant's manifest turned out to be another one, of which nobody had told. */
export function createCatalogues(
  db: Db,
  manifests: TenantManifests,
  onOther: (tenant: TenantId) => void = () => undefined,
): Catalogues {
  const cached = createRecentlyUsed<TenantId, KnownCatalogue>(limits.cataloguesMax);
  const streams = new WeakMap<Catalogue, readonly TenantStream[]>();
  const compile = async (tenant: TenantId, manifest: Manifest): Promise<Catalogue> => {
    const found = await tenantStreams(db, tenant);
    const catalogue = compileCatalogue(manifest, found);
    streams.set(catalogue, found);
    return catalogue;
  };
  const of = async (tenant: TenantId): Promise<Catalogue> => {
    const applied = await manifests.of(tenant);
    if (applied === null) {
      throw new GantryError('not_found', {
        message: 'No project has been applied yet.',
        fix: 'Run `gantry apply <folder>`.',
      });
    }
    const { version, manifest } = applied;
    const known = cached.get(tenant);
    if (known?.version === version) return known.catalogue;
    const compiling = { version, catalogue: compile(tenant, manifest) };
    cached.set(tenant, compiling);
    if (known !== undefined) onOther(tenant);
    // A failure is not kept; a success that was overtaken by `forget` is no longer in the map.
    compiling.catalogue.catch(() => {
      if (cached.get(tenant) === compiling) cached.delete(tenant);
    });
    return compiling.catalogue;
  };
  return {
    of,
    streamsOf: async (tenant) => streams.get(await of(tenant)) ?? [],
    forget: (tenant) => {
      cached.delete(tenant);
    },
    forgetAll: () => cached.clear(),
  };
}

/** Streams with a discovered schema; one that was never described has nothing to show yet. */
async function tenantStreams(db: Db, tenant: TenantId): Promise<TenantStream[]> {
  return db.tenantRead(tenant, async (tx) => {
    const connections = new Map((await listConnections(tx, tenant)).map((row) => [row.id, row]));
    const schemas = new Map((await currentSchemas(tx, tenant)).map((schema) => [schema.stream, schema]));
    const streams: TenantStream[] = [];
    for (const row of await listStreams(tx, tenant)) {
      const connection = connections.get(row.connection);
      const schema = schemas.get(row.id);
      if (connection === undefined || connection.state === 'deleted' || schema === undefined || !row.enabled) continue;
      streams.push({
        stream: row.id,
        connection: row.connection,
        connectionSlug: connection.slug,
        integration: connection.integration,
        provider: connection.provider,
        object: schema.object,
        schemaVersion: schema.version,
      });
    }
    return streams;
  });
}
