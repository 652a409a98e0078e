import { expect, it } from 'vitest';
import { afterInboxEvent, eventTable, groups, type EventState, type InboxEvent } from '../../src/inbox/index.ts';

const cells: readonly (readonly [EventState, InboxEvent, EventState | null])[] = [
  ['waiting', 'settled', 'done'],
  ['waiting', 'failed', 'waiting'],
  ['waiting', 'exhausted', 'dead'],
  ['waiting', 'replayed', null],
  ['waiting', 'dropped', null],
  ['waiting', 'repeated', 'waiting'],
  ['done', 'settled', null],
  ['done', 'failed', null],
  ['done', 'exhausted', null],
  ['done', 'replayed', null],
  ['done', 'dropped', null],
  ['done', 'repeated', 'done'],
  ['dead', 'settled', null],
  ['dead', 'failed', null],
  ['dead', 'exhausted', null],
  ['dead', 'replayed', 'waiting'],
  ['dead', 'dropped', 'done'],
  ['dead', 'repeated', 'dead'],
];

it.each(cells)('an event that is %s and %s is then %s', (state, event, next) => {
  if (next === null) expect(() => afterInboxEvent(state, event)).toThrow(`an event that is ${state} was ${event}`);
  else expect(afterInboxEvent(state, event)).toBe(next);
});

it('has every cell', () => {
  const all = Object.entries(eventTable).flatMap(([state, row]) =>
    Object.keys(row).map((event) => `${state} ${event}`),
  );
  expect(cells.map(([state, event]) => `${state} ${event}`).toSorted()).toEqual(all.toSorted());
});

it('groups events by object, a hundred records each, with all events of a record', () => {
  const event = (nr: number, object: string) => ({
    id: String(nr),
    object,
    recordId: nr === 0 ? null : String(nr % 150),
    what: 'changed' as const,
    at: null,
    state: 'waiting',
    receivedAt: new Date(0),
    tries: 0,
    lastError: null,
  });
  const events = [...Array.from({ length: 300 }, (_, nr) => event(nr, 'tickets')), event(1, 'users')];
  const found = groups(events);
  expect(found.map(({ object, ids }) => [object, ids.length])).toEqual([
    ['tickets', 99],
    ['tickets', 51],
    ['users', 1],
  ]);
  expect(found.flatMap((group) => group.events)).toHaveLength(301);
});
