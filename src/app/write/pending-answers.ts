import { canonicalJson, type Json, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { Caller } from '../../access/index.ts';
import type { TenantStream } from '../../mapping/index.ts';
import type { Answer, PendingRow, QueryScope, QueryService } from '../../query/index.ts';
import { readDocuments, type Db } from '../../store/index.ts';
import type { PendingValues, Writes } from '../../write/index.ts';
import type { Catalogues } from '../project/catalogues.ts';

export interface PendingDeps {
  readonly db: Db;
  readonly catalogues: Pick<Catalogues, 'streamsOf'>;
  readonly writes: Pick<Writes, 'pending'>;
}

/**
 * Agents that write see what they wrote: rows of an answer show the values that
 * were accepted and that their source has not confirmed yet, and `pending`
 * names them. Filters, sums and sorting are over what the sources have.
 */
export function showPending(service: QueryService, deps: PendingDeps): QueryService {
  const shown = async (caller: Caller, scope: QueryScope, name: string, answer: Promise<Answer>): Promise<Answer> => {
    const given = await answer;
    const writes = caller.write !== undefined || caller.operations !== undefined;
    return writes && given.columns.at(-1) === '_ref' ? overlaid(deps, { caller, scope, name }, given) : given;
  };
  return {
    ...service,
    queryRecords: (caller, scope, request) =>
      shown(caller, scope, request.object, service.queryRecords(caller, scope, request)),
    getRecord: (caller, scope, request) =>
      shown(caller, scope, request.object, service.getRecord(caller, scope, request)),
  };
}

interface Asked {
  readonly caller: Caller;
  readonly scope: QueryScope;
  /** Of the object. */
  readonly name: string;
}

async function overlaid(deps: PendingDeps, asked: Asked, answer: Answer): Promise<Answer> {
  const { tenant } = asked.caller;
  const streams = await deps.catalogues.streamsOf(tenant);
  const rows = [...answer.rows];
  const pending: PendingRow[] = [];
  for (const [stream, ids] of refsIn(answer, streams)) {
    const own = await pendingOf(deps, asked, stream, [...ids.keys()]);
    if (own.size === 0) continue;
    const stored = await documentsOf(deps, tenant, stream, [...own.keys()]);
    for (const [id, values] of own) {
      const at = ids.get(id);
      if (at === undefined) continue;
      const row = rowWith(asked, { stream, values, stored: stored.get(id) ?? {} }, answer.columns, rows[at] ?? []);
      rows[at] = row.cells;
      const ref = `${stream.connectionSlug}/${stream.object.name}/${id}`;
      const gone = values.deleted ? { deleted: true as const } : {};
      pending.push({ ref, fields: row.fields, ...gone, plans: values.plans });
    }
  }
  return pending.length === 0 ? answer : { ...answer, rows, pending };
}

/** By stream: the row of each record. */
function refsIn(answer: Answer, streams: readonly TenantStream[]): Map<TenantStream, Map<string, number>> {
  const byPrefix = new Map(streams.map((stream) => [`${stream.connectionSlug}/${stream.object.name}/`, stream]));
  const found = new Map<TenantStream, Map<string, number>>();
  for (const [at, row] of answer.rows.entries()) {
    const ref = row.at(-1);
    if (typeof ref !== 'string') continue;
    const end = ref.indexOf('/', ref.indexOf('/') + 1) + 1;
    const stream = byPrefix.get(ref.slice(0, end));
    if (stream === undefined) continue;
    const own = found.get(stream) ?? new Map<string, number>();
    own.set(ref.slice(end), at);
    found.set(stream, own);
  }
  return found;
}

function pendingOf(
  { writes }: PendingDeps,
  { caller }: Asked,
  { connection, object }: TenantStream,
  recordIds: readonly string[],
): Promise<ReadonlyMap<string, PendingValues>> {
  const principal = caller.principal?.principal ?? null;
  return writes.pending(caller.tenant, { connection, object: object.name, recordIds, agent: caller.agent, principal });
}

async function documentsOf(
  { db }: PendingDeps,
  tenant: TenantId,
  { stream }: TenantStream,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const rows = await db.tenantRead(tenant, (tx) => readDocuments(tx, { tenant, stream }, ids));
  return new Map(rows.map(({ id, docText }) => [id, JSON.parse(docText) as JsonObject]));
}

/** The row as it will read: only what the pending values change, in the words of the object. */
function rowWith(
  { caller, scope, name }: Asked,
  pending: { readonly stream: TenantStream; readonly values: PendingValues; readonly stored: JsonObject },
  columns: readonly string[],
  cells: readonly Json[],
): { readonly cells: readonly Json[]; readonly fields: readonly string[] } {
  const reader = scope.documents.get(name)?.get(pending.stream.stream);
  const visible = caller.objects.get(name);
  if (reader === undefined || visible === undefined) return { cells, fields: [] };
  const before = reader(pending.stored).values;
  const after = reader({ ...pending.stored, ...pending.values.values }).values;
  const masked = visible.restricted?.masked.get(pending.stream.stream);
  const fields = [...after.keys()].filter(
    (field) =>
      visible.fields.has(field) &&
      masked?.has(field) !== true &&
      canonicalJson(after.get(field) ?? null) !== canonicalJson(before.get(field) ?? null),
  );
  const changed = new Set(fields);
  return {
    fields,
    cells: cells.map((cell, at) => (changed.has(columns[at] ?? '') ? (after.get(columns[at] ?? '') ?? null) : cell)),
  };
}
