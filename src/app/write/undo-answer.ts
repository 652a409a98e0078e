import { limits } from '../../kernel/index.ts';
import type { PreparedUndo } from '../../write/index.ts';
import { planAnswer } from './plan-answer.ts';

/** What an undo would do, with the plan that does it where there is something to be done. */
export function undoAnswer(undoes: string | null, { plan, report }: PreparedUndo): object {
  const conflicts = report.records.filter(({ fields }) => fields.some(({ verdict }) => verdict === 'conflict'));
  return {
    ...(undoes === null ? {} : { undoes }),
    report: report.text,
    counts: report.counts,
    ...(conflicts.length === 0 ? {} : { conflicts: conflicts.slice(0, limits.planRowsShown) }),
    ...(report.leftOut.length === 0 ? {} : { left_out: report.leftOut.slice(0, limits.planRowsShown) }),
    ...(plan === null ? { status: 'no_plan' } : planAnswer(plan)),
  };
}

export const nothingToUndo = (undoes: string): object => ({
  undoes,
  status: 'no_plan',
  report: ['Nothing of the plan was written.'],
});
