import { changeEntry, type AppendAudit } from '../../audit/index.ts';
import { GantryError, type TenantId } from '../../kernel/index.ts';
import { guardedMappings, loadOverlay, problemsError, type KnownNames } from '../../manifest/index.ts';
import {
  addOverlay,
  currentRevision,
  hurryAccessTurns,
  listOverlays,
  lockProject,
  newestOverlay,
  withinTenant,
  type Db,
  type OverlayRow,
  type Tx,
} from '../../store/index.ts';
import { catalogueChannel } from './catalogues.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { AppliedManifest, Revisions } from './revisions.ts';
import { twoOverlays } from './two-overlays.ts';

/** What one tenant does differently, wherever it is written. */
export interface ShownOverlay {
  readonly tenant: string;
  /** `project`: a file of the revision in force; `stored`: kept by `set`. */
  readonly source: 'project' | 'stored';
  /** Version of a stored one; the revision of one in the project. */
  readonly version: number;
  /** Path in the project; null for a stored one. */
  readonly file: string | null;
  readonly author: string;
  readonly createdAt: Date;
  readonly yaml: string;
}

export interface SetOverlay {
  readonly tenant: string;
  readonly yaml: string;
  /** What mistakes call the text. */
  readonly file: string;
  readonly author: string;
}

export interface OverlayVersion {
  readonly version: number;
  /** False where the text is the one in force already. */
  readonly changed: boolean;
  /** What is no mistake and yet may not be meant: sentences. */
  readonly notes: readonly string[];
}

/** Overlays that are kept per tenant, as immutable numbered versions, beside those in the project. */
export interface Overlays {
  /** Null where the tenant has none. Raises `not_found` for an unknown tenant. */
  show(tenant: string): Promise<ShownOverlay | null>;
  /** Newest first; one without text took the overlay away. */
  versions(tenant: string, limit: number): Promise<OverlayRow[]>;
  /** Raises `manifest_invalid` with every mistake, `overlay_in_project`, `not_found`. */
  set(request: SetOverlay): Promise<OverlayVersion>;
  remove(request: { readonly tenant: string; readonly author: string }): Promise<OverlayVersion>;
}

export interface OverlayDeps {
  readonly db: Db;
  readonly revisions: Revisions;
  readonly known: KnownNames;
  readonly append: AppendAudit;
  /** The tenant's overlay is another one now; other processes are told by the database. */
  readonly onChange: (tenant: TenantId) => void;
}

export function createOverlays({ db, revisions, known, append, onChange }: OverlayDeps): Overlays {
  /** Kept in the same turn in which it was checked against the revision in force. */
  const keep = async (
    slug: string,
    author: string,
    contentOver: (applied: AppliedManifest) => { readonly content: string | null; readonly notes: readonly string[] },
  ): Promise<OverlayVersion> => {
    const tenant = await requireTenant(db, slug);
    const kept = await db.tx(async (tx) => {
      await lockProject(tx);
      const applied = await revisions.currentIn(tx);
      if (applied === null) throw noProject();
      const { content, notes } = contentOver(applied);
      refuseTwo(slug, applied);
      const before = await newestOverlay(tx, tenant);
      if ((before?.content ?? null) === content) return { version: before?.version ?? 0, changed: false, notes };
      const version = await addOverlay(tx, { tenant, at: tx.now, author, content });
      await tellOthers(tx, tenant);
      await hurryAccessTurns(tx, tenant);
      const what = content === null ? 'the overlay: taken away' : 'the overlay';
      const entry = changeEntry({ by: author, what, before: before?.version ?? null, after: version });
      await withinTenant(tx, tenant, () => append(tx, tenant, [entry]));
      return { version, changed: true, notes };
    }, 'app.store_overlay');
    if (kept.changed) onChange(tenant);
    return kept;
  };
  return {
    show: async (slug) => {
      const tenant = await requireTenant(db, slug);
      return (await shownFromProject(db, slug, await revisions.current())) ?? shownFromStore(db, slug, tenant);
    },
    versions: async (slug, limit) => listOverlays(db, await requireTenant(db, slug), limit),
    set: ({ tenant, yaml, file, author }) =>
      keep(tenant, author, ({ manifest }) => {
        const result = loadOverlay(yaml, { file, tenant }, manifest, known);
        if (result.kind === 'problems') throw problemsError(result.problems);
        return { content: yaml, notes: guardedMappings(manifest, result.overlay) };
      }),
    remove: ({ tenant, author }) => keep(tenant, author, () => ({ content: null, notes: [] })),
  };
}

async function shownFromProject(db: Db, slug: string, applied: AppliedManifest | null): Promise<ShownOverlay | null> {
  const file = applied?.manifest.overlays.get(slug)?.at.file;
  const revision = file === undefined ? null : await currentRevision(db);
  if (file === undefined || revision === null) return null;
  const { id, author, createdAt, content } = revision;
  const yaml = String((content as { readonly [path: string]: string })[file]);
  return { tenant: slug, source: 'project', version: id, file, author, createdAt, yaml };
}

async function shownFromStore(db: Db, slug: string, tenant: TenantId): Promise<ShownOverlay | null> {
  const stored = await newestOverlay(db, tenant);
  if (stored === null || stored.content === null) return null;
  const { version, author, createdAt, content } = stored;
  return { tenant: slug, source: 'stored', version, file: null, author, createdAt, yaml: content };
}

function refuseTwo(slug: string, { manifest }: AppliedManifest): void {
  const declared = manifest.overlays.get(slug);
  if (declared !== undefined) throw twoOverlays(slug, `${declared.at.file}:${String(declared.at.line)}`);
}

const noProject = (): GantryError =>
  new GantryError('not_found', {
    message: 'No project has been applied yet, so that an overlay would lie over nothing.',
    fix: 'Run `gantry apply <folder>` first.',
  });

async function tellOthers(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [catalogueChannel, String(tenant)]);
}
