import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The operators' address for budgets, as OpenAPI has it. */
export function budgetPaths({ security, responses }: Pick<PathParts, 'security' | 'responses'>): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/budgets': {
      get: {
        operationId: 'list_budgets',
        summary: 'Calls that providers allow: used, in reserve, and when they are used up at the present rate',
        security,
        parameters: [{ name: 'tenant', in: 'query', schema: { type: 'string' } }],
        responses: responses('200', 'Each limit of each account that the connections use.', { type: 'object' }),
      },
    },
  };
}
