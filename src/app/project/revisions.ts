import { GantryError, isJsonObject, limits, systemClock, type Clock, type RevisionId } from '../../kernel/index.ts';
import {
  loadProject,
  planChange,
  problemsError,
  type KnownNames,
  type Manifest,
  type Plan,
  type ProjectFiles,
} from '../../manifest/index.ts';
import type { CompiledFiles } from '../../operations/index.ts';
import {
  addRevision,
  currentRevision,
  currentRevisionId,
  hurryAccessTurns,
  listRevisions,
  lockProject,
  readRevision,
  refuseInTransaction,
  setCurrentRevision,
  type Db,
  type Directory,
  type Revision,
  type RevisionSummary,
  type Tx,
} from '../../store/index.ts';
import { refuseBreaking } from './refuse-breaking.ts';
import { connectedTenants, withOverlays, type ConnectedTenant } from './tenant-facts.ts';
import { twoOverlays } from './two-overlays.ts';

/** The manifest in force, with the revision it came from. */
export interface AppliedManifest {
  readonly revision: RevisionId;
  readonly manifest: Manifest;
}

export interface ApplyRequest {
  readonly files: ProjectFiles;
  readonly author: string;
  readonly message: string;
  /** Breaking changes that are meant, by the names that the plan gives them: `field deal.stage`. */
  readonly allowBreaking?: readonly string[];
}

export interface ApplyResult {
  readonly revision: RevisionId;
  /** False where the project means the same as the revision in force. */
  readonly changed: boolean;
  readonly plan: Plan;
}

export type ListedRevision = RevisionSummary & { readonly current: boolean };

/** Projects as immutable revisions: checked before they are kept, the newest applied one in force. */
export interface Revisions {
  /**
   * Null before the first apply. Cheap: once in `limits.projectLookMs` it asks which one is in force, and reads only
   * another one. Not inside a transaction.
   */
  current(): Promise<AppliedManifest | null>;
  /** As a transaction sees it. */
  currentIn(tx: Tx): Promise<AppliedManifest | null>;
  /** What applying these files would change. Raises `manifest_invalid` with every problem, `overlay_in_project`. */
  plan(files: ProjectFiles): Promise<Plan>;
  /** As plan, and `manifest_change_breaks` where it breaks what is not allowed by name. */
  apply(request: ApplyRequest): Promise<ApplyResult>;
  /** Applies the files of an older revision again, as a new one. Raises `not_found`, and what apply does. */
  rollback(request: Omit<ApplyRequest, 'files'> & { readonly to: RevisionId }): Promise<ApplyResult>;
  /** Newest first. */
  list(limit: number): Promise<ListedRevision[]>;
  /** Another process may have applied something. */
  forget(): void;
}

export const revisionChannel = 'gantry_revision';

