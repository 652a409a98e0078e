import type { AuditEntry } from '../audit/index.ts';
import type { TenantId } from '../kernel/index.ts';
import type { Tx, WritePlanRow } from '../store/index.ts';
import type { EndedWrite, Watched, WriteWatch } from '../switches/index.ts';
import { isUndoPlan } from './operations-of.ts';
import type { OutcomeEvent } from './outcome-move.ts';
import type { Turn } from './turn.ts';
import type { WritePlan } from './types.ts';
import type { WriteEvent } from './write-state.ts';

/** What a plan adds to what is counted. One that takes back adds nothing: it must not be stopped by what it mends. */
export function acceptedOf(plan: WritePlan): Watched | null {
  if (isUndoPlan(plan)) return null;
  const records = new Map<string, number>();
  for (const { slug } of plan.writes) records.set(slug, (records.get(slug) ?? 0) + 1);
  return { kind: 'accepted', agent: plan.agent, records, amount: plan.impact.amount };
}

/** True: it failed. That a record was changed by somebody else, or that nobody knows yet, says nothing. */
const failures: Partial<Readonly<Record<WriteEvent, boolean>>> = {
  applied: false,
  found: false,
  refused: true,
  exhausted: true,
  given_up: true,
};

/** Counts what became of writes; what to tell the audit of what follows. */
export async function watchEnds(
  tx: Tx,
  { turn, connection }: Pick<Turn, 'turn' | 'connection'>,
  watch: WriteWatch | null,
  ends: readonly { readonly row: Pick<WritePlanRow, 'agent'> | undefined; readonly event: OutcomeEvent }[],
): Promise<readonly AuditEntry[]> {
  if (watch === null) return [];
  const writes = ends.flatMap(({ row, event: { event, code } }): EndedWrite[] => {
    const failed = failures[event];
    if (row === undefined || failed === undefined || code === 'record_changed') return [];
    return [{ agent: row.agent, failed }];
  });
  if (writes.length === 0) return [];
  return watch(tx, turn.tenant, { kind: 'ended', connection: connection.slug, writes });
}

/** The same of a plan that was accepted. */
export async function watchAccepted(
  tx: Tx,
  tenant: TenantId,
  watch: WriteWatch | null,
  plan: WritePlan | null,
): Promise<readonly AuditEntry[]> {
  const watched = plan === null ? null : acceptedOf(plan);
  return watched === null || watch === null ? [] : watch(tx, tenant, watched);
}
