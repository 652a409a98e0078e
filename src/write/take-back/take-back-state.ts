/**
 * The life of one step that is taken back, as a full table. What a row does not
 * name cannot happen in that state; the test has every cell.
 *
 * - waiting: later steps are taken back first
 * - comparing: it is to be looked at what stands there now; again, where the system cannot be asked
 * - sending: writes that take it back are accepted, and not all of them have ended
 * - done: nothing of it stands there any more
 * - needs_human: something of it stands there still, or nobody knows; earlier steps wait
 * - left: a person has left what could not be taken back
 */
export type TakeBackState = 'waiting' | 'comparing' | 'sending' | 'done' | 'needs_human' | 'left';

/**
 * - came: all later steps are over
 * - planned: its writes are in the queue; bare: there is nothing to write, and nothing stands there
 * - stuck: nothing of it can be written, or nobody could look in time
 * - undone: all of its writes succeeded, and nothing else stands there; remained: not so
 * - again, left: a person's word on this step; ended: on all that is not over
 */
export type TakeBackEvent = 'came' | 'planned' | 'bare' | 'stuck' | 'undone' | 'remained' | 'again' | 'left' | 'ended';

type Row = Readonly<Record<TakeBackEvent, TakeBackState | null>>;

const nothing: Row = {
  came: null,
  planned: null,
  bare: null,
  stuck: null,
  undone: null,
  remained: null,
  again: null,
  left: null,
  ended: null,
};

export const takeBackTable: Readonly<Record<TakeBackState, Row>> = {
  waiting: { ...nothing, came: 'comparing', ended: 'left' },
  comparing: { ...nothing, planned: 'sending', bare: 'done', stuck: 'needs_human', ended: 'left' },
  // What is under way ends first: nobody can leave what may still take effect.
  sending: { ...nothing, undone: 'done', remained: 'needs_human' },
  done: nothing,
  needs_human: { ...nothing, again: 'comparing', left: 'left', ended: 'left' },
  left: nothing,
};

/** Raises where the table has no answer: whoever asks knows the state. */
export function nextTakeBackState(state: TakeBackState, event: TakeBackEvent): TakeBackState {
  const next = takeBackTable[state][event];
  if (next === null) throw new Error(`a step that is taken back and is ${state} cannot be ${event}`);
  return next;
}

/** Nothing happens to it any more. */
export const isOver = (state: TakeBackState): boolean => state === 'done' || state === 'left';
