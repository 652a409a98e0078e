import * as z from 'zod';
import { limits } from '../../kernel/index.ts';
import { defineTool, minAsOf, readOnly } from './define-tool.ts';
import { tableOutput } from './output-schema.ts';

export const getRecord = defineTool({
  name: 'get_record',
  title: 'Get one record',
  description:
    'One record with all its fields, by `_ref` of an answer, native id or key value; `history`: so many changes.',
  args: z.strictObject({
    object: z.string().min(1).max(200),
    id: z.string().min(1).max(400),
    fields: z.array(z.string().min(1).max(400)).min(1).max(500).exactOptional(),
    history: z.int().min(1).max(limits.historyMax).exactOptional(),
    min_as_of: minAsOf(),
    require_fresh_access: z.boolean().exactOptional(),
  }),
  outputSchema: tableOutput,
  annotations: readOnly,
  run: ({ services, caller, scope }, args) => services.query.getRecord(caller, scope, args),
});
