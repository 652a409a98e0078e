import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionTable,
  isReadable,
  nextConnectionState,
  type ConnectionEvent,
  type ConnectionState,
} from '../../src/connection/index.ts';

const states = Object.keys(connectionTable) as ConnectionState[];
const events = Object.keys(connectionTable.created) as ConnectionEvent[];

const run = (sequence: readonly ConnectionEvent[], from: ConnectionState = 'created'): ConnectionState =>
  sequence.reduce<ConnectionState>((state, event) => nextConnectionState(state, event) ?? state, from);

const without = (...left: ConnectionEvent[]) =>
  fc.array(fc.constantFrom(...events.filter((event) => !left.includes(event))));

/** Cell by cell, as a second hand wrote it: `-` cannot happen, `=` stays. Columns are the states in this order. */
const order: readonly ConnectionState[] = [
  'created',
  'authorising',
  'working',
  'degraded',
  'reauth_required',
  'paused',
  'revoked',
  'deleted',
];
const cells: Readonly<Record<ConnectionEvent, string>> = {
  consent_started: 'authorising = = = = = = -',
  consent_given: 'working working = working working = working -',
  consent_declined: '= created = = = = = -',
  account_refused: '- - = = = = = -',
  call_succeeded: '- - = working = = = -',
  call_failed: '- - degraded = = = = -',
  grant_ended: '- - reauth_required reauth_required = = = -',
  grant_proven: '- - = working working = = -',
  paused: '- - paused paused paused = - -',
  resumed: '- - - - - working - -',
  resumed_ended: '- - - - - reauth_required - -',
  revoked: '- - revoked revoked revoked revoked = -',
  deleted: 'deleted deleted deleted deleted deleted deleted deleted -',
};

describe('the life of a connection', () => {
  it('has these states and events, and an answer for each pair', () => {
    expect(states.toSorted()).toEqual(order.toSorted());
    expect(Object.keys(cells).toSorted()).toEqual(events.toSorted());
    for (const state of states) expect(Object.keys(connectionTable[state]).toSorted()).toEqual(events.toSorted());
  });

  it.each(events)('%s leads where it should from every state', (event) => {
    const wanted = cells[event].split(' ');
    expect(wanted).toHaveLength(order.length);
    const found = order.map((state) => nextConnectionState(state, event));
    expect(found).toEqual(
      order.map((state, at) => (wanted[at] === '=' ? state : wanted[at] === '-' ? null : wanted[at])),
    );
  });

  it('works after consent whatever happened, unless somebody paused or deleted it', () => {
    fc.assert(
      fc.property(without('paused', 'deleted'), (sequence) => {
        expect(run([...sequence, 'consent_given'])).toBe('working');
      }),
    );
  });

  it('leaves reauth_required by consent, proof or an act of an operator only', () => {
    fc.assert(
      fc.property(without('consent_given', 'grant_proven', 'paused', 'revoked', 'deleted'), (sequence) => {
        expect(run(['consent_given', 'grant_ended', ...sequence])).toBe('reauth_required');
        for (const event of ['consent_given', 'grant_proven'] as const) {
          expect(run(['consent_given', 'grant_ended', ...sequence, event])).toBe('working');
        }
      }),
    );
  });

  it('is read only after somebody consented, and never while it is paused, revoked or deleted', () => {
    fc.assert(
      fc.property(without('consent_given'), (sequence) => {
        expect(isReadable(run(sequence))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(without('resumed', 'resumed_ended', 'revoked', 'deleted'), (sequence) => {
        expect(run(['paused', ...sequence], 'working')).toBe('paused');
      }),
    );
    fc.assert(
      fc.property(without('consent_given'), (sequence) => {
        expect(['revoked', 'deleted']).toContain(run(['revoked', ...sequence], 'working'));
      }),
    );
    fc.assert(fc.property(without(), (sequence) => run(['deleted', ...sequence], 'working') === 'deleted'));
  });
});
