import { limits, type Clock } from '../../kernel/index.ts';
import type { HttpClient, UpstreamAnswer, UpstreamRequest } from './http-client.ts';

/**
 * Agents come in bursts and ask the same thing several times over: equal
 * questions of one session are asked once, and the answer serves for a moment;
 * then it is forgotten, since answers are large. They say themselves when they
 * were asked for (`askedAt`), so nothing looks fresher than it is. Failures are
 * not kept. `signal`: the process is stopping.
 */
export function sharedAnswers(call: HttpClient, clock: Clock, signal?: AbortSignal): HttpClient {
  const known = new Map<string, { readonly answer: Promise<UpstreamAnswer>; endsMs: number }>();
  return (request) => {
    const key = keyOf(request);
    if (key === null) return call(request);
    const nowMs = clock.monotonicMs();
    const shared = known.get(key);
    if (shared !== undefined && shared.endsMs > nowMs) return shared.answer;
    const entry = { answer: call(request), endsMs: Infinity };
    known.delete(key);
    known.set(key, entry);
    for (const oldest of known.keys()) {
      if (known.size <= limits.sharedAnswersMax) break;
      known.delete(oldest);
    }
    const forget = (): void => {
      if (known.get(key) === entry) known.delete(key);
    };
    const serve = async (): Promise<void> => {
      await entry.answer;
      entry.endsMs = clock.monotonicMs() + limits.sharedAnswerMs;
      await clock.sleep(limits.sharedAnswerMs, signal);
    };
    serve().then(forget, forget);
    return entry.answer;
  };
}

/** Null for what may change something, or is read in a way of its own. */
function keyOf(request: UpstreamRequest): string | null {
  const { path, method, body, query, rawQuery, headers, credential, parse, accept } = request;
  if ((method ?? 'GET') !== 'GET' || body !== undefined) return null;
  if (credential !== undefined || parse !== undefined || accept !== undefined) return null;
  return JSON.stringify([path, rawQuery ?? null, sorted(query), sorted(headers)]);
}

const sorted = (values: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(values ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
