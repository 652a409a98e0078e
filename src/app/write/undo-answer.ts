import { limits } from '../../kernel/index.ts';
import type { PreparedUndo, RecordVerdict } from '../../write/index.ts';
import { planAnswer } from './plan-answer.ts';

/** What an undo would do, with the plan that does it where there is something to be done. */
export function undoAnswer(undoes: string | null, { plan, report }: PreparedUndo): object {
  const conflicts = report.records.filter(({ fields }) => fields.some(({ verdict }) => verdict === 'conflict'));
  return {
    ...(undoes === null ? {} : { undoes }),
    report: report.text,
    counts: report.counts,
    ...(conflicts.length === 0 ? {} : { conflicts: conflicts.slice(0, limits.planRowsShown).map(conflictAnswer) }),
    ...(report.leftOut.length === 0 ? {} : { left_out: report.leftOut.slice(0, limits.planRowsShown) }),
    ...(plan === null ? { status: 'no_plan' } : planAnswer(plan)),
  };
}

/** What stands there now is told of fields that are shown, and of the record nothing else. */
const conflictAnswer = ({ chain: { slug, object, recordId, label }, action, fields }: RecordVerdict): object => ({
  ref: `${slug}/${object}/${recordId}`,
  ...(label === null ? {} : { label }),
  action,
  fields: fields
    .filter(({ verdict, hidden }) => verdict === 'conflict' && hidden !== true)
    .map(({ field, label: title, before, ours, now }) => ({ field, label: title, before, ours, now })),
});

export const nothingToUndo = (undoes: string): object => ({
  undoes,
  status: 'no_plan',
  report: ['Nothing of the plan was written.'],
});