/** `compile`: what operations in TypeScript are compiled by; absent: a project that has any is refused. */
export function createRevisions(
  db: Db,
  known: KnownNames,
  { compile = uncompiled, clock = systemClock }: { readonly compile?: Compile; readonly clock?: Clock } = {},
): Revisions {
  let cached: { readonly applied: Promise<AppliedManifest | null>; readonly untilMs: number } | null = null;

  const currentIn = async (directory: Directory): Promise<AppliedManifest | null> => {
    const revision = await currentRevision(directory);
    return revision === null ? null : { revision: revision.id, manifest: manifestOf(revision, known) };
  };
  /** The same object where it is in force still. */
  const lookAgain = async (before: Promise<AppliedManifest | null> | null): Promise<AppliedManifest | null> => {
    const last = (await before?.catch(() => null)) ?? null;
    if (last !== null && (await currentRevisionId(db)) === last.revision) return last;
    return currentIn(db);
  };
  const current = async (): Promise<AppliedManifest | null> => {
    refuseInTransaction();
    const now = clock.monotonicMs();
    if (cached !== null && cached.untilMs > now) return cached.applied;
    // One look for all who ask meanwhile: a word that another process applied something may be lost.
    const look = { applied: lookAgain(cached?.applied ?? null), untilMs: now + limits.projectLookMs };
    cached = look;
    try {
      return await look.applied;
    } catch (error) {
      if (cached === look) cached = null;
      throw error;
    }
  };
  const apply = async (request: ApplyRequest): Promise<ApplyResult> => {
    const loaded = await load(request.files, known, compile);
    const tenants = await connectedTenants(db);
    const result = await db.tx(async (tx) => {
      await lockProject(tx);
      const before = await currentRevision(tx);
      const plan = await planIn(tx, { before, loaded, tenants, known });
      if (before?.contentHash === loaded.hash) return { revision: before.id, changed: false, plan };
      refuseBreaking(plan, request.allowBreaking ?? []);
      const { author, message } = request;
      const content = Object.fromEntries(loaded.files);
      const revision = await addRevision(tx, { at: tx.now, author, message, content, contentHash: loaded.hash });
      await setCurrentRevision(tx, revision);
      await tx.query('select pg_notify($1, $2)', [revisionChannel, String(revision)]);
      // Rules of who is shown what may be others.
      await hurryAccessTurns(tx, null);
      return { revision, changed: true, plan };
    }, 'app.apply_revision');
    cached = null;
    return result;
  };
  return {
    current,
    currentIn,
    apply,
    plan: async (files) => {
      const loaded = await load(files, known, compile);
      const tenants = await connectedTenants(db);
      return db.read(async (tx) => planIn(tx, { before: await currentRevision(tx), loaded, tenants, known }));
    },
    rollback: async ({ to, ...request }) => {
      const revision = await readRevision(db, to);
      if (revision === null) throw revisionMissing(to);
      return apply({ ...request, files: filesOf(revision) });
    },
    list: async (limit) => {
      const [all, inForce] = [await listRevisions(db, limit), await currentRevision(db)];
      return all.map((row) => ({ ...row, current: row.id === inForce?.id }));
    },
    forget: () => {
      cached = null;
    },
  };
}

type Loaded = Extract<ReturnType<typeof loadProject>, { kind: 'ok' }>;

type Compile = (files: ProjectFiles) => Promise<CompiledFiles>;

const uncompiled: Compile = async (files) => ({ files, problems: [] });

/** Files of a revision are compiled already, and stay as they are. */
async function load(files: ProjectFiles, known: KnownNames, compile: Compile): Promise<Loaded> {
  const compiled = await compile(files);
  const result = loadProject(compiled.files, known, compiled.problems);
  if (result.kind === 'problems') throw problemsError(result.problems);
  return result;
}

interface Planned {
  readonly before: Revision | null;
  readonly loaded: Loaded;
  readonly tenants: readonly ConnectedTenant[];
  readonly known: KnownNames;
}

async function planIn(tx: Tx, { before, loaded, tenants, known }: Planned): Promise<Plan> {
  const facts = await withOverlays(tx, tenants);
  for (const { tenant, stored } of facts) {
    const declared = loaded.manifest.overlays.get(tenant);
    if (stored !== null && declared !== undefined) {
      throw twoOverlays(tenant, `${declared.at.file}:${String(declared.at.line)}`);
    }
  }
  // What this program cannot read any more cannot be compared with: its agents got no answers either.
  const from =
    before === null ? null : loadProject(filesOf(before), { ...known, liveWays: new Map(), newFieldWays: new Map() });
  const today = tx.now.toISOString().slice(0, 10);
  return planChange(from?.kind === 'ok' ? from.manifest : null, loaded.manifest, { today, tenants: facts });
}

function filesOf(revision: Revision): Map<string, string> {
  if (!isJsonObject(revision.content)) throw new Error(`revision ${String(revision.id)} holds no files`);
  return new Map(Object.entries(revision.content).map(([path, text]) => [path, text as string]));
}

const revisionMissing = (id: RevisionId): GantryError =>
  new GantryError('not_found', {
    message: `There is no revision ${String(id)}.`,
    where: 'revision',
    fix: 'Name a revision that `gantry revisions` lists.',
  });

/** A revision was valid when it was applied; one that no longer is was applied by a newer or older program. */
function manifestOf(revision: Revision, known: KnownNames): Manifest {
  // What was accepted before this was judged goes on as it did: it only had no effect.
  const result = loadProject(filesOf(revision), { ...known, liveWays: new Map(), newFieldWays: new Map() });
  if (result.kind === 'ok') return result.manifest;
  throw new GantryError('manifest_invalid', {
    message: `Revision ${String(revision.id)}, which is in force, is not valid for this version of Gantry.`,
    where: `revision ${String(revision.id)}`,
    fix: 'Apply the project again; validate shows what to change.',
  });
}
