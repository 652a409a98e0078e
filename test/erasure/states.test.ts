import { describe, expect, it } from 'vitest';
import { erasureTable, isErasing, nextErasureState } from '../../src/app/erasure/erasure-state.ts';
import { nextOffboardingState, offboardingTable } from '../../src/app/erasure/offboarding-state.ts';

/** Every cell by hand: `state event -> state`; what is not here cannot happen. */
const erasure = [
  'asked hid hidden',
  'hidden emptied cleared',
  'cleared rebuilt copied',
  'copied found_more asked',
  'copied proven done',
  'done lifted lifted',
];
const offboarding = [
  'closed connections_ended revoked',
  'revoked emptied emptied',
  'emptied discarded discarded',
  'discarded rows_came revoked',
  'discarded proven done',
];

const cells = (table: Readonly<Record<string, Readonly<Record<string, string | null>>>>): string[] =>
  Object.entries(table).flatMap(([state, events]) =>
    Object.entries(events).flatMap(([event, to]) => (to === null ? [] : [`${state} ${event} ${to}`])),
  );

describe('the states of an erasure and of an off-boarding', () => {
  it('lead on as written, and nowhere else', () => {
    expect(cells(erasureTable).toSorted()).toEqual(erasure.toSorted());
    expect(cells(offboardingTable).toSorted()).toEqual(offboarding.toSorted());
    expect(nextErasureState('done', 'found_more')).toBeNull();
    expect(nextOffboardingState('done', 'rows_came')).toBeNull();
  });

  it('end where nobody has to go on', () => {
    const under = (Object.keys(erasureTable) as (keyof typeof erasureTable)[]).filter(isErasing);
    expect(under).toEqual(['asked', 'hidden', 'cleared', 'copied']);
  });
});
