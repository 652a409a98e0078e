import { limits, type ConnectionId, type Json, type TenantId } from '../kernel/index.ts';
import { pendingWrites, type Tx } from '../store/index.ts';
import { writeOf } from './plan-row.ts';
import type { PlanId } from './types.ts';

/** What was accepted for a record and is not confirmed by its system yet. */
export interface PendingValues {
  readonly recordId: string;
  /** Native, the latest accepted of each field. */
  readonly values: { readonly [field: string]: Json };
  /** It is to be deleted. */
  readonly deleted: boolean;
  /** Those of its own; a person's that undoes what the agent did is not. */
  readonly plans: readonly PlanId[];
}

/**
 * Pending values of an agent's own writes, by record: what it asked for is
 * what it sees, marked, until the source confirms. Writes of others are not
 * told. `recordIds` null: of any record.
 */
export async function pendingValues(
  tx: Tx,
  tenant: TenantId,
  asked: {
    readonly connection: ConnectionId;
    readonly object: string;
    readonly recordIds: readonly string[] | null;
    readonly agent: string;
    readonly principal: string | null;
  },
): Promise<ReadonlyMap<string, PendingValues>> {
  const { connection, object, recordIds, agent, principal } = asked;
  const rows = await pendingWrites(
    tx,
    { tenant, connection },
    { object, targets: recordIds, limit: limits.pendingWritesMax },
  );
  const pending = new Map<string, PendingValues>();
  for (const row of rows) {
    const { recordId, content, plan } = row;
    if (recordId === null || row.agent !== agent || row.principal !== principal) continue;
    const { values, operation } = writeOf(content);
    const known = pending.get(recordId);
    pending.set(recordId, {
      recordId,
      values: { ...known?.values, ...values },
      deleted: operation === 'delete',
      plans: [...new Set([...(known?.plans ?? []), ...(row.byPerson ? [] : [plan])])],
    });
  }
  return pending;
}
