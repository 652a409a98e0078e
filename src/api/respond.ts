import { limits, type GantryError } from '../kernel/index.ts';

/** What every request carries through the app. */
export interface ApiEnv {
  readonly Variables: { requestId: string };
}

/** The error body with the request's id, under the error's own status. */
export function errorResponse(error: GantryError, requestId: string): Response {
  const response = jsonResponse({ ...error.toBody(), request_id: requestId }, error.status, requestId);
  // Zendesk repeats a 503 only where it is told when ("Creating and monitoring webhooks", retries).
  if (error.code === 'webhook_not_kept') response.headers.set('retry-after', String(limits.webhookRetryAfterS));
  return response;
}

/** Answers are the caller's alone and change under their feet: nothing on the way may keep them. */
export function jsonResponse(body: object, status: number, requestId: string): Response {
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="gantry"';
  // The rest of the body is not read, so the connection cannot be used again; a client must not try.
  if (status === 413) headers['connection'] = 'close';
  return Response.json(body, { status, headers });
}
