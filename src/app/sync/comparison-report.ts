import { limits, type JsonObject } from '../../kernel/index.ts';
import type { HeldSweep, SweepReport, SweepRow } from '../../store/index.ts';
import { commandOf, type ObjectPlace } from './object-condition.ts';

/** Pure: a comparison that saw everything, for people. */
export function comparisonReport(report: SweepReport): JsonObject {
  const { startedAt, endedAt, kind, compared, missingHealed, staleHealed, deleted, held } = report;
  return {
    started_at: startedAt.toISOString(),
    ended_at: endedAt.toISOString(),
    kind,
    complete: true,
    compared,
    missing_healed: missingHealed,
    stale_healed: staleHealed,
    deleted,
    held,
    what: whatItFound(report),
  };
}

/** Pure: one that has not seen everything yet, and proves nothing so far; null: none is under way. */
export function comparisonUnderWay(sweep: SweepRow | null): JsonObject | null {
  if (sweep === null || (sweep.kind !== 'reading' && sweep.kind !== 'listing')) return null;
  const { kind, startedAt, missingHealed, staleHealed } = sweep;
  return {
    started_at: startedAt?.toISOString() ?? null,
    ended_at: null,
    kind,
    complete: false,
    compared: null,
    missing_healed: missingHealed,
    stale_healed: staleHealed,
    deleted: 0,
    held: 0,
    what: 'Under way: it has not seen everything yet, so nothing is deleted by it.',
  };
}

function whatItFound({ kind, compared, missingHealed, staleHealed, deleted, held }: SweepReport): string {
  if (kind === 'held') {
    return deleted > 0
      ? `Held deletions were carried out: ${records(deleted)}.`
      : 'Held deletions ended, and nothing was deleted.';
  }
  const healed = [
    missingHealed > 0 ? `${records(missingHealed)} missing here and read` : '',
    staleHealed > 0 ? `${records(staleHealed)} old here and read again` : '',
    deleted > 0 ? `${records(deleted)} gone at the provider and deleted` : '',
  ].filter((text) => text !== '');
  const found = healed.length === 0 ? 'nothing to mend' : healed.join(', ');
  const waiting = held > 0 ? ` ${records(held)} did not appear; their deletion is held.` : '';
  // Not "all": a reading that was asked for since a day compares what changed since then.
  return `${records(compared)} here compared with the provider's: ${found}.${waiting}`;
}

const records = (count: number): string => `${count.toLocaleString('en')} record${count === 1 ? '' : 's'}`;

/** Pure: deletions that wait for somebody, with why, and what happens by itself. */
export function heldReport({ missing, compared, at, grantsChanged }: HeldSweep, place: ObjectPlace): JsonObject {
  const many = `more than ${String(limits.sweepHeldFrom)}, and more than ${String(Math.round(limits.sweepHeldShare * 100))} %`;
  const confirmed = new Date(at.getTime() + limits.sweepConfirmAfterMs).toISOString();
  return {
    connection: place.connection,
    object: place.object,
    missing,
    compared,
    held_since: at.toISOString(),
    why: grantsChanged ? 'rights_changed' : 'many',
    what: grantsChanged
      ? 'What the connected user may see has changed since the last comparison, so records that do not appear may only be hidden.'
      : `So many records at once (${many}) are more often a fault than deletions.`,
    by_itself: grantsChanged
      ? 'Ends when a comparison finds them again; never carried out by itself.'
      : `Ends when a comparison finds them again; carried out by one that misses the same ones after ${confirmed}.`,
    accept: commandOf('deletions accept', place),
    dismiss: commandOf('deletions dismiss', place),
  };
}
