import { describe, expect, it } from 'vitest';
import { nextLetterState } from '../../src/sync/dead-letter-state.ts';

describe('a dead letter', () => {
  it.each([
    ['none', 'failed', 'failing'],
    ['none', 'failed_for_good', 'dead'],
    ['none', 'replay_asked', null],
    ['none', 'read', 'none'],
    ['failing', 'failed', 'failing'],
    ['failing', 'failed_for_good', 'dead'],
    ['failing', 'replay_asked', 'replaying'],
    ['failing', 'read', 'none'],
    ['dead', 'failed', 'dead'],
    ['dead', 'failed_for_good', 'dead'],
    ['dead', 'replay_asked', 'replaying'],
    ['dead', 'read', 'none'],
    ['replaying', 'failed', 'dead'],
    ['replaying', 'failed_for_good', 'dead'],
    ['replaying', 'replay_asked', 'replaying'],
    ['replaying', 'read', 'none'],
  ] as const)('that is %s and of which we hear "%s" is %s', (state, event, next) => {
    expect(nextLetterState(state, event)).toBe(next);
  });
});
