import { GantryError, isJsonObject, type RevisionId } from '../kernel/index.ts';
import {
  loadProject,
  planChange,
  problemsError,
  type KnownNames,
  type Manifest,
  type Plan,
  type ProjectFiles,
} from '../manifest/index.ts';
import { addRevision, currentRevision, setCurrentRevision, type Db, type Revision } from '../store/index.ts';

/** The manifest in force, with the revision it came from. */
export interface AppliedManifest {
  readonly revision: RevisionId;
  readonly manifest: Manifest;
}

export interface ApplyRequest {
  readonly files: ProjectFiles;
  readonly author: string;
  readonly message: string;
}

export interface ApplyResult {
  readonly revision: RevisionId;
  /** False where the project means the same as the revision in force. */
  readonly changed: boolean;
  readonly plan: Plan;
}

/** Projects as immutable revisions: checked before they are kept, the newest applied one in force. */
export interface Revisions {
  /** Null before the first apply. Cheap: reads again only after `forget`. */
  current(): Promise<AppliedManifest | null>;
  /** What applying these files would change. Raises `manifest_invalid` with every problem. */
  plan(files: ProjectFiles): Promise<Plan>;
  apply(request: ApplyRequest): Promise<ApplyResult>;
  /** Another process may have applied something. */
  forget(): void;
}

export const revisionChannel = 'gantry_revision';

export function createRevisions(db: Db, known: KnownNames): Revisions {
  let cached: Promise<AppliedManifest | null> | null = null;

  const load = (files: ProjectFiles): Extract<ReturnType<typeof loadProject>, { kind: 'ok' }> => {
    const result = loadProject(files, known);
    if (result.kind === 'problems') throw problemsError(result.problems);
    return result;
  };
  const readCurrent = async (): Promise<AppliedManifest | null> => {
    const revision = await currentRevision(db);
    return revision === null ? null : { revision: revision.id, manifest: manifestOf(revision, known) };
  };
  const current = async (): Promise<AppliedManifest | null> => {
    cached ??= readCurrent();
    try {
      return await cached;
    } catch (error) {
      cached = null;
      throw error;
    }
  };
  return {
    current,
    plan: async (files) => planChange((await current())?.manifest ?? null, load(files).manifest),
    apply: async ({ files, author, message }) => {
      const loaded = load(files);
      const result = await db.tx(async (tx) => {
        const before = await currentRevision(tx);
        const plan = planChange(before === null ? null : manifestOf(before, known), loaded.manifest);
        if (before?.contentHash === loaded.hash) return { revision: before.id, changed: false, plan };
        const content = Object.fromEntries(loaded.files);
        const revision = await addRevision(tx, { at: tx.now, author, message, content, contentHash: loaded.hash });
        await setCurrentRevision(tx, revision);
        await tx.query('select pg_notify($1, $2)', [revisionChannel, String(revision)]);
        return { revision, changed: true, plan };
      });
      cached = null;
      return result;
    },
    forget: () => {
      cached = null;
    },
  };
}

/** A revision was valid when it was applied; one that no longer is was applied by a newer or older program. */
function manifestOf(revision: Revision, known: KnownNames): Manifest {
  if (!isJsonObject(revision.content)) throw new Error(`revision ${String(revision.id)} holds no files`);
  const files = new Map(Object.entries(revision.content).map(([path, text]) => [path, text as string]));
  const result = loadProject(files, known);
  if (result.kind === 'ok') return result.manifest;
  throw new GantryError('manifest_invalid', {
    message: `Revision ${String(revision.id)}, which is in force, is not valid for this version of Gantry.`,
    where: `revision ${String(revision.id)}`,
    fix: 'Apply the project again; validate shows what to change.',
  });
}
