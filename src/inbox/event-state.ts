/** `waiting`: kept, not yet in `record`. `done`: nothing is left to do. `dead`: given up, with its cause. */
export type EventState = 'waiting' | 'done' | 'dead';

export type InboxEvent =
  /** What it told is in `record`, or is left to its stream. */
  | 'settled'
  | 'failed'
  /** It failed for the last time. */
  | 'exhausted'
  /** Somebody wants what was given up to be tried again. */
  | 'replayed'
  /** Somebody gave it up for good. */
  | 'dropped'
  /** The provider told it again. */
  | 'repeated';

/** Null: cannot happen to an event in this state. */
export const eventTable: Readonly<Record<EventState, Readonly<Record<InboxEvent, EventState | null>>>> = {
  waiting: {
    settled: 'done',
    failed: 'waiting',
    exhausted: 'dead',
    replayed: null,
    dropped: null,
    repeated: 'waiting',
  },
  done: { settled: null, failed: null, exhausted: null, replayed: null, dropped: null, repeated: 'done' },
  dead: { settled: null, failed: null, exhausted: null, replayed: 'waiting', dropped: 'done', repeated: 'dead' },
};

export function afterInboxEvent(state: EventState, event: InboxEvent): EventState {
  const next = eventTable[state][event];
  if (next === null) throw new Error(`an event that is ${state} was ${event}`);
  return next;
}
