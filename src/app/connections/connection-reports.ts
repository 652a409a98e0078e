import { conditionOf, isReadable, type ConnectionState } from '../../connection/index.ts';
import { GantryError, type JsonObject, type TenantId } from '../../kernel/index.ts';
import type { Chore, ConnectionRow, Db, LineRow, StreamRow } from '../../store/index.ts';
import { accessStatus } from '../access/access-status.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { lineCondition } from './line-condition.ts';
import { objectReport } from '../sync/object-report.ts';
import { connectionSummaries, type StatusDeps } from '../status.ts';
import { syncFacts, type SyncFacts, type TenantName } from '../sync/sync-facts.ts';

export interface ReportDeps extends StatusDeps {
  readonly manifests: Pick<TenantManifests, 'of'>;
}

/** Connections as operators see them: what agents see, and everything that a support person asks next. */
export async function connectionReports(deps: ReportDeps, tenant: TenantName): Promise<JsonObject[]> {
  const summaries = await connectionSummaries(deps, tenant.id);
  const access = await accessReports(deps, tenant.id);
  const facts = await syncFacts(deps.db, tenant.id);
  const bySlug = new Map(facts.connections.map((row) => [row.slug, row]));
  return summaries.flatMap((summary) => {
    const row = bySlug.get(summary.connection);
    if (row === undefined) return [];
    const reports = new Map(
      streamsOf(facts, row).map((stream) => [
        stream.object,
        { ...objectReport(facts, tenant.slug, row, stream), access: access.get(stream.id) ?? null },
      ]),
    );
    const { objects, ...rest } = summary;
    const shown = objects.map((object) => ({ ...object, ...reports.get(object.object) }));
    return [
      {
        ...rest,
        ...lifeFields(row, { title: summary.title, tenant: tenant.slug }, nextTryIn(facts, row)),
        ...toldFields(facts, row),
        objects: shown,
      },
    ];
  });
}

/** Where the overlay is stale nothing is answered anyway; the status is for when something is wrong. */
async function accessReports({ db, manifests }: ReportDeps, tenant: TenantId): ReturnType<typeof accessStatus> {
  const applied = await manifests.of(tenant).catch((error: unknown) => {
    if (error instanceof GantryError) return null;
    throw error;
  });
  return db.tenantRead(tenant, (tx) => accessStatus(tx, { tenant, manifest: applied?.manifest ?? null }));
}

/** The same without asking the lens, for a look at an installation that does not run. */
export async function connectionConditions(db: Db, tenant: TenantName): Promise<JsonObject[]> {
  const facts = await syncFacts(db, tenant.id);
  return facts.connections.map((row) => {
    const objects = streamsOf(facts, row).map((stream) => objectReport(facts, tenant.slug, row, stream));
    const health = objects.some(({ who_can_fix: who, paused }) => who !== null && paused === null) ? 'degraded' : 'ok';
    return {
      connection: row.slug,
      system: row.provider,
      health: row.state === 'working' ? health : row.state,
      problem: conditionOf(row, row.provider).problem,
      ...lifeFields(row, { title: row.provider, tenant: tenant.slug }, nextTryIn(facts, row)),
      ...toldFields(facts, row),
      objects,
    };
  });
}

const streamsOf = ({ streams }: SyncFacts, { id }: ConnectionRow): StreamRow[] =>
  streams.filter(({ connection }) => connection === id);

const nextTryIn = (facts: SyncFacts, row: ConnectionRow): Date | null =>
  nextTry(row, streamsOf(facts, row), facts.chores);

/** Pure: the fields of a report that tell of the connection's life. */
export function lifeFields(
  row: ConnectionRow,
  { title, tenant }: { readonly title: string; readonly tenant: string },
  next: Date | null,
): JsonObject {
  const { state, what, whoCanFix, fix, meanwhile, code } = conditionOf(row, title, tenant);
  return {
    integration: row.integration,
    account: row.accountName,
    state,
    what,
    since: row.stateSince.toISOString(),
    error_code: code,
    who_can_fix: whoCanFix,
    fix,
    meanwhile,
    next_try: next?.toISOString() ?? null,
    ...(state === 'paused' && row.act !== null ? { paused: row.act } : {}),
    ...(state === 'revoked' && row.act !== null ? { revoked: { ...row.act, at_provider: row.revocation } } : {}),
  };
}

/** Pure: how it is told of changes, what was given up, whether it is called, and which sign-ins end. */
function toldFields(facts: SyncFacts, { id }: ConnectionRow): JsonObject {
  const line = facts.lines.get(id);
  const circuit = facts.circuits.get(id);
  const dead = facts.deadEvents.get(id);
  return {
    line: line === undefined ? null : lineReport(line, facts.now),
    webhook: facts.webhooks.get(id) ?? null,
    dead_events: dead?.events ?? 0,
    circuit:
      circuit === undefined || circuit.state === 'closed'
        ? null
        : { state: circuit.state, retry_at: circuit.retryAt.toISOString() },
    sign_ins_ending: facts.signInsEnding
      .filter(({ connection }) => connection === id)
      .map(({ user, endsAt }) => ({ user, ends_at: endsAt.toISOString() })),
  };
}

function lineReport(line: LineRow, now: Date): JsonObject {
  const { state, what, whoCanFix, fix } = lineCondition(line, now);
  const { heardAt, liveSince, position, failures, lastError, unavailable } = line;
  return {
    state,
    what,
    who_can_fix: whoCanFix,
    fix,
    live_since: liveSince?.toISOString() ?? null,
    heard_at: heardAt?.toISOString() ?? null,
    /** Of the place from which it goes on; null: from what happens when it is opened. */
    position_age_s:
      position === null || heardAt === null
        ? null
        : Math.max(0, Math.round((now.getTime() - heardAt.getTime()) / 1_000)),
    failures,
    error_code: lastError?.code ?? null,
    /** Objects of which nothing comes on it. */
    untold: unavailable,
  };
}

/** When it is looked at next: by its streams, or by a probe where they are held. Null: not by itself. */
export function nextTry(row: ConnectionRow, streams: readonly StreamRow[], chores: readonly Chore[]): Date | null {
  const times = isReadable(row.state as ConnectionState)
    ? streams.filter(({ paused }) => paused === null).map(({ dueAt }) => dueAt)
    : chores.filter(({ connection, kind }) => connection === row.id && kind === 'probe').map(({ dueAt }) => dueAt);
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
}
