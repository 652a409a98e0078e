import { beforeAll, describe, expect, it } from 'vitest';
import { groups, pointsOf, reasonFor } from '../../torture/acts/groups.ts';
import { crashPointsOf, judgeSources, readSources } from '../../torture/gate/crash-points.ts';
import { reachedInText } from '../../torture/phases/round.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

describe('what leads to crash points', () => {
  let points: readonly string[] = [];
  let places: ReadonlySet<string> = new Set();
  beforeAll(async () => {
    const judged = judgeSources(await readSources(root)).places;
    points = crashPointsOf(judged);
    places = new Set(judged.map(({ name }) => name));
  });

  it('has each point in one group', () => {
    const grouped = groups.flatMap((group) => pointsOf(group, points));
    expect(grouped.toSorted()).toEqual(points);
  });

  it('speaks of places that there are', () => {
    const named = groups.flatMap(({ acts }) => acts.flatMap((act) => act.places));
    expect(named.filter((place) => !places.has(place))).toEqual([]);
  });

  it('leads to four of five points at least, and says why not to others', () => {
    const led = points.filter((point) => reasonFor(point) === 'not passed by what leads to it');
    const told = points.filter((point) => reasonFor(point).endsWith('in the rehearsal'));
    expect(led.length / (points.length - told.length)).toBeGreaterThan(0.8);
    expect(reasonFor('access.nobody_knows.before_commit')).toContain('on behalf of a user');
    expect(reasonFor('nobody.knows.before_send')).toBe('nothing here leads to it');
  });

  it('knows from the log where a process died', () => {
    expect(reachedInText('{"kind":"crash_point_passed","point":"a.b.before_send"}')).toBeNull();
    expect(reachedInText('x\n{"kind":"crash_point_reached","point":"a.b.after_commit","passage":1}\n')).toBe(
      'a.b.after_commit',
    );
  });
});
