/**
 * The life of a connection, as a full table: every event in every state has an
 * answer, and a missing cell does not compile.
 *
 * - created: declared, nobody signed in yet
 * - authorising: somebody was sent to the provider's consent page
 * - working: the last upstream call succeeded
 * - degraded: calls fail for a reason that passes by itself (limits, outages)
 * - reauth_required: the provider ended the grant; a human must sign in again
 */
export type ConnectionState = 'created' | 'authorising' | 'working' | 'degraded' | 'reauth_required';

/** `grant_proven`: a read that began after the grant had been called ended succeeded, so the provider had only stumbled. */
export type ConnectionEvent =
  'consent_started' | 'consent_given' | 'call_succeeded' | 'call_failed' | 'grant_ended' | 'grant_proven';

/** `null`: the event cannot happen in that state; it is ignored and reported. */
type Table = Readonly<Record<ConnectionState, Readonly<Record<ConnectionEvent, ConnectionState | null>>>>;

export const connectionTable: Table = {
  created: {
    consent_started: 'authorising',
    consent_given: 'working',
    call_succeeded: null,
    call_failed: null,
    grant_ended: null,
    grant_proven: null,
  },
  authorising: {
    consent_started: 'authorising',
    consent_given: 'working',
    call_succeeded: null,
    call_failed: null,
    grant_ended: null,
    grant_proven: null,
  },
  working: {
    // Signing in again while all is well keeps it working until the new grant arrives.
    consent_started: 'working',
    consent_given: 'working',
    call_succeeded: 'working',
    call_failed: 'degraded',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
  },
  degraded: {
    consent_started: 'degraded',
    consent_given: 'working',
    call_succeeded: 'working',
    call_failed: 'degraded',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
  },
  reauth_required: {
    consent_started: 'reauth_required',
    consent_given: 'working',
    // A call that was under way when the grant ended says nothing about the grant.
    call_succeeded: 'reauth_required',
    call_failed: 'reauth_required',
    grant_ended: 'reauth_required',
    grant_proven: 'working',
  },
};

export function nextConnectionState(state: ConnectionState, event: ConnectionEvent): ConnectionState | null {
  return connectionTable[state][event];
}
