import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** What became of what an agent wanted to write, from a moment on. Undo plans are not its own wishes. */
export interface TrialFigures {
  /** By kind of entry in the audit, of how many plans it tells. */
  readonly audited: Readonly<Record<string, number>>;
  /** By `<kind> <state>`, of approvals and reviews. */
  readonly approvals: Readonly<Record<string, number>>;
  /** Writes by state. */
  readonly writes: Readonly<Record<string, number>>;
  /** Plans that were taken back. */
  readonly undone: number;
}

const own = `select id from write_plan where tenant = $1 and agent = $2 and created_at >= $3 and undoes is null
    and content->'intent'->>'intent' is distinct from 'undo'`;

export const trialFiguresSql = {
  audited: `select kind as name, count(distinct plan)::int as count from audit_payload
    where tenant = $1 and plan in (${own}) group by kind`,
  approvals: `select kind || ' ' || state as name, count(*)::int as count from approval
    where tenant = $1 and plan in (${own}) group by kind, state`,
  writes: `select state as name, count(*)::int as count from write where tenant = $1 and plan in (${own}) group by state`,
  undone: `select count(distinct undone)::int as count from (
      select undoes as undone from write_plan where tenant = $1 and state = 'done' and undoes is not null
      union all select jsonb_array_elements_text(content->'undoesAll') from write_plan
        where tenant = $1 and state = 'done' and content ? 'undoesAll') u
    where undone in (${own})`,
} as const;

export async function trialFigures(
  tx: Tx,
  tenant: TenantId,
  of: { readonly agent: string; readonly since: Date },
): Promise<TrialFigures> {
  const params = [tenant, of.agent, of.since];
  const counted = async (text: string): Promise<Record<string, number>> => {
    const rows = await tx.query<{ name: string; count: number }>(text, params);
    return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
  };
  const [undone] = await tx.query<{ count: number }>(trialFiguresSql.undone, params);
  return {
    audited: await counted(trialFiguresSql.audited),
    approvals: await counted(trialFiguresSql.approvals),
    writes: await counted(trialFiguresSql.writes),
    undone: undone?.count ?? 0,
  };
}
