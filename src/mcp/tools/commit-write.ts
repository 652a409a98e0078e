import * as z from 'zod';
import { committing, defineTool } from './define-tool.ts';
import { planId, writesOf } from './write-shapes.ts';

export const commitWrite = defineTool({
  name: 'commit_write',
  title: 'Carry out a plan',
  description: 'Sends a prepared plan, or asks people to approve it. Safe to repeat. Then get_status.',
  args: z.strictObject({ plan_id: planId() }),
  outputSchema: null,
  annotations: committing,
  run: (context, { plan_id: plan }) => writesOf(context).commit(context, { plan }),
});
