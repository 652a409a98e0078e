import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noMoreThan, type KnownRights, type PrincipalRights, type StreamRights } from '../../src/access/index.ts';
import { streamId } from '../../src/kernel/index.ts';

const stream = streamId(7);
const asOf = new Date('2026-11-21T12:00:00Z');
const later = new Date('2026-11-21T12:05:00Z');
const meanwhile: StreamRights = { kind: 'unknown', reason: 'not_read_yet', fix: 'wait' };
const unknown = (reason: 'not_linked' | 'inactive'): StreamRights => ({ kind: 'unknown', reason, fix: reason });

let versions = 0;
const rights = (own: StreamRights | null): PrincipalRights => ({
  principal: 'ada',
  version: `v${String((versions += 1))}`,
  streams: new Map(own === null ? [] : [[stream, own]]),
});
const known = (
  classes: KnownRights['classes'],
  fields: 'all' | readonly string[] = 'all',
  by: KnownRights['by'] = 'record',
): KnownRights => ({ kind: 'known', by, classes, fields: fields === 'all' ? 'all' : new Set(fields), asOf });
const left = (before: StreamRights | null, now: StreamRights | null): StreamRights | undefined =>
  noMoreThan(rights(before), rights(now), meanwhile).streams.get(stream);

describe('rights of before without what was lost since', () => {
  it.each<[string, StreamRights | null, StreamRights | null, object | undefined]>([
    ['a link', known([1, 2]), unknown('not_linked'), unknown('not_linked')],
    ['a user who is not active any more', known('all'), unknown('inactive'), unknown('inactive')],
    ['a stream', known('all'), null, undefined],
    ['a class', known([1, 2, 3]), known([1, 3]), known([1, 3])],
    ['the sight of everything', known('all'), known([1, 3]), known([1, 3])],
    ['everything', known([1, 2]), known([]), known([])],
    ['a field', known([1], ['Id', 'Name']), known([1], ['Id']), known([1], ['Id'])],
    ['the sight of all fields', known([1]), known([1], ['Id']), known([1], ['Id'])],
    ['what was won is not told yet: a class', known([1]), known([1, 2]), known([1])],
    ['what was won is not told yet: everything', known([1], ['Id']), known('all'), known([1], ['Id'])],
    ['what was won is not told yet: a field', known('all', ['Id']), known('all', ['Id', 'Name']), known('all', ['Id'])],
    ['what was won is not told yet: a link', unknown('not_linked'), known('all'), meanwhile],
    ['what was won is not told yet: a stream', null, known('all'), meanwhile],
    ['learned in another way', known([1]), known([1], 'all', 'rule'), meanwhile],
  ])('%s', (_, before, now, wanted) => {
    expect(left(before, now)).toEqual(wanted);
  });

  it('are as old as they were, of a version of their own, and the same object where nothing was lost', () => {
    const before = rights(known([1, 2]));
    const now = rights({ ...known([2, 3]), asOf: later });
    const met = noMoreThan(before, now, meanwhile);
    expect(met.streams.get(stream)).toMatchObject({ classes: [2], asOf });
    expect(new Set([before.version, now.version, met.version]).size).toBe(3);
    expect(noMoreThan(met, now, meanwhile)).toBe(met);
    expect(noMoreThan(before, rights(known([1, 2, 3])), meanwhile)).toBe(before);
  });

  it('are never more than those of before, nor than those of now', () => {
    const classes = fc.oneof(fc.constant('all' as const), fc.uniqueArray(fc.integer({ min: 1, max: 6 })));
    const sees = (own: KnownRights['classes'], each: number): boolean => own === 'all' || own.includes(each);
    fc.assert(
      fc.property(classes, classes, (before, now) => {
        const met = left(known(before), known(now));
        for (let each = 1; each <= 7; each += 1) {
          const isShown = met?.kind === 'known' && sees(met.classes, each);
          expect(isShown).toBe(sees(before, each) && sees(now, each));
        }
      }),
    );
  });
});
