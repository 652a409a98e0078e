import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The operators' addresses for the vault's keys, as OpenAPI has them. */
export function vaultPaths({
  security,
  body,
  responses,
  rotate,
}: Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly rotate: JsonObject }): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/vault': {
      get: {
        operationId: 'vault_status',
        summary: 'How the keys stand under which secrets are sealed',
        security,
        responses: responses('200', 'Counts over all tenants.', { type: 'object' }),
      },
    },
    '/v1/vault/rotate': {
      post: {
        operationId: 'rotate_vault',
        summary: 'Exchange keys for the next tenants; repeat with `after` = `next` until that is null',
        security,
        requestBody: body(rotate),
        responses: responses('200', 'What was done, and where to go on.', { type: 'object' }),
      },
    },
  };
}
