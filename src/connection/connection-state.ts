/**
 * The life of a connection, as a full table: every event in every state has an
 * answer, and a missing cell does not compile.
 *
 * - created: declared, nobody signed in yet
 * - authorising: somebody was sent to the provider's consent page
 * - working: the last upstream call succeeded
 * - degraded: calls fail for a reason that passes by itself (limits, outages)
 * - reauth_required: the provider ended the grant; a human must sign in again
 * - paused: an operator stopped it; nothing is read or sent, data stays readable
 * - revoked: we ended the grant; credentials are destroyed, data stays until it is deleted
 * - deleted: everything of it goes; only its names and times are kept
 */
export type ConnectionState =
  'created' | 'authorising' | 'working' | 'degraded' | 'reauth_required' | 'paused' | 'revoked' | 'deleted';

/**
 * - consent_declined: the person said no at the provider
 * - account_refused: somebody signed in to another account than the connection's
 * - grant_proven: a read that began after the grant had been called ended succeeded, so the provider had only stumbled
 * - paused, resumed, revoked, deleted: an operator's act; `resumed_ended`: resumed, but the grant ended before or meanwhile
 */
export type ConnectionEvent =
  | 'consent_started'
  | 'consent_given'
  | 'consent_declined'
  | 'account_refused'
  | 'call_succeeded'
  | 'call_failed'
  | 'grant_ended'
  | 'grant_proven'
  | 'paused'
  | 'resumed'
  | 'resumed_ended'
  | 'revoked'
  | 'deleted';

/** `null`: the event cannot happen in that state; it is ignored, and an operator's act is refused. */
type Table = Readonly<Record<ConnectionState, Readonly<Record<ConnectionEvent, ConnectionState | null>>>>;

export const connectionTable: Table = {
  created: {
    consent_started: 'authorising',
    consent_given: 'working',
    consent_declined: 'created',
    account_refused: null,
    call_succeeded: null,
    call_failed: null,
    grant_ended: null,
    grant_proven: null,
    paused: null,
    resumed: null,
    resumed_ended: null,
    revoked: null,
    deleted: 'deleted',
  },
  authorising: {
    consent_started: 'authorising',
    consent_given: 'working',
    consent_declined: 'created',
    account_refused: null,
    call_succeeded: null,
    call_failed: null,
    grant_ended: null,
    grant_proven: null,
    paused: null,
    resumed: null,
    resumed_ended: null,
    revoked: null,
    deleted: 'deleted',
  },
  working: {
    // Signing in again while all is well keeps it working until the new grant arrives.
    consent_started: 'working',
    consent_given: 'working',
    consent_declined: 'working',
    account_refused: 'working',
    call_succeeded: 'working',
    call_failed: 'degraded',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
    paused: 'paused',
    resumed: null,
    resumed_ended: null,
    revoked: 'revoked',
    deleted: 'deleted',
  },
  degraded: {
    consent_started: 'degraded',
    consent_given: 'working',
    consent_declined: 'degraded',
    account_refused: 'degraded',
    call_succeeded: 'working',
    call_failed: 'degraded',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
    paused: 'paused',
    resumed: null,
    resumed_ended: null,
    revoked: 'revoked',
    deleted: 'deleted',
  },
  reauth_required: {
    consent_started: 'reauth_required',
    consent_given: 'working',
    consent_declined: 'reauth_required',
    account_refused: 'reauth_required',
    // A call that was under way when the grant ended says nothing about the grant.
    call_succeeded: 'reauth_required',
    call_failed: 'reauth_required',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
    paused: 'paused',
    resumed: null,
    resumed_ended: null,
    revoked: 'revoked',
    deleted: 'deleted',
  },
  paused: {
    consent_started: 'paused',
    // The new grant waits with the rest: only an operator ends a pause.
    consent_given: 'paused',
    consent_declined: 'paused',
    account_refused: 'paused',
    // Calls that were under way when the pause began.
    call_succeeded: 'paused',
    call_failed: 'paused',
    grant_ended: 'paused',
    grant_proven: 'paused',
    // Another note.
    paused: 'paused',
    resumed: 'working',
    resumed_ended: 'reauth_required',
    revoked: 'revoked',
    deleted: 'deleted',
  },
  revoked: {
    consent_started: 'revoked',
    consent_given: 'working',
    consent_declined: 'revoked',
    account_refused: 'revoked',
    call_succeeded: 'revoked',
    call_failed: 'revoked',
    grant_ended: 'revoked',
    grant_proven: 'revoked',
    paused: null,
    resumed: null,
    resumed_ended: null,
    revoked: 'revoked',
    deleted: 'deleted',
  },
  deleted: {
    consent_started: null,
    consent_given: null,
    consent_declined: null,
    account_refused: null,
    call_succeeded: null,
    call_failed: null,
    grant_ended: null,
    grant_proven: null,
    paused: null,
    resumed: null,
    resumed_ended: null,
    revoked: null,
    deleted: null,
  },
};

export function nextConnectionState(state: ConnectionState, event: ConnectionEvent): ConnectionState | null {
  return connectionTable[state][event];
}

/** Whether its streams may be read now. */
export const isReadable = (state: ConnectionState): boolean => state === 'working' || state === 'degraded';
