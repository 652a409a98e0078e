import { json, type SandboxResponse } from '../../kit/index.ts';

interface ErrorDetail {
  readonly domain?: 'global' | 'calendar' | 'usageLimits';
  readonly reason: string;
  readonly message: string;
  readonly locationType?: 'parameter' | 'header';
  readonly location?: string;
}

/** Google's error body. Source: Calendar API, "Handle API errors". */
export function googleError(
  code: number,
  { domain = 'global', reason, message, locationType, location }: ErrorDetail,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly body?: Readonly<Record<string, unknown>> } = {},
): SandboxResponse {
  const where = locationType === undefined ? {} : { locationType, location };
  const error = { errors: [{ domain, reason, message, ...where }], code, message, ...more.body };
  return json(code, { error }, { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate', ...more.headers });
}

export function invalidCredentials(): SandboxResponse {
  return googleError(
    401,
    { reason: 'authError', message: 'Invalid Credentials', locationType: 'header', location: 'Authorization' },
    {
      headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
      body: { status: 'UNAUTHENTICATED' },
    },
  );
}

export function loginRequired(): SandboxResponse {
  return googleError(
    401,
    { reason: 'required', message: 'Login Required.', locationType: 'header', location: 'Authorization' },
    {
      headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
      body: { status: 'UNAUTHENTICATED' },
    },
  );
}

export function insufficientScopes(method: string): SandboxResponse {
  const message = 'Request had insufficient authentication scopes.';
  const reason = { reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', domain: 'googleapis.com' };
  return json(
    403,
    {
      error: {
        code: 403,
        message,
        errors: [{ message: 'Insufficient Permission', domain: 'global', reason: 'insufficientPermissions' }],
        status: 'PERMISSION_DENIED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            ...reason,
            metadata: { service: 'calendar-json.googleapis.com', method },
          },
        ],
      },
    },
    { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
  );
}

/** Reasons for which Google answers 403 to a call that is well formed. */
export const REFUSALS = {
  rateLimitExceeded: ['usageLimits', 'Rate Limit Exceeded'],
  userRateLimitExceeded: ['usageLimits', 'User Rate Limit Exceeded'],
  quotaExceeded: ['usageLimits', 'Calendar usage limits exceeded.'],
  dailyLimitExceeded: ['usageLimits', 'Daily Limit Exceeded'],
  accessNotConfigured: [
    'usageLimits',
    'Google Calendar API has not been used in project 100000000000 before or it is disabled.',
  ],
  forbidden: ['global', 'Forbidden'],
} as const;
export type Refusal = keyof typeof REFUSALS;

export function refused(reason: Refusal): SandboxResponse {
  const [domain, message] = REFUSALS[reason];
  return googleError(403, { domain, reason, message });
}

export function readerNeeded(): SandboxResponse {
  return levelNeeded('reader');
}

export function writerNeeded(): SandboxResponse {
  return levelNeeded('writer');
}

export function ownerNeeded(): SandboxResponse {
  return levelNeeded('owner');
}

export function ownAccess(): SandboxResponse {
  const message = 'Cannot change your own access level.';
  return googleError(403, { domain: 'calendar', reason: 'cannotChangeOwnAcl', message });
}

function levelNeeded(role: string): SandboxResponse {
  const message = `You need to have ${role} access to this calendar.`;
  return googleError(403, { domain: 'calendar', reason: 'requiredAccessLevel', message });
}

export function notFound(): SandboxResponse {
  return googleError(404, { reason: 'notFound', message: 'Not Found' });
}

export function deletedEvent(): SandboxResponse {
  return googleError(410, { reason: 'deleted', message: 'Resource has been deleted' });
}

export function duplicate(): SandboxResponse {
  return googleError(409, { reason: 'duplicate', message: 'The requested identifier already exists.' });
}

export function conditionNotMet(): SandboxResponse {
  const message = 'Precondition Failed';
  return googleError(412, { reason: 'conditionNotMet', message, locationType: 'header', location: 'If-Match' });
}

export function organizerOnly(): SandboxResponse {
  const message = 'Shared properties can only be changed by the organizer of the event.';
  return googleError(403, { domain: 'calendar', reason: 'forbiddenForNonOrganizer', message });
}

/** What is wrong with the body of a call. */
export function wrongBody(reason: 'required' | 'invalid' | 'timeRangeEmpty', message: string): SandboxResponse {
  return googleError(400, { domain: reason === 'timeRangeEmpty' ? 'calendar' : 'global', reason, message });
}

/** A refusal on demand, by Google's reason. */
export function refusedWrite(reason: string, message: string | null): SandboxResponse {
  switch (reason) {
    case 'backendError':
      return errorForStatus(503);
    case 'duplicate':
      return duplicate();
    case 'conditionNotMet':
      return conditionNotMet();
    default:
      return isRefusal(reason) ? refused(reason) : googleError(400, { reason, message: message ?? 'Bad Request' });
  }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'string' && Object.hasOwn(REFUSALS, value);
}

export function fullSyncRequired(): SandboxResponse {
  const message = 'Sync token is no longer valid, a full sync is required.';
  return parameter(410, 'syncToken', 'fullSyncRequired', message);
}

export function updatedMinTooLongAgo(): SandboxResponse {
  const message = 'The requested minimum modification time lies too far in the past.';
  return parameter(410, 'updatedMin', 'updatedMinTooLongAgo', message);
}

export function timeRangeEmpty(): SandboxResponse {
  return parameter(400, 'timeMax', 'timeRangeEmpty', 'The specified time range is empty.');
}

export function restrictedSyncToken(): SandboxResponse {
  const message = 'Sync token cannot be used with other request restrictions.';
  return parameter(400, 'syncToken', 'syncTokenWithRequestRestrictions', message);
}

export function orderUnavailable(): SandboxResponse {
  const message = 'The requested ordering is not available for the particular query.';
  return googleError(400, { reason: 'badRequest', message, locationType: 'parameter', location: 'orderBy' });
}

export function invalid(location: string, message: string): SandboxResponse {
  return googleError(400, { reason: 'invalid', message, locationType: 'parameter', location });
}

export function invalidParameter(location: string, message: string): SandboxResponse {
  return googleError(400, { reason: 'invalidParameter', message, locationType: 'parameter', location });
}

export function required(field: string): SandboxResponse {
  return googleError(400, { reason: 'required', message: `Required: ${field}` });
}

/** Why there is no such channel; `about` is the address or the id. */
export function channelRefused(
  reason: 'push.webhookUrlNotHttps' | 'channelIdNotUnique' | 'channelUnknown',
  about: string,
): SandboxResponse {
  switch (reason) {
    case 'push.webhookUrlNotHttps':
      return googleError(400, { reason, message: `WebHook callback must be HTTPS: ${about}` });
    case 'channelIdNotUnique':
      return googleError(400, { reason, message: `Channel id ${about} not unique` });
    case 'channelUnknown':
      return googleError(404, {
        reason: 'notFound',
        message: `Channel '${about}' not found for project '100000000000'`,
      });
  }
}

export function pushNotSupported(): SandboxResponse {
  const message = 'Push notifications are not supported by this resource.';
  return googleError(400, { reason: 'pushNotSupportedForRequestedResource', message });
}

export function badRequest(): SandboxResponse {
  return googleError(400, { reason: 'badRequest', message: 'Bad Request' });
}

function parameter(code: number, location: string, reason: string, message: string): SandboxResponse {
  return googleError(code, { domain: 'calendar', reason, message, locationType: 'parameter', location });
}

/** What a fault without a body answers. */
export function errorForStatus(status: number): SandboxResponse {
  switch (status) {
    case 401:
      return invalidCredentials();
    case 403:
      return refused('userRateLimitExceeded');
    case 404:
      return notFound();
    case 410:
      return fullSyncRequired();
    case 429:
      return googleError(
        429,
        { domain: 'usageLimits', reason: 'rateLimitExceeded', message: 'Rate Limit Exceeded' },
        { body: { status: 'RESOURCE_EXHAUSTED' } },
      );
    case 503:
      return googleError(503, {
        reason: 'backendError',
        message: 'The service is currently unavailable.',
      });
    default:
      return googleError(status, {
        reason: status >= 500 ? 'backendError' : 'badRequest',
        message: status >= 500 ? 'Backend Error' : 'Bad Request',
      });
  }
}
