import { conditionOf, isReadable, type ConnectionState } from '../connection/index.ts';
import type { JsonObject, TenantId } from '../kernel/index.ts';
import {
  connectionChores,
  listConnections,
  listStreams,
  type Chore,
  type ConnectionRow,
  type Db,
  type StreamRow,
} from '../store/index.ts';
import { connectionSummaries, type StatusDeps } from './status.ts';

/** Connections as operators see them: what agents see, and everything that a support person asks next. */
export async function connectionReports(deps: StatusDeps, tenant: TenantId): Promise<JsonObject[]> {
  const summaries = await connectionSummaries(deps, tenant);
  const chores = await connectionChores(deps.db, tenant);
  const { rows, streams } = await deps.db.tenantRead(tenant, async (tx) => ({
    rows: await listConnections(tx, tenant),
    streams: await listStreams(tx, tenant),
  }));
  const bySlug = new Map(rows.map((row) => [row.slug, row]));
  return summaries.flatMap((summary) => {
    const row = bySlug.get(summary.connection);
    if (row === undefined) return [];
    const own = streams.filter((stream) => stream.enabled && stream.connection === row.id);
    const { objects, ...rest } = summary;
    return [{ ...rest, ...lifeFields(row, summary.title, nextTry(row, own, chores)), objects }];
  });
}

/** The same without asking the lens, for a look at an installation that does not run. */
export async function connectionConditions(db: Db, tenant: TenantId): Promise<JsonObject[]> {
  const chores = await connectionChores(db, tenant);
  const { rows, streams } = await db.tenantRead(tenant, async (tx) => ({
    rows: await listConnections(tx, tenant),
    streams: await listStreams(tx, tenant),
  }));
  return rows.map((row) => {
    const own = streams.filter((stream) => stream.enabled && stream.connection === row.id);
    return {
      connection: row.slug,
      system: row.provider,
      health: row.state === 'working' ? 'ok' : row.state,
      problem: conditionOf(row, row.provider).problem,
      ...lifeFields(row, row.provider, nextTry(row, own, chores)),
    };
  });
}

/** Pure: the fields of a report that tell of the connection's life. */
export function lifeFields(row: ConnectionRow, title: string, next: Date | null): JsonObject {
  const { state, what, whoCanFix, fix, meanwhile, code } = conditionOf(row, title);
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

/** When it is looked at next: by its streams, or by a probe where they are held. Null: not by itself. */
export function nextTry(row: ConnectionRow, streams: readonly StreamRow[], chores: readonly Chore[]): Date | null {
  const times = isReadable(row.state as ConnectionState)
    ? streams.map(({ dueAt }) => dueAt)
    : chores.filter(({ connection, kind }) => connection === row.id && kind === 'probe').map(({ dueAt }) => dueAt);
  return times.toSorted((a, b) => a.getTime() - b.getTime())[0] ?? null;
}
