import { limits } from '../kernel/index.ts';
import { deliveryTable, type DeliveryEvent, type DeliveryState } from './delivery-state.ts';

/** What a receiver answered; status null: nothing, and `cause` says why. */
export interface AttemptResult {
  readonly status: number | null;
  readonly cause: string | null;
  /** What it asked for with Retry-After, from now. */
  readonly waitMs: number | null;
}

/** What an attempt means for its delivery and for the subscription. */
export interface AttemptEffect {
  readonly event: DeliveryEvent;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: Date;
  /** Nothing is sent to this receiver before then. */
  readonly restsUntil: Date | null;
  /** It answered that it is gone for good. */
  readonly receiverGone: boolean;
}

/** Only 2xx counts: a redirect is not followed, since it could lead anywhere. `fraction`: chance in [0, 1). */
export function afterAttempt(
  result: AttemptResult,
  at: { readonly attempts: number; readonly now: Date; readonly fraction: number },
): AttemptEffect {
  const { status } = result;
  const attempts = at.attempts + 1;
  const accepted = status !== null && status >= 200 && status < 300;
  const event: DeliveryEvent = accepted ? 'accepted' : attempts > limits.deliveryRetryS.length ? 'exhausted' : 'failed';
  const asked = Math.min(result.waitMs ?? 0, limits.deliveryRestMaxMs);
  const pause = Math.max(retryPauseMs(attempts, at.fraction), asked);
  return {
    event,
    state: deliveryTable.due[event] ?? 'due',
    attempts,
    dueAt: new Date(at.now.getTime() + (event === 'failed' ? pause : 0)),
    restsUntil: !accepted && asked > 0 ? new Date(at.now.getTime() + asked) : null,
    receiverGone: status === 410,
  };
}

/** Before the next try, after so many that failed. */
export function retryPauseMs(attempts: number, fraction: number): number {
  const seconds = limits.deliveryRetryS[Math.min(attempts, limits.deliveryRetryS.length) - 1] ?? 0;
  return Math.round(seconds * 1_000 * (1 + limits.deliveryJitterShare * fraction));
}

/** Retry-After (RFC 9110 §10.2.3): seconds, or a date; null where it says neither. */
export function retryAfterMs(text: string | null, now: Date): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
