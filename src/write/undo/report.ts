import type { RecordVerdict } from './compare.ts';

/** A write that is not taken back, because there is nothing to take back, nobody knows, or no way. */
export interface LeftOut {
  readonly plan: string;
  readonly item: number;
  readonly why: string;
  /** It stands there, and there is no way back. */
  readonly impossible?: true;
}

/** What an undo will do and what it will not, before anybody presses anything. */
export interface UndoReport {
  /** Sentences. */
  readonly text: readonly string[];
  readonly counts: {
    readonly restored: number;
    readonly already_so: number;
    readonly conflict: number;
    readonly impossible: number;
    /** Records that go because we had made them, and that come back because we had deleted them. */
    readonly deleted: number;
    readonly recreated: number;
  };
  readonly records: readonly RecordVerdict[];
  readonly leftOut: readonly LeftOut[];
}

/** Pure. */
export function reportOf(records: readonly RecordVerdict[], leftOut: readonly LeftOut[]): UndoReport {
  const fields = records.flatMap((each) => (each.action === 'update' ? each.fields : []));
  const of = (verdict: string): number => fields.filter((each) => each.verdict === verdict).length;
  const acting = (action: RecordVerdict['action']): number => records.filter((each) => each.action === action).length;
  const goneConflicts = records.filter(
    ({ action, fields: own }) => action === 'delete' && own.some(({ verdict }) => verdict === 'conflict'),
  ).length;
  const impossible = acting('impossible') + leftOut.filter((each) => each.impossible === true).length;
  const others = leftOut.filter((each) => each.impossible !== true).length;
  const counts = {
    restored: of('restored'),
    already_so: of('already_so') + acting('none'),
    conflict: of('conflict') + goneConflicts,
    impossible: of('impossible') + impossible,
    deleted: acting('delete'),
    recreated: acting('create'),
  };
  const updated = records.filter(({ action, fields: own }) => action === 'update' && own.some(isRestored)).length;
  const lines = [
    updated === 0 ? '' : `${number(counts.restored, 'value')} of ${number(updated, 'record')} will be as before.`,
    counts.deleted === 0 ? '' : `${number(counts.deleted, 'record')} that we had made will be deleted.`,
    counts.recreated === 0
      ? ''
      : `${number(counts.recreated, 'record')} that we had deleted will be made anew, under another id; what referred to the old one does not follow.`,
    counts.already_so === 0 ? '' : `Already as before: ${String(counts.already_so)}.`,
    counts.conflict === 0
      ? ''
      : `Changed by somebody else since: ${String(counts.conflict)}. Each has three values: before, ours, now.`,
    counts.impossible === 0 ? '' : `Cannot be taken back: ${String(counts.impossible)}.`,
    others === 0 ? '' : `${number(others, 'write')} had nothing to take back, or nobody knows.`,
    'What the system did because of our writes (mails, automations, other records) is not taken back.',
  ];
  return { text: lines.filter((line) => line !== ''), counts, records, leftOut };
}

const isRestored = ({ verdict }: { readonly verdict: string }): boolean => verdict === 'restored';

const number = (count: number, word: string): string => `${String(count)} ${word}${count === 1 ? '' : 's'}`;
