import type { StreamId, TenantId } from '../../kernel/index.ts';
import type { LensLayout, LensTable } from '../../mapping/index.ts';
import type { ApplyBatch, BeginWrite, FileState, HostCalls, HostEvent } from '../host-protocol.ts';
import { fillDerived, refreshDerived } from './derived.ts';
import { HostError, isDiskFull } from './failure.ts';
import { nextFile, removeFile } from './files.ts';
import type { Instance } from './instance.ts';
import { changeLayout } from './layout-sql.ts';
import { createMeta, writeLayout, writeProgress } from './meta.ts';
import { addRecords, replaceRecords } from './records.ts';
import type { Registry } from './registry.ts';

/** Everything that changes lens files. The parent sends one tenant's writes one after the other. */
export interface Writes {
  begin(request: BeginWrite): Promise<readonly StreamId[]>;
  load(request: HostCalls['load']['request']): Promise<null>;
  apply(batch: ApplyBatch): Promise<null>;
  finish(request: HostCalls['finish']['request']): Promise<FileState>;
  abort(request: HostCalls['abort']['request']): Promise<null>;
}

/** A write of many messages: one transaction, so that a kill at any moment leaves what was there before. */
interface OpenWrite {
  readonly instance: Instance;
  readonly fresh: boolean;
  readonly layout: LensLayout;
}

interface WriteWork {
  readonly dir: string;
  readonly registry: Registry;
  readonly emit: (event: HostEvent) => void;
  readonly openWrites: Map<TenantId, OpenWrite>;
}

export function createWrites(dir: string, registry: Registry, emit: (event: HostEvent) => void): Writes {
  const work: WriteWork = { dir, registry, emit, openWrites: new Map() };
  return {
    begin: (request) => begin(work, request),
    load: (request) => load(work, request),
    apply: (batch) => apply(work, batch),
    finish: (request) => finish(work, request),
    abort: ({ tenant }) => abort(work, tenant),
  };
}

async function begin(work: WriteWork, request: BeginWrite): Promise<readonly StreamId[]> {
  const { tenant, layout } = request;
  await abort(work, tenant);
  const instance = await openTarget(work, request);
  const fresh = request.target === 'fresh';
  work.openWrites.set(tenant, { instance, fresh, layout });
  const change = changeLayout(fresh ? null : instance.layout, layout);
  await instance.writer.run('begin');
  if (fresh) await instance.writer.run(createMeta);
  for (const statement of change.statements) await instance.writer.run(statement);
  for (const { name, statement } of change.views) {
    // One view that does not fit is missing, and reported; the others and the data are not held up by it.
    await instance.writer.run(statement).catch((error: unknown) => {
      work.emit({ kind: 'view_refused', tenant, view: name, reason: String(error) });
    });
  }
  await writeLayout(instance.writer, layout);
  return change.load;
}

async function openTarget({ dir, registry }: WriteWork, { tenant, target, presentSeq }: BeginWrite): Promise<Instance> {
  if (target === 'current') {
    // Held open until finish or abort.
    const instance = await registry.take(tenant);
    if (instance === null) throw new HostError({ kind: 'absent' });
    if (instance.seq === presentSeq) return instance;
    instance.active -= 1;
    throw new HostError({ kind: 'sequence' });
  }
  const file = await nextFile(dir, tenant);
  try {
    return await registry.create(tenant, file);
  } catch (error) {
    // A beginning that nobody can use. For other reasons it may be somebody else's.
    if (isDiskFull(error)) await removeFile(file);
    throw error;
  }
}

function writeOf({ openWrites }: WriteWork, tenant: TenantId): OpenWrite {
  const write = openWrites.get(tenant);
  // The process that had begun it ended in between: the parent begins again.
  if (write === undefined) throw new HostError({ kind: 'sequence' });
  return write;
}

async function load(work: WriteWork, { tenant, stream, records }: HostCalls['load']['request']): Promise<null> {
  const { instance, layout } = writeOf(work, tenant);
  const table = layout.tables.find((candidate) => candidate.stream === stream);
  if (table === undefined) throw new Error(`the layout has no table for stream ${stream}`);
  for (const event of await addRecords(instance.writer, tenant, table, records)) work.emit(event);
  return null;
}

async function apply(work: WriteWork, batch: ApplyBatch): Promise<null> {
  const { registry, emit } = work;
  if (batch.within === 'write') {
    const { instance, layout } = writeOf(work, batch.tenant);
    await applyChanges(instance, layout, batch, emit);
    return null;
  }
  return registry.withInstance(batch.tenant, async (instance) => {
    if (instance.seq !== batch.afterSeq) throw new HostError({ kind: 'sequence' });
    await instance.writer.run('begin');
    try {
      await applyChanges(instance, instance.layout, batch, emit);
      await refreshDerived(instance.writer, instance.layout.derived ?? [], batch.changes);
      await writeProgress(instance.writer, batch);
      await commit(instance, () => {
        moved(instance, batch);
        for (const { stream } of batch.changes) instance.changedAt.set(stream, batch.seq);
      });
    } catch (error) {
      await instance.writer.run('rollback').catch(() => undefined);
      throw error;
    }
    return null;
  });
}

async function finish(work: WriteWork, request: HostCalls['finish']['request']): Promise<FileState> {
  const { tenant, seq, mark, streams } = request;
  const { instance, fresh, layout } = writeOf(work, tenant);
  await fillDerived(instance.writer, layout.derived ?? []);
  await writeProgress(instance.writer, request);
  await commit(instance, () => {
    work.openWrites.delete(tenant);
    instance.layout = layout;
    moved(instance, request);
    instance.sessions.reset();
  });
  if (fresh) work.registry.replace(instance);
  else instance.active -= 1;
  return { seq, mark, layoutVersion: layout.version, streams };
}

async function abort({ openWrites, registry }: WriteWork, tenant: TenantId): Promise<null> {
  const write = openWrites.get(tenant);
  if (write === undefined) return null;
  openWrites.delete(tenant);
  const { instance, fresh } = write;
  await instance.writer.run('rollback').catch((error: unknown) => registry.failed(instance, error));
  if (fresh) {
    await registry.close(instance);
    await removeFile(instance.file);
  } else instance.active -= 1;
  return null;
}

async function applyChanges(
  instance: Instance,
  layout: LensLayout,
  batch: ApplyBatch,
  emit: (event: HostEvent) => void,
): Promise<void> {
  const tables = new Map<StreamId, LensTable>(layout.tables.map((table) => [table.stream, table]));
  for (const changes of batch.changes) {
    // A stream that the layout does not have yet is loaded from `record` when it gets its table.
    const table = tables.get(changes.stream);
    if (table === undefined) continue;
    for (const event of await replaceRecords(instance.writer, batch.tenant, table, changes)) emit(event);
  }
}

/** After a commit. Streams that nothing is said of are as they were, as in the file (writeProgress). */
function moved(instance: Instance, { seq, mark, streams }: Omit<FileState, 'layoutVersion'>): void {
  instance.seq = seq;
  instance.mark = mark;
  instance.dataVersion += 1;
  if (streams.length > 0) instance.streams = streams;
}

/** `committed` notes what is new in the same turn of the loop in which the commit is no longer under way. */
async function commit(instance: Instance, committed: () => void): Promise<void> {
  instance.committing = true;
  try {
    await instance.writer.run('commit');
    committed();
  } finally {
    instance.committing = false;
  }
}
