import { json, type SandboxResponse } from '../../kit/index.ts';

/** Zendesk's error bodies have four shapes; which one a case has is part of its behaviour. */
export function recordNotFound(): SandboxResponse {
  return json(404, { error: 'RecordNotFound', description: 'Not found' });
}

export function invalidEndpoint(): SandboxResponse {
  return json(404, { error: 'InvalidEndpoint', description: 'Not found' });
}

export function notAuthenticated(): SandboxResponse {
  return json(401, { error: "Couldn't authenticate you" }, { 'www-authenticate': 'Basic realm="Web Password"' });
}

const TOKEN_FAULT = 'The access token provided is expired, revoked, malformed or invalid for other reasons.';

export function invalidToken(): SandboxResponse {
  return json(
    401,
    { error: 'invalid_token', error_description: TOKEN_FAULT },
    { 'www-authenticate': `Bearer realm="Zendesk", error="invalid_token", error_description="${TOKEN_FAULT}"` },
  );
}

export function forbidden(): SandboxResponse {
  return json(403, {
    error: {
      title: 'Forbidden',
      message:
        'You do not have access to this page. Please contact the account owner of this help desk for further help.',
    },
  });
}

export function missingScope(scope: string): SandboxResponse {
  return json(403, { error: 'Forbidden', description: `Missing the following required scopes: ${scope}` });
}

export function badRequest(error: string, description: string): SandboxResponse {
  return json(400, { error, description });
}

export function unprocessable(error: string, description: string): SandboxResponse {
  return json(422, { error, description });
}

export function paginationError(code: string, title: string): SandboxResponse {
  return json(400, { errors: [{ code, title }] });
}

export function tooManyRequests(error: string, what: string, retryAfterS: number): SandboxResponse {
  return json(
    429,
    { error, description: `Number of allowed ${what} requests per minute exceeded` },
    { 'retry-after': String(retryAfterS) },
  );
}

/** What a fault without a body answers. */
export function errorForStatus(status: number): SandboxResponse {
  switch (status) {
    case 401:
      return invalidToken();
    case 403:
      return forbidden();
    case 404:
      return recordNotFound();
    case 429:
      return tooManyRequests('APIRateLimitExceeded', 'API', 30);
    case 409:
      return json(409, { error: 'DatabaseConflict', description: 'Database collision' });
    case 503:
      return json(503, { error: 'ServiceUnavailable', description: 'Service unavailable' }, { 'retry-after': '5' });
    default:
      return json(status, { error: 'InternalServerError', description: 'Internal server error' });
  }
}
