import { limits } from '../kernel/index.ts';
import {
  addSweepReport,
  clearBuried,
  endSweep,
  holdSweep,
  ingestRecords,
  readUnseen,
  type HeldSweep,
  type SweepReport,
  type SweepKey,
  type SweepRow,
  type Tx,
} from '../store/index.ts';
import { judgeSweep, sameGrants } from './judge-sweep.ts';

export interface SweepEnd {
  /** Records that became tombstones. */
  readonly gone: number;
  /** Set where so many did not appear that nothing is deleted before somebody confirms it. */
  readonly held: HeldSweep | null;
}

/**
 * Ends a comparison: live records that did not appear since it began are gone
 * upstream and become tombstones, unless they are too many to be believed, or
 * the connected user may see something else than before (judge-sweep.ts).
 * `grants`: what it may see now. In the transaction of the last page, so that a process that
 * dies before has lost nothing and one that dies after has nothing left to do.
 */
export async function finishSweep(tx: Tx, key: SweepKey, sweep: SweepRow, grants: string | null): Promise<SweepEnd> {
  const { since, held } = sweep;
  const { compared, missing } = await missingOf(tx, key, since);
  const finding = { compared, missing: missing.length };
  const verdict = judgeSweep(finding, held, { now: tx.now, grantsSame: sameGrants(sweep, grants) });
  if (verdict.kind === 'hold') {
    const kept = { at: verdict.at, grantsChanged: verdict.grantsChanged, ...finding };
    await holdSweep(tx, key, kept);
    await report(tx, key, sweep, { compared, deleted: 0, held: missing.length });
    return { gone: 0, held: kept };
  }
  const gone = await bury(tx, key, missing, grants);
  await report(tx, key, sweep, { compared, deleted: gone, held: 0 });
  return { gone, held: null };
}

/** Carries out what was held. Records that appeared meanwhile stay. */
export async function confirmSweep(tx: Tx, key: SweepKey, sweep: SweepRow): Promise<number> {
  const { compared, missing } = await missingOf(tx, key, sweep.since);
  const deleted = await bury(tx, key, missing, sweep.grants);
  await report(tx, key, sweep, { compared, deleted, held: 0 });
  return deleted;
}

function report(
  tx: Tx,
  { tenant, stream }: SweepKey,
  { kind, startedAt, missingHealed, staleHealed }: SweepRow,
  finding: Pick<SweepReport, 'compared' | 'deleted' | 'held'>,
): Promise<void> {
  const times = { startedAt: startedAt ?? tx.now, endedAt: tx.now };
  const found = { stream, kind: kind ?? 'reading', missingHealed, staleHealed, ...times, ...finding };
  return addSweepReport(tx, tenant, found, limits.sweepReportsKept);
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

async function bury(tx: Tx, key: SweepKey, ids: readonly string[], grants: string | null): Promise<number> {
  await endSweep(tx, { ...key, grants });
  if (ids.length === 0) return 0;
  // No upstream time: the absence is newer than anything that was read before.
  const records = ids.map((id) => ({ id, hash: '', docText: '', srcAt: null, deleted: true }));
  const { deleted } = await ingestRecords(tx, { ...key, records, seenAt: tx.now, compareFirst: false });
  await clearBuried(tx, key);
  return deleted;
}
