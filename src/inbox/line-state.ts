/** `waiting`: nobody holds it. `opening`: held, and not a word was heard. `live`: what was heard last has been kept. */
export type LineState = 'waiting' | 'opening' | 'live';

export type LineEvent =
  /** A process took it, from nobody or from one that gave no sign of life. */
  | 'claimed'
  /** A batch was kept, with or without events. */
  | 'kept'
  | 'failed'
  /** The provider no longer knows the place. */
  | 'expired'
  /** The process stops, or the connection is not to be followed now. */
  | 'let_go';

/** Null: cannot happen to a line in this state. */
export const lineTable: Readonly<Record<LineState, Readonly<Record<LineEvent, LineState | null>>>> = {
  waiting: { claimed: 'opening', kept: null, failed: null, expired: null, let_go: null },
  opening: { claimed: 'opening', kept: 'live', failed: 'waiting', expired: 'waiting', let_go: 'waiting' },
  live: { claimed: 'opening', kept: 'live', failed: 'waiting', expired: 'waiting', let_go: 'waiting' },
};

export function afterLineEvent(state: LineState, event: LineEvent): LineState {
  const next = lineTable[state][event];
  if (next === null) throw new Error(`a line that is ${state} was ${event}`);
  return next;
}
