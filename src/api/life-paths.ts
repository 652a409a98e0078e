import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly life: JsonObject;
  readonly connectToken: JsonObject;
};

/** The operators' addresses for the life of connections and for links to the connect page, as OpenAPI has them. */
export function lifePaths({ security, body, responses, life, connectToken }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const tenant = { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } };
  const text = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string' } });
  const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const act = (operationId: string, summary: string): JsonObject => ({
    post: {
      operationId,
      summary,
      security,
      parameters: [inPath('connection')],
      requestBody: body(life),
      responses: responses('200', 'The connection as it is now.', plain),
    },
  });
  const base = '/v1/connections/{connection}';
  return {
    [base]: {
      get: {
        operationId: 'show_connection',
        summary: 'One connection: its state in words, since when, who can change it, what happens meanwhile',
        security,
        parameters: [inPath('connection'), tenant],
        responses: responses('200', 'The connection.', plain),
      },
      delete: {
        operationId: 'delete_connection',
        summary: 'End the access and remove everything; rows go in the background',
        security,
        parameters: [inPath('connection'), tenant, text('by'), text('note')],
        responses: responses('202', 'What is left of it, with what is removed so far.', plain),
      },
    },
    [`${base}/pause`]: act('pause_connection', 'Read and send nothing; what is here stays readable'),
    [`${base}/resume`]: act('resume_connection', 'Go on from where a pause stopped it'),
    [`${base}/revoke`]: act(
      'revoke_connection',
      'End the grant at the provider and destroy the credentials; data stays',
    ),
    '/v1/deleted-connections': {
      get: {
        operationId: 'list_deleted_connections',
        summary: 'What is left of deleted connections: names, times, and what was removed',
        security,
        parameters: [tenant],
        responses: responses('200', 'The connections, newest first.', plain),
      },
    },
    '/v1/connect-tokens': {
      get: {
        operationId: 'list_connect_tokens',
        summary: 'Links to the connect page, newest first',
        security,
        parameters: [tenant],
        responses: responses('200', 'The links, without their tokens.', plain),
      },
      post: {
        operationId: 'create_connect_token',
        summary: 'Make a link to the connect page: good for one connection and a short time',
        security,
        requestBody: body(connectToken),
        responses: responses('201', 'The token, shown once, and the address to open with it.', plain),
      },
    },
    '/v1/connect-tokens/{id}': {
      delete: {
        operationId: 'revoke_connect_token',
        summary: 'Take a link back that was not used yet',
        security,
        parameters: [inPath('id'), tenant],
        responses: responses('200', 'The link.', plain),
      },
    },
  };
}
