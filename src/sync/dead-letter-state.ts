/**
 * A record or page that cannot be read. `failing`: its stream tries it again;
 * `dead`: set aside, the stream goes on without it where the provider allows
 * that; `replaying`: somebody asked for one more try.
 */
export type DeadLetterState = 'failing' | 'dead' | 'replaying';

export type DeadLetterEvent = 'failed' | 'failed_for_good' | 'replay_asked' | 'read';

/** `none`: nothing is, or remains, set aside. `null`: cannot happen in this state, and changes nothing. */
type Next = DeadLetterState | 'none' | null;

const table: Readonly<Record<DeadLetterState | 'none', Readonly<Record<DeadLetterEvent, Next>>>> = {
  none: { failed: 'failing', failed_for_good: 'dead', replay_asked: null, read: 'none' },
  failing: { failed: 'failing', failed_for_good: 'dead', replay_asked: 'replaying', read: 'none' },
  dead: { failed: 'dead', failed_for_good: 'dead', replay_asked: 'replaying', read: 'none' },
  replaying: { failed: 'dead', failed_for_good: 'dead', replay_asked: 'replaying', read: 'none' },
};

export const nextLetterState = (state: DeadLetterState | 'none', event: DeadLetterEvent): Next => table[state][event];
