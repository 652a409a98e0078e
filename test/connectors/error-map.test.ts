import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classifyAnswer, parseDeclaration, type ErrorClass } from '../../src/connectors/index.ts';
import type { Json } from '../../src/kernel/index.ts';

const declarationOf = (provider: string): ReturnType<typeof parseDeclaration> => {
  const file = new URL(`../../src/connectors/${provider}/connector.yaml`, import.meta.url);
  return parseDeclaration(readFileSync(file, 'utf8'), provider);
};

type Line = readonly [status: number, body: Json, expected: ErrorClass, retryable: boolean];

const salesforceError = (errorCode: string, message = 'text'): Json => [{ message, errorCode }];
const salesforce: readonly Line[] = [
  [401, salesforceError('INVALID_SESSION_ID', 'Session expired or invalid'), 'auth_invalidated', false],
  [401, null, 'auth_invalidated', false],
  [403, 'Bad_OAuth_Token', 'auth_invalidated', false],
  [403, salesforceError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 'quota_exhausted', false],
  [403, salesforceError('API_DISABLED_FOR_ORG'), 'forbidden', false],
  [400, salesforceError('INSUFFICIENT_ACCESS'), 'forbidden', false],
  [403, null, 'forbidden', false],
  [400, salesforceError('INVALID_TYPE', "sObject type 'X' is not supported."), 'not_found', false],
  [404, salesforceError('NOT_FOUND', 'The requested resource does not exist'), 'not_found', false],
  [404, salesforceError('ENTITY_IS_DELETED'), 'not_found', false],
  [400, salesforceError('INVALID_QUERY_LOCATOR'), 'cursor_gone', false],
  [400, salesforceError('INVALID_REPLICATION_DATE'), 'cursor_gone', false],
  [400, salesforceError('INVALID_FIELD', "No such column 'X__c'"), 'schema_drift', false],
  [400, salesforceError('UNABLE_TO_LOCK_ROW'), 'locked', true],
  [400, salesforceError('QUERY_TIMEOUT'), 'timeout', true],
  [400, salesforceError('QUERY_TOO_COMPLICATED'), 'bad_request', false],
  [400, salesforceError('MALFORMED_QUERY', 'unexpected token'), 'bad_request', false],
  [414, null, 'bad_request', false],
  [431, null, 'bad_request', false],
  [503, salesforceError('SERVER_UNAVAILABLE'), 'provider_5xx', true],
  [500, salesforceError('UNKNOWN_EXCEPTION'), 'provider_5xx', true],
  [503, salesforceError('SERVER_TOO_BUSY'), 'rate_limited', true],
  [429, null, 'rate_limited', true],
  [200, salesforceError('SOMETHING'), 'malformed_response', true],
];

const zendesk: readonly Line[] = [
  [401, { error: 'invalid_token', error_description: 'expired' }, 'auth_invalidated', false],
  [401, { error: "Couldn't authenticate you" }, 'auth_invalidated', false],
  [403, { error: 'insufficient_scope' }, 'forbidden', false],
  [403, { error: { title: 'Forbidden', message: 'You do not have access' } }, 'forbidden', false],
  [403, { error: 'SuspendedUser' }, 'forbidden', false],
  [404, { error: 'RecordNotFound', description: 'Not found' }, 'not_found', false],
  [404, { error: 'InvalidEndpoint', description: 'Not found' }, 'not_found', false],
  [400, { error: 'InvalidCursor', description: 'bad' }, 'cursor_gone', false],
  [422, { error: 'InvalidValue', description: 'The cursor is invalid' }, 'cursor_gone', false],
  [409, { error: 'DatabaseConflict' }, 'locked', true],
  [422, { error: 'RecordInvalid', description: 'Record validation errors', details: {} }, 'bad_request', false],
  [413, null, 'bad_request', false],
  [423, null, 'locked', true],
  [429, { error: 'APIRateLimitExceeded' }, 'rate_limited', true],
  [503, null, 'provider_5xx', true],
  [520, null, 'provider_5xx', true],
  [500, { error: 'InternalError' }, 'provider_5xx', true],
  [408, null, 'timeout', true],
];

describe.each([
  { provider: 'salesforce', lines: salesforce },
  { provider: 'zendesk', lines: zendesk },
])('error map of $provider', ({ provider, lines }) => {
  const { errors } = declarationOf(provider);

  it.each(lines)('%i %j is %s', (status, body, expected, retryable) => {
    expect(classifyAnswer(errors, status, body)).toMatchObject({ class: expected, retryable });
  });

  it('has a rule of its own for at least twelve of them, each with advice', () => {
    const used = new Set<number>();
    for (const [status, body] of lines) {
      const index = errors.findIndex((rule) => classifyAnswer([rule], status, body)?.userAction === rule.user_action);
      if (index >= 0) used.add(index);
    }
    expect(used.size).toBeGreaterThanOrEqual(12);
    for (const rule of errors) expect(rule.user_action).toMatch(/\.$/);
  });

  it('takes success for what it is', () => {
    expect(classifyAnswer(errors, 200, { records: [], done: true })).toBeNull();
    expect(classifyAnswer(errors, 200, [])).toBeNull();
  });

  it('has an answer for every status', () => {
    for (let status = 300; status < 600; status += 1) expect(classifyAnswer(errors, status, null)).not.toBeNull();
  });
});
