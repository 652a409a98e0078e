import {
  GantryError,
  limits,
  send,
  withinTime,
  type Clock,
  type Json,
  type Pause,
  type Random,
} from '../../kernel/index.ts';
import type { AccessToken, AllowanceReading, CallOutcome, CallPermit, ProviderAccess } from '../contract.ts';
import type { Carry } from './auth-carry.ts';
import { classifyAnswer, codeOf, diagnose, sentenceOf, type Diagnosis, type ErrorRule } from './error-map.ts';
import { limitOfPath, readingIn, type LimitDialect } from './rate-limits.ts';
import { largeAnswers } from './large-answers.ts';
import { readBody, type BodyParser, type BodyResult, type LargeTurn, type SlowBodyParser } from './response-body.ts';
import { backoffMs, limitedMs, statedWaitMs } from './retry-delay.ts';
import { sharedAnswers } from './shared-answers.ts';

export interface HttpDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Total time for one call with all its retries; shorter in tests. */
  readonly deadlineMs?: number;
  readonly responseBytesMax?: number;
  /** From when on an answer waits for its turn; smaller in tests. */
  readonly largeAnswerBytes?: number;
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
  /** Which limits count which calls, and where answers say what is left; absent: not known. */
  readonly limits?: LimitDialect;
  /** How calls show who calls, where a request has no way of its own; absent: by a bearer token. */
  readonly carry?: Carry;
}

export interface UpstreamRequest {
  readonly path: string;
  /** GET where absent. Reading, and registering so that it may be repeated, need no `once`: every such call is. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as it is; `headers` say what it is. */
  readonly body?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Ready-made query string, where the provider's own encoding matters. */
  readonly rawQuery?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What carries the credential, instead of the usual `Authorization: Bearer`; asked anew for each token. */
  readonly credential?: (token: AccessToken) => Credential;
  /** How the answer's text becomes a value; JSON where absent. */
  readonly parse?: BodyParser | SlowBodyParser;
  /** An error answer that the caller understands is handed back instead of raised; null stands for a body that is not readable. */
  readonly accept?: (status: number, body: Json) => boolean;
  /**
   * The call may change something there: `beforeSend` is asked right before
   * bytes leave, and nothing is repeated but what was refused for its token.
   * What is raised then says in `data.taken` whether the provider may have
   * taken it: `no` or `unknown`.
   */
  readonly once?: { readonly beforeSend: () => Promise<void> };
}

export interface Credential {
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query; told to nobody else. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
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
  | {
      readonly kind: 'fault';
      readonly fault: Diagnosis;
      readonly status: number;
      readonly waitMs: number | null;
      readonly headers: Headers | null;
      /** False: no connection came about. */
      readonly left: boolean;
      /** Of an answer that came whole and is not what it should be. */
      readonly bytesHash?: string;
    };

/**
 * A call with the connection's token. One call may be several attempts: faults
 * that pass are retried with jitter, a stated wait is obeyed, and a refused
 * token is renewed once. What remains is raised as a GantryError that never
 * carries upstream text.
 */
export function httpClient(access: ProviderAccess, dialect: HttpDialect, deps: HttpDeps): HttpClient {
  const call: HttpClient = async (request) => {
    let deadline = deps.clock.monotonicMs() + (deps.deadlineMs ?? limits.requestTimeoutMs);
    let token = await access.token();
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      deps.signal?.throwIfAborted();
      const askedMs = deps.clock.monotonicMs();
      const permit = await admit(access, dialect, deps, request, deadline);
      // Waiting for one's turn is not the provider's slowness.
      if (permit !== undefined) deadline += deps.clock.monotonicMs() - askedMs;
      let outcome: Attempt;
      try {
        await request.once?.beforeSend();
      } catch (error) {
        permit?.settle({ kind: 'unsent' });
        throw error;
      }
      try {
        outcome = await attemptOnce(access, dialect, deps, request, { token, deadline });
      } catch (error) {
        permit?.settle({ kind: 'failed' });
        throw error;
      }
      permit?.settle(callOutcome(dialect, request, outcome));
      if (outcome.kind === 'answer') return outcome.answer;
      deps.signal?.throwIfAborted();
      const { fault } = outcome;
      if (fault.class === 'auth_invalidated' && !renewed) {
        token = await access.renew(token.generation);
        renewed = true;
        continue;
      }
      const stated = outcome.waitMs ?? secondsToMs(fault.retryAfterS);
      const waitMs = isLimited(fault)
        ? limitedMs(stated, attempt, deps.random)
        : (stated ?? backoffMs(attempt, deps.random));
      const wouldEnd = deps.clock.monotonicMs() + waitMs;
      if (
        request.once !== undefined ||
        !fault.retryable ||
        attempt >= limits.requestAttemptsMax ||
        wouldEnd >= deadline
      ) {
        throw raised(dialect, request, outcome, { at: deps.clock.now(), waitMs, attempts: attempt });
      }
      await deps.clock.sleep(waitMs, deps.signal);
    }
  };
  return access.purpose === 'interactive' ? sharedAnswers(call, deps.clock, deps.signal) : call;
}

