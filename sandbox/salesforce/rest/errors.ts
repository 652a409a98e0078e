import { json, type SandboxResponse } from '../../kit/index.ts';

/** `[{"message", "errorCode"}]`, the body of every REST error. */
export function apiError(status: number, errorCode: string, message: string): SandboxResponse {
  return json(status, [{ message, errorCode }]);
}

export const notFound = (): SandboxResponse => apiError(404, 'NOT_FOUND', 'The requested resource does not exist');

export const invalidSession = (): SandboxResponse => apiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');

/** What the platform says with a status, for faults that give nothing but the status. */
export function errorOfStatus(status: number): SandboxResponse {
  switch (status) {
    case 400:
      return apiError(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.');
    case 401:
      return invalidSession();
    case 403:
      return apiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    case 404:
      return notFound();
    case 429:
      return { ...apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'Too many requests.') };
    case 503:
      return apiError(503, 'SERVER_UNAVAILABLE', 'Server Unavailable');
    default:
      return apiError(
        status,
        'UNKNOWN_EXCEPTION',
        'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1)',
      );
  }
}
