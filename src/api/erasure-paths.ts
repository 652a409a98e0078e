import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The operators' addresses for erasures and off-boardings, as OpenAPI has them. */
export function erasurePaths({
  security,
  body,
  responses,
  erase,
  lift,
  offboard,
}: Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly erase: JsonObject;
  readonly lift: JsonObject;
  readonly offboard: JsonObject;
}): { readonly [path: string]: JsonObject } {
  const named = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const plain = { type: 'object' };
  const base = '/v1/tenants/{tenant}/erasures';
  return {
    [base]: {
      get: {
        operationId: 'list_erasures',
        summary: "Erasures of people's data at a tenant, newest first",
        security,
        parameters: [named('tenant')],
        responses: responses('200', 'Their states and proofs.', plain),
      },
      post: {
        operationId: 'erase_person',
        summary: 'Erase what is known of a person; `dry_run` only says what would go, by place, without values',
        security,
        parameters: [named('tenant')],
        requestBody: body(erase),
        responses: responses('202', 'How far it is; it goes on by itself.', plain),
      },
    },
    [`${base}/{erasure}`]: {
      get: {
        operationId: 'show_erasure',
        summary: 'How far an erasure is, or the proof of it',
        security,
        parameters: [named('tenant'), named('erasure')],
        responses: responses('200', 'Its state.', plain),
      },
    },
    [`${base}/{erasure}/lift`]: {
      post: {
        operationId: 'lift_erasure',
        summary: 'Let what was erased come in again when its source next tells of it',
        security,
        parameters: [named('tenant'), named('erasure')],
        requestBody: body(lift),
        responses: responses('200', 'How many records and fields that are.', plain),
      },
    },
    '/v1/offboardings': {
      get: {
        operationId: 'list_offboardings',
        summary: 'Tenants that left or are leaving, newest first',
        security,
        responses: responses('200', 'Their states and proofs.', plain),
      },
      post: {
        operationId: 'offboard_tenant',
        summary: 'Remove a tenant with everything of it; nothing brings it back',
        security,
        requestBody: body(offboard),
        responses: responses('202', 'Its doors are closed; the rest goes on by itself.', plain),
      },
    },
    '/v1/offboardings/{offboarding}': {
      get: {
        operationId: 'show_offboarding',
        summary: 'How far a tenant has left, or the proof of it',
        security,
        parameters: [named('offboarding')],
        responses: responses('200', 'Its state.', plain),
      },
    },
  };
}
