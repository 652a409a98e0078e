import * as z from 'zod';
import { defineTool, preparing } from './define-tool.ts';
import { planId, reason, writesOf } from './write-shapes.ts';

export const undo = defineTool({
  name: 'undo',
  title: 'Take a plan back',
  description:
    'Takes back what was not sent yet; of what was, prepares the plan that restores it and tells what cannot be. Then commit_write.',
  args: z.strictObject({
    plan_id: planId(),
    item: z.int().min(0).describe('one write of it').exactOptional(),
    reason: reason(),
  }),
  outputSchema: null,
  annotations: preparing,
  run: (context, { plan_id: plan, ...rest }) => writesOf(context).undo(context, { plan, ...rest }),
});
