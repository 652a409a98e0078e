import { describe, expect, it } from 'vitest';
import { figure } from '../../bench/figure.ts';
import { judge, missedRatios, renderVerdict } from '../../bench/targets.ts';

describe('targets', () => {
  const slow = figure({ bench: 'b', case: 'list of 50', unit: 'ms', samples: [6, 6, 6, 90], floor: [3] });

  it('hold each figure to those that are meant for it', () => {
    const targets = [
      { cases: 'list', of: 'ratio', most: 2 },
      { cases: 'list', of: 'p99', most: 40 },
      { cases: 'other', of: 'p50', most: 1 },
      { of: 'p50', least: 6 },
    ] as const;
    expect(judge(slow, targets).targets.map(({ of, reached }) => [of, reached])).toEqual([
      ['ratio', true],
      ['p99', false],
      ['p50', true],
    ]);
  });

  it('are missed by what was not measured', () => {
    const bare = figure({ bench: 'b', case: 'list of 50', unit: 'ms', samples: [6] });
    expect(judge(bare, [{ of: 'ratio', most: 2 }]).targets[0]?.reached).toBe(false);
  });

  it('fail a check by their ratios, not by times, which depend on the machine', () => {
    const judged = judge(slow, [
      { of: 'p99', most: 40 },
      { of: 'ratio', most: 1.9 },
      { of: 'ratio', least: 2 },
    ]);
    expect(missedRatios(judged).map(renderVerdict)).toEqual(['NOT REACHED: ratio at most 1.9']);
  });
});
