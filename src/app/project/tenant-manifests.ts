import {
  GantryError,
  limits,
  systemClock,
  type Clock,
  type Json,
  type RevisionId,
  type TenantId,
} from '../../kernel/index.ts';
import { loadOverlay, manifestFor, renderProblem, type Manifest } from '../../manifest/index.ts';
import { listTenants, newestOverlay, newestOverlayVersion, type Db } from '../../store/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';
import type { AppliedManifest, Revisions } from './revisions.ts';

/** The project in force as one tenant has it. */
export interface TenantManifest {
  readonly manifest: Manifest;
  /** Another one whenever the revision in force or the tenant's overlay is. */
  readonly version: string;
}

export interface TenantManifests {
  /** Null before the first apply. Not inside a transaction. Raises `overlay_stale` where the stored overlay does not fit the project any more. */
  of(tenant: TenantId): Promise<TenantManifest | null>;
  slugOf(tenant: TenantId): Promise<string>;
  /** The tenant's overlay may be another one now. */
  forget(tenant: TenantId): void;
  forgetAll(): void;
}

interface KnownManifest {
  readonly revision: RevisionId;
  readonly manifest: Promise<TenantManifest>;
  /** Until when nobody asks whether the overlay is still the same. */
  readonly untilMs: number;
}

export function createTenantManifests(db: Db, revisions: Revisions, clock: Clock = systemClock): TenantManifests {
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
    const version = versionWith(revision, stored?.version ?? 0);
    if (stored === null || stored.content === null) return { manifest, version };
    const result = loadOverlay(stored.content, { file: overlayName(slug, stored.version), tenant: slug }, manifest);
    if (result.kind === 'ok') return { manifest: manifestFor(manifest, result.overlay), version };
    throw new GantryError('overlay_stale', {
      message: `The overlay of ${slug} does not fit the project in force: ${result.problems.slice(0, 1).map(renderProblem).join('')}`,
      where: overlayName(slug, stored.version),
      data: { problems: result.problems as unknown as Json },
    });
  };
  /** The same object where the overlay is the same still. */
  const lookAgain = async (
    tenant: TenantId,
    applied: AppliedManifest,
    before: Promise<TenantManifest> | null,
  ): Promise<TenantManifest> => {
    const last = (await before?.catch(() => null)) ?? null;
    if (last === null) return read(tenant, applied);
    // One that is in the project changes with the revision only.
    if (applied.manifest.overlays.has(await slugOf(tenant))) return last;
    const stored = await newestOverlayVersion(db, tenant);
    return last.version === versionWith(applied.revision, stored) ? last : read(tenant, applied);
  };
  return {
    slugOf,
    of: async (tenant) => {
      const now = clock.monotonicMs();
      // This refuses inside a transaction, for both.
      const applied = await revisions.current();
      if (applied === null) return null;
      const { revision } = applied;
      const known = cached.get(tenant);
      const isSame = known?.revision === revision;
      if (isSame && known.untilMs > now) return known.manifest;
      const manifest = lookAgain(tenant, applied, isSame ? known.manifest : null);
      const entry = { revision, manifest, untilMs: now + limits.projectLookMs };
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

const versionWith = (revision: RevisionId, overlay: number): string => `${String(revision)}/${String(overlay)}`;

/** What mistakes in a stored overlay call their file. */
export const overlayName = (slug: string, version: number): string => `overlay of ${slug}, version ${String(version)}`;