async function admit(
  access: ProviderAccess,
  dialect: HttpDialect,
  deps: HttpDeps,
  { path }: UpstreamRequest,
  deadlineMs: number,
): Promise<CallPermit | undefined> {
  const limit = dialect.limits === undefined ? null : limitOfPath(dialect.limits, path);
  return access.gate?.admit({ limit, deadlineMs, ...(deps.signal === undefined ? {} : { signal: deps.signal }) });
}

const isLimited = (fault: Diagnosis): boolean => fault.class === 'rate_limited' || fault.class === 'quota_exhausted';

/** What the attempt says of the account's allowance and of the provider's health. */
function callOutcome({ limits: known }: HttpDialect, { path }: UpstreamRequest, outcome: Attempt): CallOutcome {
  const headers = outcome.kind === 'answer' ? outcome.answer.headers : outcome.headers;
  const limit = known === undefined ? null : limitOfPath(known, path);
  const readingOf = (name: string | null): AllowanceReading | null =>
    headers === null || known === undefined ? null : readingIn(known, name, headers);
  const readings = { reading: readingOf(null), own: limit === null ? null : readingOf(limit) };
  if (outcome.kind === 'answer') return { kind: 'answered', ...readings };
  const { fault } = outcome;
  if (isLimited(fault))
    return { kind: 'limited', waitMs: outcome.waitMs ?? secondsToMs(fault.retryAfterS), ...readings };
  const inTrouble = fault.class === 'provider_5xx' || fault.class === 'timeout' || fault.class === 'network';
  return inTrouble ? { kind: 'failed' } : { kind: 'answered', ...readings };
}

interface AttemptContext {
  readonly token: AccessToken;
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
  const method = request.method ?? 'GET';
  const url = addressOf(access.apiUrl, request);
  const credential: Credential =
    request.credential?.(context.token) ?? dialect.carry?.(context.token, { method, url }) ?? bearer(context.token);
  const body = credential.body ?? request.body;
  const leftMs = Math.max(1, Math.ceil(context.deadline - startedMs));
  const exchange = await withinTime(leftMs, deps.signal, (signal, pause) =>
    exchanged(withQuery(url, credential.query), {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': 'gantry',
        ...dialect.headers,
        ...request.headers,
        ...credential.headers,
      },
      ...(body === undefined ? {} : { body }),
      ...(request.parse === undefined ? {} : { parse: request.parse }),
      signal,
      bytesMax: deps.responseBytesMax ?? limits.responseBytesMax,
      large: {
        fromBytes: deps.largeAnswerBytes ?? limits.largeAnswerBytes,
        enter: () => largeTurn(signal, pause),
      },
    }),
  );
  const { status } = exchange;
  access.onCall?.({ method, path: request.path, status, durationMs: deps.clock.monotonicMs() - startedMs });
  if (exchange.kind === 'failed')
    return { kind: 'fault', fault: diagnose(exchange.why), status, waitMs: null, headers: null, left: exchange.left };
  const { headers } = exchange;
  const value = valueForErrors(exchange.body);
  if (request.accept?.(status, value) === true)
    return { kind: 'answer', answer: { status, body: value, headers, askedAt } };
  const fault = classifyAnswer(dialect.errors, status, value);
  if (fault !== null) {
    const names = [...dialect.waitHeaders, ...(fault.class === 'rate_limited' ? dialect.resetHeaders : [])];
    return { kind: 'fault', fault, status, waitMs: statedWaitMs(headers, names, askedAt), headers, left: true };
  }
  if (exchange.body.kind === 'value') return { kind: 'answer', answer: { status, body: value, headers, askedAt } };
  // The same oversized answer would come again; anything else may have been a passing page of a proxy.
  const why = exchange.body.kind === 'too_large' ? 'too_large' : 'malformed_response';
  const whole = exchange.body.kind === 'unreadable' ? { bytesHash: exchange.body.hash } : {};
  return { kind: 'fault', fault: diagnose(why), status, waitMs: null, headers, left: true, ...whole };
}

