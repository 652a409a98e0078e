import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';
import { inQuery, ofObject } from './sync-parameters.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly replay: JsonObject };

/** The operators' addresses for values that do not fit, as OpenAPI has them. */
export function quarantinePaths({ security, body, responses, replay }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const values = { name: 'values', in: 'query', schema: { type: 'boolean', default: false } };
  return {
    '/v1/quarantine': {
      get: {
        operationId: 'list_quarantine',
        summary: "What does not fit its field's type, by object, field and reason; `values`: each value, newest first",
        security,
        parameters: [...ofObject, inQuery('field'), values],
        responses: responses('200', 'The groups, or the values.', plain),
      },
    },
    '/v1/quarantine/replay': {
      post: {
        operationId: 'replay_quarantine',
        summary: 'Try the values again by the schema of now, from what was kept, or with `read` from the provider',
        security,
        requestBody: body(replay),
        responses: responses('200', 'What fits now and what does not, by object.', plain),
      },
    },
  };
}
