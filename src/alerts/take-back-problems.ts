import type { StuckTakeBack } from '../store/index.ts';
import { problemOf, type Problem } from './problem.ts';

/** Steps of plans that could not be taken back, one by one. Says nothing of what stands in the records. */
export const takeBackProblems = (stuck: readonly StuckTakeBack[], tenant: string): Problem[] =>
  stuck.map(({ plan, step, changedAt, title }) =>
    problemOf({
      topic: 'write.not_taken_back',
      subject: `${plan} ${String(step)}`,
      since: changedAt,
      title: `Step ${String(step)} of a plan could not be taken back`,
      detail: `${title ?? plan}: a later step failed, and not all that this one wrote is taken back. The steps before it wait.`,
      who: 'operator',
      fix: `Look at it: gantry plans show ${plan} --tenant ${tenant}; then gantry plans take-back ${plan} ${String(step)} --tenant ${tenant} --word again, or leave.`,
    }),
  );
