import { roll } from './hash.ts';

export const DAY_MS = 86_400_000;

/** Base records were last modified within this many days before the anchor. */
export const HISTORY_DAYS = 730;

/** The newest base record is at least this much older than the anchor. */
const MARGIN_MS = 90_000;

/** Records that one save touched together, 16 at a time, share a second. */
const TIE = 16;
const TIE_OFFSET = 6;

/** Gives the modification time of record `index`, in ms since 1970, whole seconds, never falling with the index. */
export type Stamps = (index: number) => number;

/**
 * Spreads `count` records over the history. Some neighbours share a second, on
 * purpose where pages of 100, 200, 1,000 and 2,000 end, and one block of up to
 * 2,500 records was touched by a single mass update: a cursor that looks at the
 * time alone loses or repeats records here.
 */
export function stamps(count: number, anchorMs: number, key: number, massMax: number): Stamps {
  const step = (HISTORY_DAYS * DAY_MS) / Math.max(1, count);
  const newest = Math.floor((anchorMs - MARGIN_MS) / 1000) * 1000;
  const massFrom = Math.floor(count * 0.3);
  const massTo = massFrom + Math.min(massMax, Math.floor(count * 0.04));

  const leaderOf = (index: number): number => {
    if (index >= massFrom && index < massTo) return massFrom;
    const block = (index + TIE_OFFSET) >> 4;
    const first = block * TIE - TIE_OFFSET;
    const last = first + TIE - 1;
    const bits = roll(key, block);
    const tied = crosses(first, last, 1_000) || (crosses(first, last, 100) && bits % 2 === 0) || bits % 12 === 1;
    return tied ? Math.max(0, first) : index;
  };
  return (index) => {
    const leader = leaderOf(index);
    const stepsBack = count - 1 - leader + roll(key, leader, 1) / 0x100000000;
    return newest - Math.floor((stepsBack * step) / 1000) * 1000;
  };
}

/** Whether a page of `size` ends between the two records. */
function crosses(first: number, last: number, size: number): boolean {
  return first > 0 && Math.floor(last / size) > Math.floor(first / size);
}
