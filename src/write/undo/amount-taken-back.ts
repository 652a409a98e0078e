import type { NativeObject } from '../../schema/index.ts';
import type { WritePlanRow } from '../../store/index.ts';
import { movedTogether, nothingMoved, type Moved } from '../moved.ts';
import { contentOf } from '../plan-row.ts';
import { wholeRecord, type RecordVerdict } from './compare.ts';
import type { Reached, UndoRequest } from './types.ts';

/**
 * Pure. At most what the plans moved; null where one of them is not known, where
 * they are in several currencies, and where values go that others have put there since: those may be of any size.
 */
export function amountOf(
  plans: readonly Pick<WritePlanRow, 'content'>[],
  verdicts: readonly RecordVerdict[],
  {
    reached,
    conflicts,
  }: { readonly reached: ReadonlyMap<string, Pick<Reached, 'object'>> } & Pick<UndoRequest, 'conflicts'>,
): Moved {
  const { amount, currency } = plans
    .map((row) => contentOf(row).impact)
    .map((impact): Moved => ({
      amount: impact.amount === null ? null : Math.abs(impact.amount),
      currency: impact.currency,
    }))
    .reduce(movedTogether, nothingMoved);
  if (conflicts !== 'overwrite') return { amount, currency };
  const overwritten = verdicts.filter(isOverwritten);
  const objectOf = ({ chain: { connection, object } }: RecordVerdict): NativeObject | undefined =>
    reached.get(`${String(connection)} ${object}`)?.object;
  const moves = overwritten.some((verdict) => amount !== 0 || putsMoney(verdict, objectOf(verdict)));
  return { amount: moves ? null : amount, currency };
}

/** Pure. Of one record, by the same rule. */
export function worthTakenBack(
  verdict: RecordVerdict,
  { object, conflicts }: { readonly object: NativeObject | undefined } & Pick<UndoRequest, 'conflicts'>,
): number | null {
  const { worth = null } = verdict.chain;
  const mayMove = conflicts === 'overwrite' && isOverwritten(verdict) && (worth !== 0 || putsMoney(verdict, object));
  return mayMove ? null : worth;
}

const isOverwritten = ({ action, fields }: RecordVerdict): boolean =>
  (action === 'update' || action === 'delete') && fields.some(({ verdict }) => verdict === 'conflict');

/** Plans that moved no money may be taken back over an amount that others have entered. */
const putsMoney = ({ fields }: RecordVerdict, object: NativeObject | undefined): boolean =>
  fields.some(
    ({ field, verdict }) =>
      verdict === 'conflict' &&
      (field === wholeRecord || object?.fields.find(({ name }) => name === field)?.type === 'decimal'),
  );
