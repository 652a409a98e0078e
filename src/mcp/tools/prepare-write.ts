import * as z from 'zod';
import { anyJson, defineTool, preparing } from './define-tool.ts';
import { keyedBy, reason, recordsOf, target, writesOf } from './write-shapes.ts';

export const prepareWrite = defineTool({
  name: 'prepare_write',
  title: 'Prepare a write',
  description:
    'Plans a write and sends nothing: tells what would change, problems, side effects, worth, who must approve. Then commit_write. Update and delete name records by `id` (`_ref`) or {"match":{"email":"a@b.c"}}, upsert by `match`. Example: {"operation":"update","object":"deal","records":[{"id":"crm/Opportunity/006...","values":{"stage":"won"}}]}.',
  args: z.strictObject({
    operation: z.enum(['create', 'update', 'upsert', 'delete']),
    object: z.string().max(200),
    records: z.array(anyJson()),
    to: target().describe('system, where several could take it'),
    reason: reason(),
  }),
  outputSchema: null,
  annotations: preparing,
  run: async (context, args) => {
    const intent = { ...args, records: recordsOf(args.records, ['id', 'match', 'values']) };
    return writesOf(context).prepare(context, intent, keyedBy(context, args));
  },
});
