import type { StreamId, TenantId } from '../kernel/index.ts';
import { dismissError, readSweep, type Tx } from '../store/index.ts';
import { confirmSweep } from './sweep.ts';

/**
 * Somebody who looked says that held deletions are right: carries them out,
 * except of records that appeared since. Null where nothing is held, also while
 * a new comparison is under way.
 */
export async function acceptDeletions(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly stream: StreamId },
): Promise<{ readonly deleted: number } | null> {
  // Also keeps a page of that stream from committing in between.
  await dismissError(tx, { ...key, code: 'sync_deletions_held' });
  const sweep = await readSweep(tx, key);
  if (sweep?.kind !== 'held') return null;
  return { deleted: await confirmSweep(tx, key, sweep) };
}
