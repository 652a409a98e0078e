import { limits } from '../kernel/index.ts';
import { endSweep, ingestRecords, listUnseen, type SweepKey, type Tx } from '../store/index.ts';

/**
 * Ends a comparison: live records that did not appear since it began are gone
 * upstream and become tombstones. In the transaction of the last page, so that
 * a process that dies before has lost nothing and one that dies after has
 * nothing left to do. Returns how many were gone.
 */
export async function sweepUnseen(tx: Tx, key: SweepKey, since: Date | null): Promise<number> {
  let gone = 0;
  let after = '';
  for (;;) {
    const ids = await listUnseen(tx, key, { after, since, limit: limits.ingestBatchMax });
    const last = ids.at(-1);
    if (last === undefined) break;
    // No upstream time: the absence is newer than anything that was read before.
    const records = ids.map((id) => ({ id, hash: '', docText: '', srcAt: null, deleted: true }));
    const { deleted } = await ingestRecords(tx, { ...key, records, seenAt: tx.now });
    gone += deleted;
    after = last;
  }
  await endSweep(tx, key);
  return gone;
}
