import { GantryError, limits, type Clock, type Json, type Random } from '../../kernel/index.ts';
import type { ProviderAccess } from '../contract.ts';
import { classifyAnswer, codeOf, diagnose, sentenceOf, type Diagnosis, type ErrorRule } from './error-map.ts';
import { readJsonBody, type BodyResult } from './response-body.ts';
import { backoffMs, statedWaitMs } from './retry-delay.ts';

export interface HttpDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Total time for one call with all its retries; shorter in tests. */
  readonly deadlineMs?: number;
  readonly responseBytesMax?: number;
  /** Ends calls under way and waits between attempts, with its reason: the process is stopping. */
  readonly signal?: AbortSignal;
}

/** How one provider spells what all of them mean. */
export interface HttpDialect {
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly ErrorRule[];
  readonly waitHeaders: readonly string[];
  /** Count for limited calls only. */
  readonly resetHeaders: readonly string[];
}

export interface UpstreamRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Ready-made query string, where the provider's own encoding matters. */
  readonly rawQuery?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An error answer that the caller understands is handed back instead of raised. */
  readonly accept?: (status: number, body: Json) => boolean;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
  /** When the last attempt was sent. */
  readonly askedAt: Date;
}

export type HttpClient = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

type Attempt =
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  | { readonly kind: 'fault'; readonly fault: Diagnosis; readonly status: number; readonly waitMs: number | null };

/**
 * GET with the connection's token. One call may be several attempts: faults
 * that pass are retried with jitter, a stated wait is obeyed, and a refused
 * token is renewed once. What remains is raised as a GantryError that never
 * carries upstream text.
 */
export function httpClient(access: ProviderAccess, dialect: HttpDialect, deps: HttpDeps): HttpClient {
  return async (request) => {
    const deadline = deps.clock.monotonicMs() + (deps.deadlineMs ?? limits.requestTimeoutMs);
    let token = await access.token();
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      deps.signal?.throwIfAborted();
      const outcome = await attemptOnce(access, dialect, deps, request, { token: token.accessToken, deadline });
      if (outcome.kind === 'answer') return outcome.answer;
      deps.signal?.throwIfAborted();
      const { fault } = outcome;
      if (fault.class === 'auth_invalidated' && !renewed) {
        token = await access.renew(token.generation);
        renewed = true;
        continue;
      }
      const waitMs = outcome.waitMs ?? secondsToMs(fault.retryAfterS) ?? backoffMs(attempt, deps.random);
      const wouldEnd = deps.clock.monotonicMs() + waitMs;
      if (!fault.retryable || attempt >= limits.requestAttemptsMax || wouldEnd >= deadline) {
        throw raised(dialect, request.path, outcome, { at: deps.clock.now(), waitMs, attempts: attempt });
      }
      await deps.clock.sleep(waitMs, deps.signal);
    }
  };
}

interface AttemptContext {
  readonly token: string;
  readonly deadline: number;
}

async function attemptOnce(
  access: ProviderAccess,
  dialect: HttpDialect,
  deps: HttpDeps,
  request: UpstreamRequest,
  context: AttemptContext,
): Promise<Attempt> {
  const startedMs = deps.clock.monotonicMs();
  const askedAt = deps.clock.now();
  const exchange = await exchanged(addressOf(access.apiUrl, request), {
    headers: {
      accept: 'application/json',
      'user-agent': 'gantry',
      ...dialect.headers,
      ...request.headers,
      authorization: `Bearer ${context.token}`,
    },
    signal: AbortSignal.any([
      AbortSignal.timeout(Math.max(1, Math.ceil(context.deadline - startedMs))),
      ...(deps.signal === undefined ? [] : [deps.signal]),
    ]),
    bytesMax: deps.responseBytesMax ?? limits.responseBytesMax,
  });
  const { status } = exchange;
  access.onCall?.({ method: 'GET', path: request.path, status, durationMs: deps.clock.monotonicMs() - startedMs });
  if (exchange.kind === 'failed') return { kind: 'fault', fault: diagnose(exchange.why), status, waitMs: null };
  const { body, headers } = exchange;
  const value = valueForErrors(body);
  const fault = request.accept?.(status, value) === true ? null : classifyAnswer(dialect.errors, status, value);
  if (fault !== null) {
    const names = [...dialect.waitHeaders, ...(fault.class === 'rate_limited' ? dialect.resetHeaders : [])];
    return { kind: 'fault', fault, status, waitMs: statedWaitMs(headers, names, askedAt) };
  }
  if (body.kind === 'json') return { kind: 'answer', answer: { status, body: body.value, headers, askedAt } };
  // The same oversized answer would come again; anything else may have been a passing page of a proxy.
  const why = body.kind === 'too_large' ? 'too_large' : 'malformed_response';
  return { kind: 'fault', fault: diagnose(why), status, waitMs: null };
}

/** What error rules look at: the JSON, or the bare text that stands in its place. */
function valueForErrors(body: BodyResult): Json {
  if (body.kind === 'json') return body.value;
  return body.kind === 'not_json' ? body.text : null;
}

type Exchange =
  | { readonly kind: 'done'; readonly status: number; readonly headers: Headers; readonly body: BodyResult }
  | { readonly kind: 'failed'; readonly status: number; readonly why: 'timeout' | 'network' };

async function exchanged(
  url: string,
  options: { headers: Record<string, string>; signal: AbortSignal; bytesMax: number },
): Promise<Exchange> {
  let status = 0;
  try {
    const response = await fetch(url, {
      headers: options.headers,
      // A redirect would carry the token to an address that nobody chose.
      redirect: 'manual',
      signal: options.signal,
    });
    status = response.status;
    return { kind: 'done', status, headers: response.headers, body: await readJsonBody(response, options.bytesMax) };
  } catch (error) {
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return { kind: 'failed', status, why: timedOut ? 'timeout' : 'network' };
  }
}

function addressOf(apiUrl: string, request: UpstreamRequest): string {
  const query = request.rawQuery ?? new URLSearchParams(request.query ?? {}).toString();
  return `${apiUrl}${request.path}${query === '' ? '' : `?${query}`}`;
}

const secondsToMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1_000);

function raised(
  dialect: HttpDialect,
  path: string,
  outcome: Extract<Attempt, { kind: 'fault' }>,
  tried: { at: Date; waitMs: number; attempts: number },
): GantryError {
  const { fault, status } = outcome;
  const code = codeOf(fault.class);
  return new GantryError(code, {
    message: `${dialect.title} ${sentenceOf(fault.class)}.`,
    where: `GET ${path}`,
    fix: fault.userAction,
    ...(code === 'upstream_rate_limited' || fault.retryable
      ? { retryAt: new Date(tried.at.getTime() + tried.waitMs) }
      : {}),
    data: { class: fault.class, status, attempts: tried.attempts, user_action: fault.userAction },
  });
}
