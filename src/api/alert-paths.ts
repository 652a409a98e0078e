import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly acknowledge: JsonObject };

/** The operators' addresses for alerts, as OpenAPI has them. */
export function alertPaths({ security, body, responses, acknowledge }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  return {
    '/v1/alerts': {
      get: {
        operationId: 'list_alerts',
        summary: 'What is wrong now, since when, who can put it right and how, and who was told',
        security,
        parameters: [
          { name: 'tenant', in: 'query', schema: { type: 'string' } },
          { name: 'resolved', in: 'query', schema: { type: 'string', enum: ['true', 'false'], default: 'false' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 200 } },
        ],
        responses: responses('200', 'The alerts; those that are over only where asked for.', plain),
      },
    },
    '/v1/alerts/{id}/acknowledge': {
      post: {
        operationId: 'acknowledge_alert',
        summary: 'Somebody looks after it: nobody is reminded any more',
        security,
        parameters: [inPath('id')],
        requestBody: body(acknowledge),
        responses: responses('200', 'The alert as it is now.', plain),
      },
    },
    '/v1/alert-routes': {
      get: {
        operationId: 'list_alert_routes',
        summary: 'Where messages about alerts go, and what is missing for it',
        security,
        parameters: [],
        responses: responses('200', 'The routes of the project in force.', plain),
      },
    },
    '/v1/alert-routes/{route}/test': {
      post: {
        operationId: 'test_alert_route',
        summary: 'Send one message by this route, now',
        security,
        parameters: [inPath('route')],
        responses: responses('200', 'Whether it was taken.', plain),
      },
    },
  };
}