const bearer = (token: AccessToken): Credential => ({ headers: { authorization: `Bearer ${token.accessToken}` } });

/** What error rules look at: the value, or the bare text that stands in its place. */
function valueForErrors(body: BodyResult): Json {
  if (body.kind === 'value') return body.value;
  return body.kind === 'unreadable' ? body.text : null;
}

/** The time of the call stands still meanwhile. */
async function largeTurn(signal: AbortSignal, pause: Pause): Promise<() => void> {
  const goOn = pause();
  try {
    return await largeAnswers.enter(signal);
  } finally {
    goOn();
  }
}

type Exchange =
  | { readonly kind: 'done'; readonly status: number; readonly headers: Headers; readonly body: BodyResult }
  | {
      readonly kind: 'failed';
      readonly status: number;
      readonly why: 'timeout' | 'network' | 'malformed_response';
      readonly left: boolean;
    };

async function exchanged(
  url: string,
  options: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    parse?: BodyParser | SlowBodyParser;
    signal: AbortSignal;
    bytesMax: number;
    large: LargeTurn;
  },
): Promise<Exchange> {
  let status = 0;
  try {
    const response = await send('connector.call', url, {
      method: options.method,
      headers: options.headers,
      ...(options.body === undefined ? {} : { body: options.body }),
      // A redirect would carry the token to an address that nobody chose.
      redirect: 'manual',
      signal: options.signal,
    });
    status = response.status;
    return {
      kind: 'done',
      status,
      headers: response.headers,
      body: await readBody(response, options.bytesMax, options.parse, options.large),
    };
  } catch (error) {
    // Not the provider's doing: the way there is closed.
    if (error instanceof GantryError) throw error;
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    return {
      kind: 'failed',
      status,
      why: timedOut ? 'timeout' : isWrongEncoding(error) ? 'malformed_response' : 'network',
      left: !isUnconnected(error),
    };
  }
}

/** Names that lead nowhere, and doors that stay shut: of a call that ended so, not one byte arrived. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function isUnconnected(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && UNCONNECTED.has(String(cause.code));
}

/** The body is not compressed in the way that its header says. zlib's own codes begin so, Brotli's are all errors of Node. */
function isWrongEncoding(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && /^(Z_|ERR__ERROR_|ERR_BROTLI)/.test(String(cause.code));
}

function addressOf(apiUrl: string, request: UpstreamRequest): string {
  const query = request.rawQuery ?? new URLSearchParams(request.query ?? {}).toString();
  return `${apiUrl}${request.path}${query === '' ? '' : `?${query}`}`;
}

function withQuery(url: string, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${text}`;
}

const secondsToMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1_000);

function raised(
  dialect: HttpDialect,
  request: UpstreamRequest,
  outcome: Extract<Attempt, { kind: 'fault' }>,
  tried: { at: Date; waitMs: number; attempts: number },
): GantryError {
  const { fault, status, left, bytesHash } = outcome;
  // Refused at the door, or not even arrived there.
  const isRefused = status >= 400 && status < 500;
  const taken = request.once === undefined ? {} : { taken: left && !isRefused ? 'unknown' : 'no' };
  const code = codeOf(fault.class);
  return new GantryError(code, {
    message: `${dialect.title} ${sentenceOf(fault.class)}.`,
    where: `${request.method ?? 'GET'} ${request.path}`,
    fix: fault.userAction,
    ...(code === 'upstream_rate_limited' || fault.retryable
      ? { retryAt: new Date(tried.at.getTime() + tried.waitMs) }
      : {}),
    data: {
      class: fault.class,
      status,
      attempts: tried.attempts,
      user_action: fault.userAction,
      ...taken,
      ...(bytesHash === undefined ? {} : { bytes_hash: bytesHash }),
    },
  });
}
