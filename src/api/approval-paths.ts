import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly decision: JsonObject;
  readonly glass: JsonObject;
};

type DelegationParts = Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly delegation: JsonObject };

/** The addresses for approvals, as OpenAPI has them. */
export function approvalPaths({ security, body, responses, decision, glass }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const tenant = (required: boolean): JsonObject => ({
    name: 'tenant',
    in: 'query',
    required,
    schema: { type: 'string' },
  });
  return {
    '/v1/approvals': {
      get: {
        operationId: 'list_approvals',
        summary: 'What waits for whose decision, the soonest due first; without the values that would be written',
        security,
        parameters: [
          tenant(false),
          { name: 'decided', in: 'query', schema: { type: 'string', enum: ['true', 'false'], default: 'false' } },
          { name: 'plan', in: 'query', schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 } },
        ],
        responses: responses('200', 'Approvals and reviews.', plain),
      },
    },
    '/v1/approvals/{id}': {
      get: {
        operationId: 'get_approval',
        summary: 'What would be written, what was there before, why it waits, and who is asked',
        security,
        parameters: [id, tenant(true)],
        responses: responses('200', 'The approval; `seen` goes back with the decision.', plain),
      },
    },
    '/v1/approvals/{id}/decision': {
      post: {
        operationId: 'decide_approval',
        summary: 'Approve or deny; find a review fine, or object to what was written',
        security,
        parameters: [id],
        requestBody: body(decision),
        responses: responses('200', 'The approval as it is now.', plain),
      },
    },
    '/v1/broken-glass': {
      post: {
        operationId: 'break_glass',
        summary: 'Let a plan go without the approvals that it needs; somebody else reviews it afterwards',
        security,
        requestBody: body(glass),
        responses: responses('200', 'The plan was released.', plain),
      },
    },
  };
}

/** The addresses for trials, and for who decides in whose place. */
export function delegationPaths({ security, body, responses, delegation }: DelegationParts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  return {
    '/v1/pilots': {
      get: {
        operationId: 'list_pilots',
        summary: 'Agents on trial, and what became of what they wanted to write',
        security,
        parameters: [
          { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } },
          { name: 'days', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 366, default: 31 } },
        ],
        responses: responses('200', 'The trials of the project in force.', plain),
      },
    },
    '/v1/delegations': {
      get: {
        operationId: 'list_delegations',
        summary: 'Who decides in whose place, until when',
        security,
        parameters: [],
        responses: responses('200', 'The delegations that hold now or will.', plain),
      },
      post: {
        operationId: 'delegate_approvals',
        summary: 'For a while somebody else may decide what is asked of you',
        security,
        requestBody: body(delegation),
        responses: responses('201', 'The delegation.', plain),
      },
    },
    '/v1/delegations/{id}': {
      delete: {
        operationId: 'end_delegation',
        summary: 'End a delegation before its time',
        security,
        parameters: [id],
        responses: responses('200', 'It ended.', plain),
      },
    },
  };
}
