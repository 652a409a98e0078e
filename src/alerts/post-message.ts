import { limits, send, withinTime, type JsonObject } from '../kernel/index.ts';
import { causeOf, retryAfterMs, signEvent, type AttemptResult } from '../subscriptions/index.ts';
import type { AlertDeps } from './deps.ts';

type Deps = Pick<AlertDeps, 'clock' | 'checkUrl' | 'receivers' | 'timeoutMs'>;

/** To a webhook, signed as subscribers' events are (Standard Webhooks 1.0). `id`: the same at every attempt. Raises nothing. */
export function postSigned(
  deps: Deps,
  to: { readonly url: string; readonly secret: string },
  { id, bodyAt }: { readonly id: string; readonly bodyAt: (now: Date) => JsonObject },
): Promise<AttemptResult> {
  const now = deps.clock.now();
  const body = JSON.stringify(bodyAt(now));
  return post(deps, to.url, body, { ...signEvent({ id, at: now, body }, [to.secret]) });
}

/**
 * To an incoming webhook of Slack's kind: `{"text"}`, nothing else, which all
 * that are compatible take (Slack, "Sending messages using incoming webhooks").
 */
export function postChat(deps: Deps, url: string, text: string): Promise<AttemptResult> {
  return post(deps, url, JSON.stringify({ text }), {});
}

async function post(
  deps: Deps,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<AttemptResult> {
  try {
    const { status, headers: answered } = await withinTime(
      deps.timeoutMs ?? limits.alertSendTimeoutMs,
      undefined,
      async (signal) => {
        const response = await send(
          'alerts.post',
          deps.checkUrl(url),
          {
            method: 'POST',
            headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'Gantry' },
            body,
            redirect: 'manual',
            signal,
          },
          deps.receivers,
        );
        // Of the answer only its head is read.
        await response.body?.cancel().catch(() => undefined);
        return response;
      },
    );
    const ok = status >= 200 && status < 300;
    const cause = ok ? null : status >= 300 && status < 400 ? 'redirect_not_followed' : 'refused';
    const waitMs = ok ? null : retryAfterMs(answered.get('retry-after'), deps.clock.now());
    return { status, cause, waitMs };
  } catch (error) {
    return { status: null, cause: causeOf(error), waitMs: null };
  }
}
