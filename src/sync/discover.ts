import { concurrently, GantryError, limits, type ErrorCode, type StreamId, type TenantId } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import {
  ensureStream,
  latestSchemaVersion,
  listStreams,
  restartStream,
  saveSchemaVersion,
  type StreamRow,
} from '../store/index.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';
import { latestRun } from './next-run.ts';
import { planStreams } from './plan-streams.ts';
import { replayOutdated } from './replay-kept.ts';
import { settingsOf } from './settings-of.ts';

export interface Discovery {
  readonly objects: readonly string[];
  /** Declared in the manifest, absent in this customer's system or not to be read there. */
  readonly missing: readonly string[];
}

/**
 * Asks the provider what there is, keeps a schema version of every object that
 * the integration wants, and makes its stream. Streams of objects that are no
 * longer wanted stop; their records stay until they are purged.
 */
export async function discoverConnection(deps: SyncDeps, target: SyncTarget): Promise<Discovery> {
  const { tenant, connection } = target;
  const plan = planStreams(target.integration, await target.session.listObjects());
  const answers = await concurrently(plan.streams, limits.describesAtOnce, async ({ object, everyS }) => ({
    name: object,
    object: await describeIfThere(target, object),
    everyS,
  }));
  const described: { object: NativeObject; everyS: number }[] = [];
  const missing = [...plan.missing];
  const unreadable: string[] = [];
  for (const { name, object, everyS } of answers) {
    if (object === null) missing.push(name);
    else if (object === 'unreadable') unreadable.push(name);
    else described.push({ object, everyS });
  }
  for (const object of [...missing, ...unreadable])
    deps.onEvent({ kind: 'object_unavailable', tenant, connection: target.slug, object });
  // What has a stream keeps it, whatever its description is like today: the stream's own runs say what is wrong.
  const wanted = new Set([...described.map(({ object }) => object.name), ...unreadable]);
  for (const { object, everyS } of described) {
    const stream = await deps.db.tenantTx(
      tenant,
      (tx) => {
        const dueBy = latestRun({ ...settingsOf(target, object.name), everyS }, tx.now);
        return ensureStream(tx, { tenant, connection, object: object.name, everyS, dueBy });
      },
      'sync.ensure_stream',
    );
    await keepSchema(deps, { tenant, stream, object });
  }
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      for (const row of await listStreams(tx, tenant, connection)) {
        if (wanted.has(row.object) || !row.enabled) continue;
        await ensureStream(tx, { tenant, connection, object: row.object, everyS: row.everyS, enabled: false });
      }
    },
    'sync.disable_streams',
  );
  deps.onSchemaChange(tenant);
  return { objects: described.map(({ object }) => object.name), missing: [...missing, ...unreadable] };
}

/** The stream's schema as the provider has it now; kept as a new version when it differs. */
export async function refreshSchema(deps: SyncDeps, target: SyncTarget, stream: StreamRow): Promise<NativeObject> {
  const object = await target.session.describeObject(stream.object);
  const { tenant } = target;
  const { changed, version } = await keepSchema(deps, { tenant, stream: stream.id, object });
  if (changed) deps.onSchemaChange(tenant);
  // What did not fit before may fit now. Asked of each version until it is done, so that a process may die in between.
  await replayOutdated(deps, { tenant, stream: stream.id }, version);
  return object;
}

/** Null where the object is not there. One whose description is of no use must not keep the others from being read. */
async function describeIfThere(target: SyncTarget, name: string): Promise<NativeObject | 'unreadable' | null> {
  try {
    return await target.session.describeObject(name);
  } catch (error) {
    if (error instanceof GantryError && error.code === 'upstream_object_missing') return null;
    if (error instanceof GantryError && UNREADABLE.has(error.code)) return 'unreadable';
    throw error;
  }
}

const UNREADABLE = new Set<ErrorCode>([
  'upstream_forbidden',
  'upstream_malformed',
  'upstream_refused',
  'upstream_too_large',
]);

async function keepSchema(
  deps: SyncDeps,
  input: { readonly tenant: TenantId; readonly stream: StreamId; readonly object: NativeObject },
): Promise<{ readonly changed: boolean; readonly version: number }> {
  const { tenant, stream, object } = input;
  const saved = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const before = await latestSchemaVersion(tx, tenant, stream);
      const { version, changed } = await saveSchemaVersion(tx, input);
      const difference = changed && before !== null ? fieldDifference(before.object, object) : null;
      // Records that nobody touches would never show the new field: read them all again.
      if (difference !== null && difference.added.length > 0) await restartStream(tx, tenant, stream);
      return { version, changed, difference };
    },
    'sync.keep_schema',
  );
  if (saved.difference !== null) {
    deps.onEvent({
      kind: 'schema_changed',
      tenant,
      stream,
      object: object.name,
      version: saved.version,
      fieldsAdded: saved.difference.added,
      fieldsRemoved: saved.difference.removed,
    });
  }
  return { changed: saved.changed, version: saved.version };
}

/** A field whose type changed counts as removed and added: its values have to be read as the new type. */
function fieldDifference(before: NativeObject, after: NativeObject): { added: string[]; removed: string[] } {
  const typed = (object: NativeObject): Map<string, string> =>
    new Map(object.fields.map((field) => [`${field.name}\u0000${field.type}`, field.name]));
  const old = typed(before);
  const now = typed(after);
  return {
    added: [...now].filter(([key]) => !old.has(key)).map(([, name]) => name),
    removed: [...old].filter(([key]) => !now.has(key)).map(([, name]) => name),
  };
}
