import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The operators' addresses for lens files, as OpenAPI has them. */
export function lensPaths({ security, responses }: Pick<PathParts, 'security' | 'responses'>): {
  readonly [path: string]: JsonObject;
} {
  const parameters = [{ name: 'tenant', in: 'path', required: true, schema: { type: 'string' } }];
  const operation = (operationId: string, summary: string, answer: string): JsonObject => ({
    operationId,
    summary,
    security,
    parameters,
    responses: responses('200', answer, { type: 'object' }),
  });
  const base = '/v1/tenants/{tenant}/lens';
  return {
    [base]: {
      get: operation('lens_status', 'What the local copy of a tenant holds, and how far it is behind', 'Its state.'),
    },
    [`${base}/rebuild`]: {
      post: operation(
        'rebuild_lens',
        'Build the local copy anew from the database; the present one answers meanwhile',
        'Its state after that.',
      ),
    },
    [`${base}/snapshot`]: {
      post: operation(
        'snapshot_lens',
        'Keep a copy of the file where processes that have none take it from',
        'Where it stands, and its size.',
      ),
    },
  };
}
