/**
 * How a tenant leaves, as a full table.
 *
 * - closed: nobody comes in any more; grants and webhooks are being ended at the providers
 * - revoked: they are ended, or nobody can end them; rows are being removed, keys first
 * - emptied: no row is left, and there is no such tenant
 * - discarded: files are removed, and all processes were told to remove theirs
 * - done: it was looked again, and the proof is made
 */
export type OffboardingState = 'closed' | 'revoked' | 'emptied' | 'discarded' | 'done';

/** `rows_came`: something that was under way wrote after the tables had been emptied. */
export type OffboardingEvent = 'connections_ended' | 'emptied' | 'discarded' | 'rows_came' | 'proven';

type Table = Readonly<Record<OffboardingState, Readonly<Record<OffboardingEvent, OffboardingState | null>>>>;

export const offboardingTable: Table = {
  closed: { connections_ended: 'revoked', emptied: null, discarded: null, rows_came: null, proven: null },
  revoked: { connections_ended: null, emptied: 'emptied', discarded: null, rows_came: null, proven: null },
  emptied: { connections_ended: null, emptied: null, discarded: 'discarded', rows_came: null, proven: null },
  discarded: { connections_ended: null, emptied: null, discarded: null, rows_came: 'revoked', proven: 'done' },
  done: { connections_ended: null, emptied: null, discarded: null, rows_came: null, proven: null },
};

export function nextOffboardingState(state: OffboardingState, event: OffboardingEvent): OffboardingState | null {
  return offboardingTable[state][event];
}
