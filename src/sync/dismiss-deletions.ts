import { limits, type StreamId, type TenantId } from '../kernel/index.ts';
import { addSweepReport, dismissError, dismissSweep, readSweep, type Tx } from '../store/index.ts';

/**
 * Somebody who looked says that held deletions are wrong: nothing is deleted,
 * the finding is forgotten, and the next comparison judges anew. False where
 * nothing is held, also while a new comparison is under way.
 */
export async function dismissDeletions(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly stream: StreamId },
): Promise<boolean> {
  const { tenant, stream } = key;
  // Also keeps a page of that stream from committing in between.
  await dismissError(tx, { ...key, code: 'sync_deletions_held' });
  const sweep = await readSweep(tx, key);
  if (sweep?.kind !== 'held' || sweep.held === null) return false;
  const { compared } = sweep.held;
  const { missingHealed, staleHealed } = sweep;
  const found = { kind: 'held', compared, missingHealed, staleHealed, deleted: 0, held: 0 } as const;
  await addSweepReport(tx, tenant, { stream, startedAt: tx.now, endedAt: tx.now, ...found }, limits.sweepReportsKept);
  await dismissSweep(tx, key);
  return true;
}
