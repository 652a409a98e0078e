import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cases } from '../../torture/cases/index.ts';
import type { TortureDefect } from '../../torture/planted/defect.ts';
import { tortureDefects } from '../../torture/planted/defects.ts';
import { chosenDefects, partOf } from '../../torture/planted/run-planted.ts';
import { counterexample, grid, notRun, summaryOf } from '../../torture/report.ts';
import { emptyResult } from '../../torture/result.ts';

const root = new URL('../..', import.meta.url);
const byName = (one: TortureDefect, other: TortureDefect): number => one.name.localeCompare(other.name);

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
    expect(summaryOf(result, ['a.b.before_commit', 'a.b.after_commit'], { tried: 0, caught: 0, left: [] })).toEqual({
      ok: true,
      runs: 0,
      crash_points: { covered: 1, total: 2 },
      violations: 0,
      planted: { tried: 0, caught: 0 },
      not_run: ['connector odoo', 'connector google_calendar', '1 crash points: the time was up'],
      broken: [],
    });
    expect(notRun(result)).toContain('crash point a.b.after_commit: the time was up');
  });

  it('is not ok with a violation, or with a planted defect that nobody noticed', () => {
    const result = emptyResult();
    expect(summaryOf(result, [], { tried: 3, caught: 2, left: [] }).ok).toBe(false);
    result.violations.push({ invariant: 'I1', what: 'x is missing', after: 'crashes', story: ['first', 'then'] });
    const summary = summaryOf(result, [], { tried: 0, caught: 0, left: [] });
    expect(summary).toMatchObject({ ok: false, violations: 1, broken: ['I1 after crashes: x is missing'] });
    expect(counterexample(result)).toEqual(['First counterexample, after crashes: I1: x is missing', 'first', 'then']);
  });

  it('plants each defect in one of its parts, the whole of a case in one, and those of a case alone', () => {
    const of = 4;
    const parts = Array.from({ length: of }, (_, at) =>
      chosenDefects({ cases: [], part: { at: at + 1, of }, only: null }, Math.random),
    );
    expect(parts.flat().toSorted(byName)).toEqual([...tortureDefects].toSorted(byName));
    expect(parts.every((part) => part.length > 0)).toBe(true);
    const wholes = parts.map((part) => new Set(part.map((defect) => defect.case)));
    for (const { name } of cases) expect(wholes.filter((whole) => whole.has(name)).length).toBeLessThanOrEqual(1);
    const own = chosenDefects({ cases: ['undone'], part: null, only: null }, Math.random);
    expect(own.length).toBeGreaterThan(1);
    expect(new Set(own.map((defect) => defect.case))).toEqual(new Set(['undone']));
    expect(chosenDefects({ cases: [], part: null, only: 3 }, () => 0.5)).toHaveLength(3);
    expect([partOf('2/6'), partOf('6/6'), partOf('7/6'), partOf('0/6'), partOf('x')]).toEqual([
      { at: 2, of: 6 },
      { at: 6, of: 6 },
      null,
      null,
      null,
    ]);
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
