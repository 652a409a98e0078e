import { GantryError, limits, type Json, type RevisionId, type TenantId } from '../../kernel/index.ts';
import { loadOverlay, manifestFor, renderProblem, type Manifest } from '../../manifest/index.ts';
import { listTenants, newestOverlay, type Db } from '../../store/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import type { AppliedManifest, Revisions } from './revisions.ts';

/** The project in force as one tenant has it. */
export interface TenantManifest {
  readonly manifest: Manifest;
  /** Another one whenever the revision in force or the tenant's overlay is. */
  readonly version: string;
}

export interface TenantManifests {
  /** Null before the first apply. Raises `overlay_stale` where the stored overlay does not fit the project any more. */
  of(tenant: TenantId): Promise<TenantManifest | null>;
  slugOf(tenant: TenantId): Promise<string>;
  /** The tenant's overlay may be another one now. */
  forget(tenant: TenantId): void;
  forgetAll(): void;
}

interface KnownManifest {
  readonly revision: RevisionId;
  readonly manifest: Promise<TenantManifest>;
}

export function createTenantManifests(db: Db, revisions: Revisions): TenantManifests {
  const slugs = new Map<TenantId, string>();
  const cached = createRecentlyUsed<TenantId, KnownManifest>(limits.cataloguesMax);

  const slugOf = async (tenant: TenantId): Promise<string> => {
    const known = slugs.get(tenant);
    if (known !== undefined) return known;
    for (const row of await listTenants(db)) slugs.set(row.id, row.slug);
    return slugs.get(tenant) ?? String(tenant);
  };
  const read = async (tenant: TenantId, { revision, manifest }: AppliedManifest): Promise<TenantManifest> => {
    const slug = await slugOf(tenant);
    const declared = manifest.overlays.get(slug);
    if (declared !== undefined) return { manifest: manifestFor(manifest, declared), version: String(revision) };
    const stored = await newestOverlay(db, tenant);
    const version = `${String(revision)}/${String(stored?.version ?? 0)}`;
    if (stored === null || stored.content === null) return { manifest, version };
    const result = loadOverlay(stored.content, { file: overlayName(slug, stored.version), tenant: slug }, manifest);
    if (result.kind === 'ok') return { manifest: manifestFor(manifest, result.overlay), version };
    throw new GantryError('overlay_stale', {
      message: `The overlay of ${slug} does not fit the project in force: ${result.problems.slice(0, 1).map(renderProblem).join('')}`,
      where: overlayName(slug, stored.version),
      data: { problems: result.problems as unknown as Json },
    });
  };
  return {
    slugOf,
    of: async (tenant) => {
      const applied = await revisions.current();
      if (applied === null) return null;
      const known = cached.get(tenant);
      if (known?.revision === applied.revision) return known.manifest;
      const entry = { revision: applied.revision, manifest: read(tenant, applied) };
      cached.set(tenant, entry);
      // A failure is not kept; a success that was overtaken by `forget` is no longer in the map.
      entry.manifest.catch(() => {
        if (cached.get(tenant) === entry) cached.delete(tenant);
      });
      return entry.manifest;
    },
    forget: (tenant) => {
      cached.delete(tenant);
    },
    forgetAll: () => cached.clear(),
  };
}

/** What mistakes in a stored overlay call their file. */
export const overlayName = (slug: string, version: number): string => `overlay of ${slug}, version ${String(version)}`;
