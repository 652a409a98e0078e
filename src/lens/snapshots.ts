import { GantryError, limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { LensSnapshot } from './contract.ts';
import type { LensEvent } from './events.ts';
import { translatedError } from './host-errors.ts';
import type { HostLink } from './host-link.ts';
import type { FileState } from './host-protocol.ts';

/** Copies of one tenant's file, outside of the data directory, that spare a process without the file a whole reading. */
export interface Snapshots {
  /** Takes the newest copy for the tenant's file; null where there is none that opens. Whether the truth leads on from it is the caller's to ask. */
  restore(): Promise<FileState | null>;
  /** Whether enough has changed for another copy. */
  due(seq: number): Promise<boolean>;
  /** Raises `lens_snapshots_off`, `lens_disk_full`. No write of the tenant may be under way. */
  take(): Promise<LensSnapshot>;
}

export interface SnapshotParts {
  readonly host: HostLink;
  readonly clock: Clock;
  readonly emit: (event: LensEvent) => void;
  /** Where the copies are kept; null: there are none. */
  readonly snapshotDir: string | null;
}

export function createSnapshots({ host, clock, emit, snapshotDir: dir }: SnapshotParts, tenant: TenantId): Snapshots {
  // Undefined until it was looked for.
  let newestSeq: number | null | undefined;
  let notBeforeMs = 0;

  return {
    async restore() {
      if (dir === null) return null;
      const start = clock.monotonicMs();
      try {
        if (!(await host.call('restore', { tenant, dir }, limits.lensSnapshotTimeoutMs))) return null;
        const state = await host.call('open', { tenant }, limits.lensWriteTimeoutMs);
        if (state !== null) emit({ kind: 'lens_restored', tenant, seq: state.seq, ms: clock.monotonicMs() - start });
        return state;
      } catch (thrown) {
        // It can do without.
        emit({ kind: 'lens_snapshot_failed', tenant, error: translatedError(thrown) });
        return null;
      }
    },
    async due(seq) {
      if (dir === null || clock.monotonicMs() < notBeforeMs) return false;
      newestSeq ??= await host.call('snapshotSeq', { tenant, dir }, limits.lensSnapshotTimeoutMs);
      return seq - (newestSeq ?? 0) >= limits.lensSnapshotChanges;
    },
    async take() {
      if (dir === null) {
        throw new GantryError('lens_snapshots_off', { message: 'No place for copies of lens files is set.' });
      }
      const start = clock.monotonicMs();
      notBeforeMs = start + limits.lensSnapshotPauseMs;
      try {
        const taken = await host.call('snapshot', { tenant, dir }, limits.lensSnapshotTimeoutMs);
        newestSeq = taken.seq;
        const ms = clock.monotonicMs() - start;
        emit({ kind: 'lens_snapshot_taken', tenant, ...taken, ms });
        return { ...taken, ms };
      } catch (thrown) {
        const error = translatedError(thrown);
        emit({ kind: 'lens_snapshot_failed', tenant, error });
        throw error;
      }
    },
  };
}
