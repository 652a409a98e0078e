import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';
import { tenantInQuery } from './sync-parameters.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly signIn: JsonObject };

/** The addresses behind the console, as OpenAPI has them. */
export function consolePaths({ security, body, responses, signIn }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  return {
    '/v1/tenants': {
      get: {
        operationId: 'list_tenants',
        summary: 'The customers',
        security,
        parameters: [],
        responses: responses('200', 'Their names.', plain),
      },
    },
    '/v1/console/session': {
      get: {
        operationId: 'who_am_i',
        summary: 'Whose key this is, and its role',
        security,
        parameters: [],
        responses: responses('200', 'Name and role.', plain),
      },
      post: {
        operationId: 'sign_in_to_console',
        summary: 'The console signs its browser in: a cookie instead of the key, for its own page only',
        security: [],
        requestBody: body(signIn),
        responses: responses('200', 'Name and role, with the cookie.', plain),
      },
      delete: {
        operationId: 'sign_out_of_console',
        summary: 'The console signs its browser out',
        security: [],
        parameters: [],
        responses: responses('200', 'The session is over.', plain),
      },
    },
    '/v1/console/events': {
      get: {
        operationId: 'follow_console',
        summary:
          'Server-sent events without content: `approvals_changed`, `audit_grew`, `connections_changed`; without a tenant of the approvals of all, and of what is stopped for everybody',
        security,
        parameters: [{ ...tenantInQuery, required: false }],
        responses: responses('200', 'A stream of at most ten minutes; connect again then.', { type: 'string' }),
      },
    },
  };
}
