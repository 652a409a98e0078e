import { describe, expect, it } from 'vitest';
import {
  afterRegistrationEvent,
  registrationTable,
  type RegistrationEvent,
  type RegistrationState,
} from '../../src/inbox/index.ts';

/** Written again, by what each cell means; `null`: cannot happen. In the order of `events`. */
const events: readonly RegistrationEvent[] = ['wished', 'unwished', 'agreed', 'refused', 'taken_back', 'given_up'];
const expected: Readonly<Record<RegistrationState, readonly (RegistrationState | null)[]>> = {
  // Nothing is there that a provider could have answered.
  none: ['wanted', 'none', null, null, null, null],
  wanted: ['wanted', 'removing', 'registered', 'failed', null, null],
  registered: ['wanted', 'removing', 'registered', 'failed', null, null],
  failed: ['wanted', 'removing', 'registered', 'failed', null, null],
  // While it is being taken back nobody asks for it; a provider that does not answer is asked again.
  removing: ['wanted', 'removing', null, 'removing', 'none', 'none'],
};

describe('the states of a registration', () => {
  for (const [state, row] of Object.entries(expected) as [RegistrationState, (RegistrationState | null)[]][]) {
    for (const [at, event] of events.entries()) {
      const next = row[at] ?? null;
      it(`${state}, ${event}: ${next ?? 'cannot happen'}`, () => {
        expect(registrationTable[state][event]).toBe(next);
        if (next === null) expect(() => afterRegistrationEvent(state, event)).toThrow(state);
        else expect(afterRegistrationEvent(state, event)).toBe(next);
      });
    }
  }

  it('are all there', () => {
    expect(Object.keys(expected).toSorted()).toEqual(Object.keys(registrationTable).toSorted());
    for (const row of Object.values(registrationTable)) expect(Object.keys(row).toSorted()).toEqual(events.toSorted());
  });
});
