import * as z from 'zod';
import { anyJson, defineTool, preparing } from './define-tool.ts';
import { keyedBy, reason, recordsOf, target, writesOf } from './write-shapes.ts';

export const runOperation = defineTool({
  name: 'run_operation',
  title: 'Prepare an operation',
  description:
    'Like prepare_write, for an operation that describe names. Example: {"operation":"deal.close_won","records":[{"id":"crm/Opportunity/006...","input":{"closed_on":"2026-11-30"}}]}.',
  args: z.strictObject({
    operation: z.string().max(130),
    records: z.array(anyJson()),
    to: target(),
    reason: reason(),
  }),
  outputSchema: null,
  annotations: preparing,
  run: async (context, args) => {
    const request = { ...args, records: recordsOf(args.records, ['id', 'match', 'input']) };
    return writesOf(context).operation(context, request, keyedBy(context, args));
  },
});
