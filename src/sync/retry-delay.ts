import type { ErrorCode } from '../kernel/index.ts';

/**
 * How long a stream rests after a failed run, where the provider did not say.
 * What passes by itself is tried soon; what waits for a human is only looked
 * at now and then, so that a mended connection goes on without being told.
 */
export function retryDelayMs(code: ErrorCode): number {
  switch (code) {
    // Read again from the beginning; a provider that refuses its own cursors every time is not asked without a break.
    case 'cursor_expired':
      return 10_000;
    // The next run describes the object before it reads.
    case 'upstream_schema_changed':
      return 5_000;
    // Costs the provider nothing: our own switch says no.
    case 'calls_stopped':
      return 5_000;
    case 'upstream_unavailable':
    case 'upstream_rate_limited':
    case 'upstream_malformed':
    case 'store_unavailable':
      return 30_000;
    case 'connection_reauth_required':
    case 'upstream_object_missing':
    case 'upstream_refused':
    case 'upstream_too_large':
      return 15 * 60_000;
    default:
      return 2 * 60_000;
  }
}
