import { describe, expect, it } from 'vitest';
import type { ConnectionId } from '../../src/kernel/index.ts';
import { standingOf } from '../../src/write/images.ts';
import type { PlannedWrite } from '../../src/write/types.ts';

const write: PlannedWrite = {
  item: 1,
  step: 1,
  key: 'k-1',
  connection: 'c' as unknown as ConnectionId,
  slug: 'erp',
  integration: 'erp',
  object: 'res.partner',
  model: 'account',
  operation: 'update',
  recordId: '7',
  match: null,
  values: { x_churn_score: 7 },
  before: { x_churn_score: null },
  changes: [],
  label: null,
  made: ['x_churn_score'],
  dedupe: 'conditional',
  reversibility: 'exact',
};

const kindWith = (value: string | number | boolean | null, made: readonly string[]): string =>
  standingOf({ ...write, made }, { id: '7', missing: false, version: null, values: { x_churn_score: value } }).kind;

describe('a field that was made for the write', () => {
  it('is empty, however its system says so, and is not overwritten where somebody was there first', () => {
    for (const empty of [null, 0, false, '']) expect(kindWith(empty, ['x_churn_score'])).toBe('ready');
    for (const entered of [3, true, 'x']) expect(kindWith(entered, ['x_churn_score'])).toBe('conflict');
    // Of a field that was there, a zero is a value.
    expect(kindWith(0, [])).toBe('conflict');
  });
});
