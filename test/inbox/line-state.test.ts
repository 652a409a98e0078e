import { describe, expect, it } from 'vitest';
import { afterLineEvent, lineTable, type LineEvent, type LineState } from '../../src/inbox/index.ts';

const states: readonly LineState[] = ['waiting', 'opening', 'live'];
const events: readonly LineEvent[] = ['claimed', 'kept', 'failed', 'expired', 'let_go'];

/** Written again, by what each cell means; `null`: cannot happen. */
const expected: Readonly<Record<LineState, Readonly<Record<LineEvent, LineState | null>>>> = {
  // Nobody holds it: all that can happen is that somebody takes it.
  waiting: { claimed: 'opening', kept: null, failed: null, expired: null, let_go: null },
  opening: { claimed: 'opening', kept: 'live', failed: 'waiting', expired: 'waiting', let_go: 'waiting' },
  // Taken from a holder that died: not live before the new one heard something.
  live: { claimed: 'opening', kept: 'live', failed: 'waiting', expired: 'waiting', let_go: 'waiting' },
};

describe('the states of a line of events', () => {
  for (const state of states) {
    for (const event of events) {
      const next = expected[state][event];
      it(`${state}, ${event}: ${next ?? 'cannot happen'}`, () => {
        expect(lineTable[state][event]).toBe(next);
        if (next === null) expect(() => afterLineEvent(state, event)).toThrow(state);
        else expect(afterLineEvent(state, event)).toBe(next);
      });
    }
  }
});
