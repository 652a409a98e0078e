import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cases } from '../../torture/cases/index.ts';
import { tortureDefects } from '../../torture/planted/defects.ts';
import { counterexample, grid, summaryOf } from '../../torture/report.ts';
import { emptyResult } from '../../torture/result.ts';

const root = new URL('../..', import.meta.url);

describe('the report of a torture run', () => {
  it('shows what was not run', () => {
    const result = emptyResult();
    result.cells.push(
      { fault: 'reset', provider: 'salesforce', ok: true },
      { fault: 'reset', provider: 'zendesk', ok: false },
    );
    result.covered.add('a.b.before_commit');
    result.unreached.set('a.b.after_commit', 'the time was up');
    expect(
      grid(result)[1]
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['reset', 'ok', 'BROKEN', 'not run', 'not run']);
    expect(summaryOf(result, ['a.b.before_commit', 'a.b.after_commit'], { tried: 0, caught: 0 })).toEqual({
      ok: true,
      runs: 0,
      crash_points: { covered: 1, total: 2 },
      violations: 0,
      planted: { tried: 0, caught: 0 },
      not_run: ['connector odoo', 'connector google_calendar', 'crash point a.b.after_commit: the time was up'],
    });
  });

  it('is not ok with a violation, or with a planted defect that nobody noticed', () => {
    const result = emptyResult();
    expect(summaryOf(result, [], { tried: 3, caught: 2 }).ok).toBe(false);
    result.violations.push({ invariant: 'I1', what: 'x is missing', after: 'crashes', story: ['first', 'then'] });
    expect(summaryOf(result, [], { tried: 0, caught: 0 }).ok).toBe(false);
    expect(counterexample(result)).toEqual(['First counterexample, after crashes: I1: x is missing', 'first', 'then']);
  });

  it('has at least ten planted defects, each of which finds its text once and its case', async () => {
    expect(tortureDefects.length).toBeGreaterThanOrEqual(10);
    const names = new Set(cases.map(({ name }) => name));
    for (const defect of tortureDefects) {
      expect(names, defect.name).toContain(defect.case);
      for (const { file, find } of defect.edits) {
        const text = await readFile(new URL(file, root), 'utf8');
        expect(text.split(find).length - 1, `${defect.name}: its text in ${file}`).toBe(1);
      }
    }
  });
});
