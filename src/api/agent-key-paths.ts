import type { JsonObject } from '../kernel/index.ts';
import { newAgentKeyBody, rotateAgentKeyBody } from './agent-key-routes.ts';
import type { IdentityPathParts } from './identity-paths.ts';

const plain = { type: 'object' };
const ofKey: JsonObject = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const ofTenant: JsonObject = { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } };

/** The operators' addresses for agents' keys, as OpenAPI has them. */
export function agentKeyPaths({ security, body, responses, schemaOf }: IdentityPathParts): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/agent-keys': {
      get: {
        operationId: 'list_agent_keys',
        summary: 'The keys of a customer’s agents: whose, since when, until when, and when each was used last',
        security,
        parameters: [ofTenant],
        responses: responses('200', 'The keys, without what is secret.', plain),
      },
      post: {
        operationId: 'create_agent_key',
        summary: 'Make a key for an agent at a customer',
        security,
        requestBody: body(schemaOf(newAgentKeyBody)),
        responses: responses('201', 'The key, once.', plain),
      },
    },
    '/v1/agent-keys/{id}/rotate': {
      post: {
        operationId: 'rotate_agent_key',
        summary: 'Make a key in the place of another, which stays good for a while',
        security,
        parameters: [ofKey],
        requestBody: body(schemaOf(rotateAgentKeyBody)),
        responses: responses('201', 'The new key, once.', plain),
      },
    },
    '/v1/agent-keys/{id}': {
      delete: {
        operationId: 'end_agent_key',
        summary: 'Take a key back, at once and in all processes',
        security,
        parameters: [ofKey, ofTenant],
        responses: responses('200', 'Which was taken back.', plain),
      },
    },
  };
}
