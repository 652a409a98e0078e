/**
 * The life of a person's erasure, as a full table: every event in every state
 * has an answer. Each step may be begun again by another process: what was done
 * is not done twice.
 *
 * - asked: whom is known, sealed
 * - hidden: nobody is shown their records any more, and none come in again
 * - cleared: nothing is left in any place
 * - copied: copies of the records were made anew
 * - done: it was looked again, the proof is made, and who it was is forgotten
 * - lifted: an operator lets what is left out come in again
 */
export type ErasureState = 'asked' | 'hidden' | 'cleared' | 'copied' | 'done' | 'lifted';

/** `found_more`: something came in while it was under way. */
export type ErasureEvent = 'hid' | 'emptied' | 'rebuilt' | 'found_more' | 'proven' | 'lifted';

/** `null`: the event cannot happen in that state; it is ignored, and an operator's act is refused. */
type Table = Readonly<Record<ErasureState, Readonly<Record<ErasureEvent, ErasureState | null>>>>;

export const erasureTable: Table = {
  asked: { hid: 'hidden', emptied: null, rebuilt: null, found_more: null, proven: null, lifted: null },
  hidden: { hid: null, emptied: 'cleared', rebuilt: null, found_more: null, proven: null, lifted: null },
  cleared: { hid: null, emptied: null, rebuilt: 'copied', found_more: null, proven: null, lifted: null },
  copied: { hid: null, emptied: null, rebuilt: null, found_more: 'asked', proven: 'done', lifted: null },
  done: { hid: null, emptied: null, rebuilt: null, found_more: null, proven: null, lifted: 'lifted' },
  lifted: { hid: null, emptied: null, rebuilt: null, found_more: null, proven: null, lifted: null },
};

export function nextErasureState(state: ErasureState, event: ErasureEvent): ErasureState | null {
  return erasureTable[state][event];
}

export const isErasing = (state: ErasureState): boolean => state !== 'done' && state !== 'lifted';
