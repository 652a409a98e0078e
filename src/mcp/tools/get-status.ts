import * as z from 'zod';
import { defineTool, readOnly } from './define-tool.ts';
import { planId, writesOf } from './write-shapes.ts';

export const getStatus = defineTool({
  name: 'get_status',
  title: 'What became of a plan',
  description: 'State of a plan and of its writes, and who has to do what.',
  args: z.strictObject({ plan_id: planId() }),
  outputSchema: null,
  annotations: readOnly,
  run: (context, { plan_id: plan }) => writesOf(context).status(context, { plan }),
});
