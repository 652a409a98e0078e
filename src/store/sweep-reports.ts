import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { withoutSuppressedFields } from './erase-suppressed.ts';
import { jsonbText } from './jsonb-text.ts';
import type { SweepKey, SweepKind } from './sweeps.ts';

/** What one comparison of all records with the provider's found and did. */
export interface SweepReport {
  readonly stream: StreamId;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** `held`: deletions that waited were carried out. */
  readonly kind: SweepKind;
  /** Live records that were there to compare. */
  readonly compared: number;
  /** Records of the provider that should have been here before and are now; the same for values that were old. */
  readonly missingHealed: number;
  readonly staleHealed: number;
  readonly deleted: number;
  /** Not there any more, and not deleted before somebody confirms it. */
  readonly held: number;
}

const columns = `stream, started_at as "startedAt", ended_at as "endedAt", kind, compared,
  missing_healed as "missingHealed", stale_healed as "staleHealed", deleted, held`;

export const sweepReportsSql = {
  add: `insert into sweep_report (tenant, stream, ended_at, started_at, kind, compared, missing_healed, stale_healed,
      deleted, held) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (tenant, stream, ended_at) do nothing`,
  prune: `delete from sweep_report where tenant = $1 and stream = $2 and ended_at < (
    select min(ended_at) from (select ended_at from sweep_report where tenant = $1 and stream = $2
      order by ended_at desc limit $3) kept)`,
  list: `select ${columns} from sweep_report where tenant = $1 and ($2::int is null or stream = $2)
    order by ended_at desc, stream limit $3`,
  // Looked up one by one, as in the comparison itself.
  diverged: `with named as materialized (
      select r ->> 'i' as id, (r ->> 's')::timestamptz as stamp from jsonb_array_elements($3::text::jsonb) r),
    looked as materialized (
      select n.id, n.stamp, e.ext_id is null as absent, e.ext_id is null or e.deleted as missing, e.ext_id is null or e.src_at < n.stamp
        or (e.deleted and coalesce(e.src_at <= n.stamp, true)) as differs
      from named n left join lateral (
        select ext_id, deleted, src_at from record where tenant = $1 and stream = $2 and ext_id = n.id) e on true
      where n.stamp is null or n.stamp <= $4::timestamptz)
    select id, missing from looked
    where differs and (not absent or stamp is null or $5::timestamptz is null or stamp >= $5) order by id`,
} as const;

/** Keeps the newest few of a stream. */
export async function addSweepReport(tx: Tx, tenant: TenantId, report: SweepReport, keep: number): Promise<void> {
  const { stream, endedAt, startedAt, kind, compared, missingHealed, staleHealed, deleted, held } = report;
  const figures = [compared, missingHealed, staleHealed, deleted, held];
  await tx.query(sweepReportsSql.add, [tenant, stream, endedAt, startedAt, kind, ...figures]);
  await tx.query(sweepReportsSql.prune, [tenant, stream, keep]);
}

/** Newest first; of all streams where none is named. */
export async function listSweepReports(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream?: StreamId; readonly limit: number },
): Promise<SweepReport[]> {
  return tx.query<SweepReport>(sweepReportsSql.list, [request.tenant, request.stream ?? null, request.limit]);
}

export interface Divergence {
  readonly id: string;
  /** Not here, or here as deleted; else older than the provider says. */
  readonly missing: boolean;
}

/**
 * Which of the provider's records, but for erased ones, are not here as they should be: changed
 * there at or before `asOf`, which everything here is said to have reached, and
 * not before `since`, from when on records are here at all (null: from the first).
 */
export async function readDiverged(
  tx: Tx,
  { tenant, stream }: SweepKey,
  named: readonly { readonly id: string; readonly stamp: Date | null }[],
  { asOf, since }: { readonly asOf: Date; readonly since: Date | null },
): Promise<Divergence[]> {
  const text = JSON.stringify(named.map(({ id, stamp }) => ({ i: id, s: stamp })));
  const params = [tenant, stream, jsonbText(text), asOf, since];
  const rows = await tx.query<Divergence>(sweepReportsSql.diverged, params);
  return [...(await withoutSuppressedFields(tx, { tenant, stream }, rows, (row) => row))];
}
