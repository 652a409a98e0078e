import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** Where a provider is to call, as OpenAPI has it. */
export function webhookPaths({
  security,
  body,
  responses,
  webhook,
}: Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly webhook: JsonObject }): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/connections/{connection}/webhook': {
      post: {
        operationId: 'connection_webhook',
        summary: 'The address for the provider to call, made where there is none; `secret`: from now on this one',
        security,
        parameters: [{ name: 'connection', in: 'path', required: true, schema: { type: 'string' } }],
        requestBody: body(webhook),
        responses: responses('200', 'Address and secret, to be entered at the provider.', { type: 'object' }),
      },
    },
  };
}
