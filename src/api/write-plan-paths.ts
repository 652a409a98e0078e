import { limits, type JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The addresses of plans, as OpenAPI has them. */
export function writePlanPaths(
  parts: Pick<PathParts, 'security' | 'body' | 'responses'> & {
    /** Arguments of prepare_write, and of run_operation. */
    readonly prepare: JsonObject;
    readonly operation: JsonObject;
    readonly withdraw: JsonObject;
    readonly settle: JsonObject;
    readonly takeBack: JsonObject;
    readonly undo: JsonObject;
  },
): { readonly [path: string]: JsonObject } {
  return { ...agentPaths(parts), ...operatorPaths(parts), ...deadPaths(parts) };
}

type Parts = Parameters<typeof writePlanPaths>[0];

const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const inQuery = (name: string, schema: JsonObject): JsonObject => ({ name, in: 'query', schema });
const plain: JsonObject = { type: 'object' };

function agentPaths({ body, responses, prepare, operation }: Parts): { readonly [path: string]: JsonObject } {
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same key with the same body has the same answer for seven days.',
    schema: { type: 'string', maxLength: 255 },
  };
  const act = (operationId: string, summary: string): JsonObject => ({
    post: {
      operationId,
      summary,
      parameters: [inPath('plan')],
      responses: responses('200', 'What becomes of it.', plain),
    },
  });
  return {
    '/v1/write-plans': {
      post: {
        operationId: 'prepare_write',
        summary: 'Prepare a write, as the tool prepare_write does; nothing is sent',
        parameters: [key],
        requestBody: body(prepare),
        responses: responses('200', 'The plan.', plain),
      },
    },
    '/v1/operations': {
      post: {
        operationId: 'run_operation',
        summary:
          'Prepare an operation of a model, an intent or several steps, as the tool run_operation does; nothing is sent',
        parameters: [key],
        requestBody: body(operation),
        responses: responses('200', 'The plan.', plain),
      },
    },
    '/v1/write-plans/{plan}': {
      get: {
        operationId: 'get_status',
        summary: 'What becomes of a plan',
        parameters: [inPath('plan')],
        responses: responses('200', 'Its state.', plain),
      },
    },
    '/v1/write-plans/{plan}/commit': act('commit_write', 'Carry a plan out; again: the same answer'),
    '/v1/write-plans/{plan}/undo': act('undo', 'Take back what was not sent, and prepare what undoes the rest'),
  };
}

function operatorPaths({ security, body, responses, withdraw, settle, takeBack, undo }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const base = '/v1/tenants/{tenant}/write-plans';
  const one = [inPath('tenant'), inPath('plan')];
  return {
    [base]: {
      get: {
        operationId: 'list_write_plans',
        summary: "A tenant's plans, newest first",
        security,
        parameters: [
          inPath('tenant'),
          inQuery('agent', { type: 'string' }),
          inQuery('state', { type: 'string' }),
          inQuery('limit', { type: 'integer', minimum: 1 }),
        ],
        responses: responses('200', 'The plans.', plain),
      },
    },
    [`${base}/{plan}`]: {
      get: {
        operationId: 'show_write_plan',
        summary: 'A plan with its writes, and what became of each',
        security,
        parameters: [...one, inQuery('from', { type: 'integer', minimum: 0 })],
        responses: responses('200', 'The plan.', plain),
      },
    },
    [`${base}/{plan}/commit`]: {
      post: {
        operationId: 'commit_write_plan',
        summary: 'Carry a plan out; again: the same answer',
        security,
        parameters: one,
        responses: responses('200', 'What becomes of it.', plain),
      },
    },
    '/v1/tenants/{tenant}/undo': {
      post: {
        operationId: 'prepare_undo',
        summary: 'Prepare plans that take back a plan, a write of it, or what an agent wrote in a time',
        security,
        parameters: [inPath('tenant')],
        requestBody: body(undo),
        responses: responses('200', 'The plans, with what they will do and what they cannot.', plain),
      },
    },
    [`${base}/{plan}/withdraw`]: {
      post: {
        operationId: 'withdraw_write_plan',
        summary: 'Take back what was not sent yet',
        security,
        parameters: one,
        requestBody: body(withdraw),
        responses: responses('200', 'Its state.', plain),
      },
    },
    [`${base}/{plan}/writes/{item}/settle`]: {
      post: {
        operationId: 'settle_write',
        summary: "A person's word on a write of which nobody can tell, or that failed",
        security,
        parameters: [...one, inPath('item')],
        requestBody: body(settle),
        responses: responses('200', 'Its state.', plain),
      },
    },
    [`${base}/{plan}/steps/{step}/take-back`]: {
      post: {
        operationId: 'settle_take_back',
        summary: "A person's word on a step that could not be taken back: compare again, or leave what stands there",
        security,
        parameters: [...one, inPath('step')],
        requestBody: body(takeBack),
        responses: responses('200', 'Its state.', plain),
      },
    },
  };
}

const deadPaths = ({ security, responses }: Parts): { readonly [path: string]: JsonObject } => ({
  '/v1/tenants/{tenant}/dead-writes': {
    get: {
      operationId: 'list_dead_writes',
      summary: 'Writes that failed, or of which a person has to say what became: settle says it, or sends them again',
      security,
      parameters: [
        inPath('tenant'),
        inQuery('days', { type: 'integer', minimum: 1, maximum: 366, default: 31 }),
        inQuery('limit', { type: 'integer', minimum: 1, maximum: limits.deadWritesListedMax, default: 100 }),
      ],
      responses: responses('200', 'The writes; those of which nobody can tell first, then the latest.', plain),
    },
  },
});
