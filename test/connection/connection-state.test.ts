import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionTable,
  nextConnectionState,
  type ConnectionEvent,
  type ConnectionState,
} from '../../src/connection/index.ts';

const states = Object.keys(connectionTable) as ConnectionState[];
const events = Object.keys(connectionTable.created) as ConnectionEvent[];

const leaving: readonly ConnectionEvent[] = ['consent_given', 'grant_proven'];

const run = (sequence: readonly ConnectionEvent[]): ConnectionState =>
  sequence.reduce<ConnectionState>((state, event) => nextConnectionState(state, event) ?? state, 'created');

describe('the life of a connection', () => {
  it('answers every event in every state with a state of the table or with "cannot happen"', () => {
    for (const state of states) {
      expect(Object.keys(connectionTable[state]).toSorted()).toEqual(events.toSorted());
      for (const event of events) expect([null, ...states]).toContain(nextConnectionState(state, event));
    }
  });

  it('works after consent, whatever happened before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (sequence) => {
        expect(run([...sequence, 'consent_given'])).toBe('working');
      }),
    );
  });

  it('leaves reauth_required by consent or proof only', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events.filter((event) => !leaving.includes(event)))), (sequence) => {
        expect(run(['consent_given', 'grant_ended', ...sequence])).toBe('reauth_required');
        for (const event of leaving) {
          expect(run(['consent_given', 'grant_ended', ...sequence, event])).toBe('working');
        }
      }),
    );
  });

  it('does no work before somebody consented', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events.filter((event) => event !== 'consent_given'))), (sequence) => {
        expect(['created', 'authorising']).toContain(run(sequence));
      }),
    );
  });
});
