/**
 * What is known of the rights in a connection. `stale`: the last try failed;
 * what was read before counts as long as it is not too old. `refused`: the
 * connection's user may not see who sees what.
 */
export type AccessState = 'not_read' | 'refreshing' | 'fresh' | 'stale' | 'refused';
export type AccessEvent = 'turn_began' | 'read' | 'failed' | 'refused';

/** A turn whose process died is begun again by the next one. Null: cannot happen. */
const connectionTable: Readonly<Record<AccessState, Readonly<Record<AccessEvent, AccessState | null>>>> = {
  not_read: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  refreshing: { turn_began: 'refreshing', read: 'fresh', failed: 'stale', refused: 'refused' },
  fresh: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  stale: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  refused: { turn_began: 'refreshing', read: null, failed: null, refused: null },
};

export const nextAccessState = (state: AccessState, event: AccessEvent): AccessState | null =>
  connectionTable[state][event];

/**
 * What is known of one linked user there; `not_linked`: there is no row. Ages
 * are no states: they follow from when it was read. `inactive`: the user may
 * not sign in there any more, or is gone. `sign_in_needed`: only the user's own
 * sign-in could tell, and there is none that works.
 */
export type StandingState = 'not_linked' | 'not_read' | 'fresh' | 'stale' | 'refused' | 'inactive' | 'sign_in_needed';
export type StandingEvent =
  'linked' | 'unlinked' | 'read' | 'found_inactive' | 'failed' | 'refused' | 'sign_in_missing';

const seen = {
  linked: 'not_read',
  unlinked: 'not_linked',
  read: 'fresh',
  found_inactive: 'inactive',
  refused: 'refused',
  sign_in_missing: 'sign_in_needed',
} as const;

/** `failed` leaves what forbids everything as it is: only an answer can lift it. Null: cannot happen. */
const standingTable: Readonly<Record<StandingState, Readonly<Record<StandingEvent, StandingState | null>>>> = {
  not_linked: {
    linked: 'not_read',
    unlinked: 'not_linked',
    read: null,
    found_inactive: null,
    failed: null,
    refused: null,
    sign_in_missing: null,
  },
  not_read: { ...seen, failed: 'not_read' },
  fresh: { ...seen, failed: 'stale' },
  stale: { ...seen, failed: 'stale' },
  refused: { ...seen, failed: 'refused' },
  inactive: { ...seen, failed: 'inactive' },
  sign_in_needed: { ...seen, failed: 'sign_in_needed' },
};

export const nextStandingState = (state: StandingState, event: StandingEvent): StandingState | null =>
  standingTable[state][event];
