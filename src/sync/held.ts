import { GantryError, limits } from '../kernel/index.ts';
import type { HeldSweep, LeaseHolder, SweepRow } from '../store/index.ts';
import type { SyncDeps, SyncTarget } from './deps.ts';

/** What the stream says of itself while deletions are held; null where none are. */
export function heldError(sweep: SweepRow | null, { slug }: SyncTarget, object: string): GantryError | null {
  if (sweep === null || sweep.kind !== 'held' || sweep.held === null) return null;
  const { missing, compared, at, grantsChanged } = sweep.held;
  const hours = String(limits.sweepConfirmAfterMs / HOUR_MS);
  const end = grantsChanged
    ? 'A comparison that finds them again ends this, too. None carries it out by itself: what the user may see has changed, so that it proves nothing.'
    : `A comparison that finds them again ends this, and one at least ${hours} hours later that misses them too carries it out.`;
  return new GantryError('sync_deletions_held', {
    message: `${String(missing)} of ${String(compared)} records of "${object}" were missing when all of it was compared with the provider; none of them is deleted yet.`,
    where: `${slug}: ${object}`,
    fix: `Look whether the provider still shows them to the user who signed in. If they are really gone: gantry sync --tenant SLUG --connection ${slug} --object ${object} --accept-deletions. ${end}`,
    data: { object, missing, compared, held_since: at.toISOString() },
  });
}

const HOUR_MS = 3_600_000;

/** Whether it is time to read everything again, where no list of ids will confirm what is held. */
export function confirmationIsDue(sweep: SweepRow | null, now: Date): boolean {
  if (sweep === null || sweep.kind !== 'held' || sweep.held === null) return false;
  return now.getTime() - sweep.held.at.getTime() >= limits.sweepConfirmAfterMs;
}

export function emitHeld(
  { onEvent }: SyncDeps,
  { holder, object }: { readonly holder: LeaseHolder; readonly object: string },
  held: HeldSweep | null,
): void {
  if (held === null) return;
  const { tenant, stream } = holder;
  const { missing, compared } = held;
  onEvent({ kind: 'sync_deletions_held', tenant, stream, object, missing, compared });
}
