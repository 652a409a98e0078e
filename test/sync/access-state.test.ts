import { describe, expect, it } from 'vitest';
import { nextAccessState, nextStandingState } from '../../src/sync/index.ts';

const connection = {
  not_read: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  refreshing: { turn_began: 'refreshing', read: 'fresh', failed: 'stale', refused: 'refused' },
  fresh: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  stale: { turn_began: 'refreshing', read: null, failed: null, refused: null },
  refused: { turn_began: 'refreshing', read: null, failed: null, refused: null },
} as const;

// linked, unlinked, read, found_inactive, failed, refused, sign_in_missing
const events = ['linked', 'unlinked', 'read', 'found_inactive', 'failed', 'refused', 'sign_in_missing'] as const;
const standing = {
  not_linked: ['not_read', 'not_linked', null, null, null, null, null],
  not_read: ['not_read', 'not_linked', 'fresh', 'inactive', 'not_read', 'refused', 'sign_in_needed'],
  fresh: ['not_read', 'not_linked', 'fresh', 'inactive', 'stale', 'refused', 'sign_in_needed'],
  stale: ['not_read', 'not_linked', 'fresh', 'inactive', 'stale', 'refused', 'sign_in_needed'],
  refused: ['not_read', 'not_linked', 'fresh', 'inactive', 'refused', 'refused', 'sign_in_needed'],
  inactive: ['not_read', 'not_linked', 'fresh', 'inactive', 'inactive', 'refused', 'sign_in_needed'],
  sign_in_needed: ['not_read', 'not_linked', 'fresh', 'inactive', 'sign_in_needed', 'refused', 'sign_in_needed'],
} as const;

describe('the state of what is known of rights', () => {
  it('of a connection follows its table, cell by cell', () => {
    for (const [state, row] of Object.entries(connection)) {
      for (const [event, next] of Object.entries(row)) {
        const at = [state as keyof typeof connection, event as keyof typeof row] as const;
        expect([state, event, nextAccessState(...at)]).toEqual([state, event, next]);
      }
    }
  });

  it('of a user follows its table, cell by cell: a failure never shows what was not shown before', () => {
    for (const [state, row] of Object.entries(standing)) {
      events.forEach((event, index) => {
        const next = nextStandingState(state as keyof typeof standing, event);
        expect([state, event, next]).toEqual([state, event, row[index]]);
      });
    }
  });
});
