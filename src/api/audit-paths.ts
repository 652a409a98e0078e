import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';
import { inPath, inQuery, limitInQuery } from './sync-parameters.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly throwSwitch: JsonObject;
  readonly lift: JsonObject;
};

/** The operators' addresses for what happened and for stopping, as OpenAPI has them. */
export function auditPaths({ security, body, responses, throwSwitch, lift }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const asked = ['about', 'agent', 'person', 'plan', 'connection', 'object', 'model', 'kind', 'from', 'to'];
  const more = ['amount_from', 'amount_to', 'before'];
  return {
    '/v1/audit': {
      get: {
        operationId: 'search_audit',
        summary: 'What happened: by record, agent, person, day, amount or system, a sentence each, the newest first',
        security,
        parameters: [...['tenant', ...asked, ...more].map(inQuery), limitInQuery],
        responses: responses('200', 'Entries, and where to go on.', plain),
      },
    },
    '/v1/audit/verification': {
      get: {
        operationId: 'verify_audit',
        summary: 'Work out the whole chain anew, against the signed checkpoints',
        security,
        parameters: [inQuery('tenant')],
        responses: responses('200', 'How much was looked at, and what was found.', plain),
      },
    },
    '/v1/checklist': {
      get: {
        operationId: 'run_checklist',
        summary: 'What has to hold before agents write in earnest, each line with its evidence',
        security,
        parameters: [inQuery('tenant')],
        responses: responses('200', 'By tenant: lines that pass or fail.', plain),
      },
    },
    '/v1/switches': {
      get: {
        operationId: 'list_switches',
        summary: 'What is stopped, by whom, why and since when, and what was',
        security,
        parameters: [inQuery('tenant'), limitInQuery],
        responses: responses('200', 'The switches, the newest first.', plain),
      },
      post: {
        operationId: 'throw_switch',
        summary:
          'Stop writes, or all calls, of a tenant, connection, object, operation, agent or user, or of everybody',
        security,
        requestBody: body(throwSwitch),
        responses: responses('201', 'The switch; it holds.', plain),
      },
    },
    '/v1/switches/{id}/lift': {
      post: {
        operationId: 'lift_switch',
        summary: 'Let it go on: the first person asks, a second one grants',
        security,
        parameters: [inPath('id')],
        requestBody: body(lift),
        responses: responses('200', 'The switch as it is now.', plain),
      },
    },
  };
}
