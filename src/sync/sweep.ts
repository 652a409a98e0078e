import { limits } from '../kernel/index.ts';
import {
  endSweep,
  holdSweep,
  ingestRecords,
  readUnseen,
  type HeldSweep,
  type SweepKey,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import { judgeSweep } from './judge-sweep.ts';

export interface SweepEnd {
  /** Records that became tombstones. */
  readonly gone: number;
  /** Set where so many did not appear that nothing is deleted before somebody confirms it. */
  readonly held: HeldSweep | null;
}

/**
 * Ends a comparison: live records that did not appear since it began are gone
 * upstream and become tombstones, unless they are too many to be believed
 * (judge-sweep.ts). In the transaction of the last page, so that a process that
 * dies before has lost nothing and one that dies after has nothing left to do.
 */
export async function finishSweep(
  tx: Tx,
  key: SweepKey,
  { since, held }: Pick<SweepRow, 'since' | 'held'>,
): Promise<SweepEnd> {
  const { compared, missing } = await missingOf(tx, key, since);
  const finding = { compared, missing: missing.length };
  const verdict = judgeSweep(finding, held, tx.now);
  if (verdict.kind === 'hold') {
    const kept = { at: verdict.at, ...finding };
    await holdSweep(tx, key, kept);
    return { gone: 0, held: kept };
  }
  return { gone: await bury(tx, key, missing), held: null };
}

/** Carries out what was held. Records that appeared meanwhile stay. */
export async function confirmSweep(tx: Tx, key: SweepKey, { since }: Pick<SweepRow, 'since'>): Promise<number> {
  return bury(tx, key, (await missingOf(tx, key, since)).missing);
}

async function missingOf(
  tx: Tx,
  key: SweepKey,
  since: Date | null,
): Promise<{ readonly compared: number; readonly missing: readonly string[] }> {
  const missing: string[] = [];
  let compared = 0;
  let after = '';
  for (;;) {
    const part = await readUnseen(tx, key, { after, since, limit: limits.sweepPartMax });
    for (const id of part.missing) missing.push(id);
    compared += part.compared;
    if (part.last === null || part.compared < limits.sweepPartMax) return { compared, missing };
    after = part.last;
  }
}

async function bury(tx: Tx, key: SweepKey, ids: readonly string[]): Promise<number> {
  await endSweep(tx, key);
  if (ids.length === 0) return 0;
  // No upstream time: the absence is newer than anything that was read before.
  const records = ids.map((id) => ({ id, hash: '', docText: '', srcAt: null, deleted: true }));
  return (await ingestRecords(tx, { ...key, records, seenAt: tx.now, compareFirst: false })).deleted;
}
