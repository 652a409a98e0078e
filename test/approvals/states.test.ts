import { describe, expect, it } from 'vitest';
import { approvalTable, caseStateOf, nextState, noticeTable, reviewTable } from '../../src/approvals/index.ts';

/** Each row: a state, then what each event of `events` makes of it; `-` changes nothing. */
function cells(table: object, events: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(table as Record<string, Record<string, string | null>>).map(([state, row]) => {
      expect(Object.keys(row).toSorted()).toEqual(events.toSorted());
      return [state, events.map((event) => row[event] ?? '-').join(' ')];
    }),
  );
}

describe('the lives of approvals, reviews and messages', () => {
  it('are these, cell by cell', () => {
    const ended = '- - - - - - -';
    expect(
      cells(approvalTable, ['half_time', 'time_over', 'never_came', 'approved', 'denied', 'withdrawn', 'glass_broken']),
    ).toEqual({
      waiting: 'reminded escalated expired approved denied withdrawn bypassed',
      reminded: '- escalated expired approved denied withdrawn bypassed',
      escalated: '- - expired approved denied withdrawn bypassed',
      approved: ended,
      denied: ended,
      expired: ended,
      withdrawn: ended,
      bypassed: ended,
    });
    expect(cells(reviewTable, ['half_time', 'time_over', 'fine', 'objected', 'withdrawn'])).toEqual({
      open: 'reminded overdue done objected withdrawn',
      reminded: '- overdue done objected withdrawn',
      overdue: '- - done objected withdrawn',
      done: '- - - - -',
      objected: '- - - - -',
      withdrawn: '- - - - -',
    });
    expect(cells(noticeTable, ['accepted', 'failed', 'exhausted', 'needless', 'needed_again'])).toEqual({
      due: 'sent due dead dropped -',
      sent: '- - - - -',
      dead: '- - - - -',
      dropped: '- - - - due',
    });
    // A state that only a newer program knows is over.
    expect(nextState('approval', 'someday', 'approved')).toBeNull();
    expect(nextState('review', 'waiting', 'fine')).toBeNull();
  });

  it('come to one word for the plan: a no before silence, silence before what is missing', () => {
    expect(caseStateOf(['approved', 'bypassed'])).toBe('approved');
    expect(caseStateOf(['approved', 'waiting'])).toBe('open');
    expect(caseStateOf(['escalated', 'reminded'])).toBe('open');
    expect(caseStateOf(['approved', 'expired'])).toBe('expired');
    expect(caseStateOf(['denied', 'expired', 'approved'])).toBe('denied');
    expect(caseStateOf(['withdrawn', 'approved'])).toBe('withdrawn');
    expect(caseStateOf(['someday'])).toBe('open');
  });
});
