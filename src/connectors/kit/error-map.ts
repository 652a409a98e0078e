import type { ErrorCode, Json } from '../../kernel/index.ts';
import { readPath } from './value-path.ts';

/** The closed list of what can be wrong upstream; every provider's errors are mapped onto it. */
export const errorClasses = [
  'auth_invalidated',
  'forbidden',
  'not_found',
  'cursor_gone',
  'rate_limited',
  'quota_exhausted',
  'bad_request',
  'schema_drift',
  'locked',
  'provider_5xx',
  'timeout',
  'network',
  'malformed_response',
  'too_large',
] as const;

export type ErrorClass = (typeof errorClasses)[number];

/** One line of a connector's error map: the first rule that matches decides. */
export interface ErrorRule {
  /** Exact status, several, a whole hundred (`5xx`), or `any`: answers that look successful, too. Absent: any error status. */
  readonly status?: number | '4xx' | '5xx' | 'any' | readonly number[] | undefined;
  /** Path into the body, such as `0.errorCode`; the rule needs a value there. */
  readonly at?: string | undefined;
  /** The value at the path is one of these. */
  readonly is?: readonly string[] | undefined;
  /** The value at the path contains this text, case ignored. */
  readonly contains?: string | undefined;
  readonly class: ErrorClass;
  /** Whether the same call can succeed within seconds; by default the class decides. */
  readonly retryable?: boolean | undefined;
  /** What a person should do, one sentence of ours. */
  readonly user_action: string;
  /** Seconds to wait where the provider does not say. */
  readonly retry_after_s?: number | undefined;
}

export interface Diagnosis {
  readonly class: ErrorClass;
  readonly retryable: boolean;
  readonly userAction: string;
  readonly retryAfterS: number | null;
}

const classFacts: Record<ErrorClass, { code: ErrorCode; retryable: boolean; says: string }> = {
  auth_invalidated: { code: 'connection_reauth_required', retryable: false, says: 'no longer accepts the sign-in' },
  forbidden: { code: 'upstream_forbidden', retryable: false, says: 'does not allow this to the connected user' },
  not_found: { code: 'upstream_object_missing', retryable: false, says: 'does not know this object or record' },
  cursor_gone: { code: 'cursor_expired', retryable: false, says: 'no longer knows the place where reading stopped' },
  rate_limited: { code: 'upstream_rate_limited', retryable: true, says: 'limits the rate of calls' },
  quota_exhausted: { code: 'upstream_rate_limited', retryable: false, says: 'has no calls left in its quota' },
  bad_request: { code: 'upstream_refused', retryable: false, says: 'refused the call' },
  schema_drift: { code: 'upstream_schema_changed', retryable: false, says: 'no longer has a field that was asked for' },
  locked: { code: 'upstream_unavailable', retryable: true, says: 'has the record locked' },
  provider_5xx: { code: 'upstream_unavailable', retryable: true, says: 'failed' },
  timeout: { code: 'upstream_unavailable', retryable: true, says: 'did not answer in time' },
  network: { code: 'upstream_unavailable', retryable: true, says: 'could not be reached' },
  malformed_response: { code: 'upstream_malformed', retryable: true, says: 'gave an answer that cannot be read' },
  too_large: { code: 'upstream_too_large', retryable: false, says: 'gave an answer that is too large to be read' },
};

export const codeOf = (errorClass: ErrorClass): ErrorCode => classFacts[errorClass].code;
export const sentenceOf = (errorClass: ErrorClass): string => classFacts[errorClass].says;

/** What an answer means under a connector's map; null: it is not an error. Pure. */
export function classifyAnswer(rules: readonly ErrorRule[], status: number, body: Json): Diagnosis | null {
  const isError = status < 200 || status >= 300;
  const rule = rules.find((candidate) => matches(candidate, status, body, isError));
  if (rule !== undefined) {
    return {
      class: rule.class,
      retryable: rule.retryable ?? classFacts[rule.class].retryable,
      userAction: rule.user_action,
      retryAfterS: rule.retry_after_s ?? null,
    };
  }
  return isError ? diagnose(classOfStatus(status)) : null;
}

/** A class without a rule: faults that no provider spells, such as a reset connection. */
export function diagnose(errorClass: ErrorClass): Diagnosis {
  return {
    class: errorClass,
    retryable: classFacts[errorClass].retryable,
    userAction: 'Nothing to do at the provider; if it persists, look at its status page.',
    retryAfterS: null,
  };
}

function matches(rule: ErrorRule, status: number, body: Json, isError: boolean): boolean {
  if (rule.status === undefined ? !isError : !statusMatches(rule.status, status)) return false;
  if (rule.at === undefined) return true;
  const value = readPath(body, rule.at);
  if (value === undefined || value === null) return false;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (rule.is !== undefined && !rule.is.includes(text)) return false;
  return rule.contains === undefined || text.toLowerCase().includes(rule.contains.toLowerCase());
}

function statusMatches(wanted: NonNullable<ErrorRule['status']>, status: number): boolean {
  if (wanted === 'any') return true;
  if (wanted === '4xx') return status >= 400 && status < 500;
  if (wanted === '5xx') return status >= 500;
  return typeof wanted === 'number' ? wanted === status : wanted.includes(status);
}

function classOfStatus(status: number): ErrorClass {
  if (status === 401) return 'auth_invalidated';
  if (status === 403) return 'forbidden';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 408) return 'timeout';
  if (status === 423) return 'locked';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'provider_5xx';
  return status >= 400 ? 'bad_request' : 'malformed_response';
}
