import type { JsonObject } from '../../kernel/index.ts';
import type { TakeBackRow } from '../../store/index.ts';
import { asJson } from '../plan-row.ts';
import type { RecordVerdict } from '../undo/compare.ts';
import type { TakeBackState } from './take-back-state.ts';

/**
 * Writes of a step that stand there still, whole or in part. Says nothing of
 * what stands in the records: numbers and words of ours.
 */
export interface Remain {
  /** Of the plan. */
  readonly items: readonly number[];
  readonly code: RemainCode;
  /** A sentence. */
  readonly why: string;
}

/**
 * - conflict: somebody has changed since what we wrote
 * - impossible: the system has no way back, or the record is gone
 * - write_failed: what was to take it back was not written
 * - not_compared: nobody could look in time what stands there
 */
export type RemainCode = 'conflict' | 'impossible' | 'write_failed' | 'not_compared';

export interface TakeBack extends Omit<TakeBackRow, 'state' | 'remains'> {
  readonly state: TakeBackState;
  readonly remains: readonly Remain[];
}

/** As it was kept: whoever reads it wrote it. */
export const takeBackOf = (row: TakeBackRow): TakeBack => ({
  ...row,
  state: row.state as TakeBackState,
  remains: row.remains as unknown as readonly Remain[],
});

export const remainsJson = (remains: readonly Remain[]): JsonObject[] => remains.map(asJson);

/** Pure: what of a record cannot be taken back as it stands there now; null: nothing remains. */
export function remainOf({ chain, action, why, fields }: RecordVerdict): Remain | null {
  const items = chain.writes.map(({ item }) => item);
  const place = `${chain.slug} ${chain.object}`;
  if (action === 'impossible') return { items, code: 'impossible', why: `${place}: ${why ?? 'it cannot be written.'}` };
  const named = (verdict: string): string =>
    fields
      .filter((each) => each.verdict === verdict)
      .map(({ label }) => label)
      .join(', ');
  const changed = named('conflict');
  if (changed !== '') return { items, code: 'conflict', why: `${place}: somebody has changed since: ${changed}.` };
  const stuck = named('impossible');
  return stuck === '' ? null : { items, code: 'impossible', why: `${place}: cannot be written: ${stuck}.` };
}
