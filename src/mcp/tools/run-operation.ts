import * as z from 'zod';
import { GantryError } from '../../kernel/index.ts';
import { anyJson, defineTool, preparing } from './define-tool.ts';
import { refuseMissing } from './scopes.ts';
import { inSteps, stepsOf } from './step-requests.ts';
import { keyedBy, reason, recordsOf, target, writesOf } from './write-shapes.ts';

export const runOperation = defineTool({
  name: 'run_operation',
  title: 'Prepare an operation',
  description:
    'Like prepare_write, for an operation that describe names, or create_task, log_activity, upsert_contact, update_deal_stage in any app; "in_steps" takes such requests as records, {"from_step":0} for the id made. Example: {"operation":"deal.close_won","records":[{"id":"crm/Opportunity/006...","input":{"closed_on":"2026-11-30"}}]}.',
  args: z.strictObject({
    operation: z.string().max(130),
    records: z.array(anyJson()),
    to: target(),
    on_failure: z.enum(['stop', 'take_back']).exactOptional(),
    reason: reason(),
  }),
  outputSchema: null,
  annotations: preparing,
  run: async (context, args) => {
    // An operation of a model is granted by its name; anything else is a plain write of the agent's.
    if (!args.operation.includes('.')) refuseMissing(context, 'prepare_write');
    const keyed = keyedBy(context, args);
    if (args.operation === inSteps) {
      if (args.to !== undefined) throw eachOwn;
      const said = {
        ...(args.reason === undefined ? {} : { reason: args.reason }),
        ...(args.on_failure === undefined ? {} : { onFailure: args.on_failure }),
      };
      return writesOf(context).steps(context, { steps: stepsOf(args.records), ...said }, keyed);
    }
    if (args.on_failure !== undefined) throw stepsOnly;
    const request = { ...args, records: recordsOf(args.records, ['id', 'match', 'input']) };
    return writesOf(context).operation(context, request, keyed);
  },
});

const stepsOnly = new GantryError('bad_request', {
  message: 'Only a plan in steps says what happens where a step fails.',
  where: 'on_failure',
});

const eachOwn = new GantryError('bad_request', { message: 'Each step names its own system.', where: 'to' });
