import { AddressRefused, limits, send } from '../kernel/index.ts';
import { retryAfterMs, type AttemptResult } from './after-attempt.ts';
import type { SubscriptionDeps } from './deps.ts';
import { checkReceiverUrl } from './receiver-agent.ts';
import { signEvent } from './sign-event.ts';

/** One attempt. Raises nothing: whatever happens is the attempt's result. Nothing that the receiver wrote is kept. */
export async function postEvent(
  deps: SubscriptionDeps,
  to: { readonly url: string; readonly secrets: readonly string[] },
  event: { readonly id: string; readonly body: string },
): Promise<AttemptResult & { readonly tookMs: number }> {
  const startedMs = deps.clock.monotonicMs();
  const result = await attempt(deps, to, event).catch((error: unknown): AttemptResult => ({
    status: null,
    cause: causeOf(error),
    waitMs: null,
  }));
  return { ...result, tookMs: Math.round(deps.clock.monotonicMs() - startedMs) };
}

async function attempt(
  deps: SubscriptionDeps,
  { url, secrets }: { readonly url: string; readonly secrets: readonly string[] },
  { id, body }: { readonly id: string; readonly body: string },
): Promise<AttemptResult> {
  const now = deps.clock.now();
  const headers = {
    ...signEvent({ id, at: now, body }, secrets),
    'content-type': 'application/json',
    'user-agent': 'Gantry',
  };
  const response = await send(
    'subscriptions.deliver',
    checkReceiverUrl(url, deps.rules),
    {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      // Of the answer only its head is read, so that this bounds the whole attempt.
      signal: AbortSignal.timeout(deps.timeoutMs ?? limits.deliveryTimeoutMs),
    },
    deps.receivers,
  );
  await response.body?.cancel().catch(() => undefined);
  const { status } = response;
  const ok = status >= 200 && status < 300;
  return {
    status,
    cause: ok ? null : status >= 300 && status < 400 ? 'redirect_not_followed' : 'refused',
    waitMs: ok ? null : retryAfterMs(response.headers.get('retry-after'), now),
  };
}

/** Why nothing was answered, in words of ours: an error's text may hold what the receiver wrote, or an address that is a secret. */
export function causeOf(error: unknown): string {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof AddressRefused) return 'address_refused';
    if (cause.name === 'TimeoutError') return 'timed_out';
    const code = 'code' in cause ? cause.code : null;
    if (code === 'subscription_url_refused') return 'address_refused';
    if (typeof code === 'string' && /^[A-Z][A-Z_]{2,40}$/.test(code)) return code.toLowerCase();
  }
  return 'no_answer';
}
