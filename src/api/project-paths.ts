import type { JsonObject } from '../kernel/index.ts';

/** How openapi.ts writes the parts of an operation. */
export interface PathParts {
  readonly security: readonly JsonObject[];
  readonly body: (schema: JsonObject) => JsonObject;
  readonly responses: (status: string, description: string, schema: JsonObject) => JsonObject;
  /** Schema of the body of a stored overlay. */
  readonly overlay: JsonObject;
}

/** The operators' addresses for revisions and overlays, as OpenAPI has them. */
export function projectPaths({ security, body, responses, overlay }: PathParts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const tenant = { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } };
  return {
    '/v1/revisions': {
      get: {
        operationId: 'list_revisions',
        summary: 'The revisions of the project, newest first, and which one is in force',
        security,
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 50 } },
        ],
        responses: responses('200', 'The revisions.', plain),
      },
    },
    '/v1/tenants/{tenant}/overlay': {
      get: {
        operationId: 'show_overlay',
        summary: 'What the tenant does differently: in the project, stored, or nothing; with the stored versions',
        security,
        parameters: [tenant],
        responses: responses('200', 'The overlay, null where there is none.', plain),
      },
      put: {
        operationId: 'set_overlay',
        summary: 'Store an overlay as the next version; checked against the revision in force',
        security,
        parameters: [tenant],
        requestBody: body(overlay),
        responses: responses('200', 'The version, and whether it is another text than before.', plain),
      },
      delete: {
        operationId: 'remove_overlay',
        summary: 'Take the stored overlay away; its versions stay',
        security,
        parameters: [tenant],
        responses: responses('200', 'The version that says so.', plain),
      },
    },
  };
}
