import type { ConnectionEvent } from '../../connection/index.ts';
import type { ErrorCode, GantryError } from '../../kernel/index.ts';

/** What the end of a run says of its connection. `sinceChange`: the run began after the connection's state last changed. */
export function healthEvent(error: GantryError | null, sinceChange: boolean): ConnectionEvent | null {
  if (error === null) return sinceChange ? 'grant_proven' : 'call_succeeded';
  if (error.code === 'connection_reauth_required') return 'grant_ended';
  // Our own budget makes it wait: nobody refused anything.
  if (error.details.data?.['class'] === 'budget') return null;
  return isTrouble(error.code) ? 'call_failed' : null;
}

/** Trouble of the provider that passes by itself; anything else is of one object, or of ours. */
export const isTrouble = (code: ErrorCode): boolean =>
  code === 'upstream_unavailable' || code === 'upstream_rate_limited' || code === 'upstream_malformed';
