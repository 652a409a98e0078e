import { GantryError } from '../kernel/index.ts';
import { HostCallError, HostLost } from './host-link.ts';
import type { HostFailure } from './host-protocol.ts';

/** Failures of the file rather than of the statement, as errors with a code; null for the others. */
export function hostError(failure: HostFailure): GantryError | null {
  switch (failure.kind) {
    case 'file_in_use':
      return new GantryError('lens_file_in_use', {
        message: "Another process holds this tenant's lens file.",
        // The path is for the operator's log, not for agents.
        cause: failure,
      });
    case 'absent':
      return new GantryError('lens_building', { message: 'The local copy of this tenant is not there yet.' });
    case 'disk_full':
      return new GantryError('lens_disk_full', {
        message: 'There is no room on the disk that holds the local copy of this tenant.',
        cause: failure,
      });
    case 'broken':
      return restarted();
    default:
      return null;
  }
}

/** What a call of the host raised, with a code where it concerns the operator; anything else stays what it is. */
export function translatedError(error: unknown): unknown {
  if (error instanceof HostLost) return restarted();
  return (error instanceof HostCallError ? hostError(error.failure) : null) ?? error;
}

export const restarted = (): GantryError =>
  new GantryError('lens_restarted', { message: 'What answers queries was started anew.' });
