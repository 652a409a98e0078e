import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attempts } from '../../security/hostile-sql/attempts.ts';
import { judge } from '../../security/hostile-sql/judge.ts';
import { EACH, kinds, marksIn, numberOf, orderMark } from '../../security/injection/carriers.ts';
import { securityDefects } from '../../security/planted/defects.ts';
import { policy } from '../../security/policy/run.ts';
import { ssrf } from '../../security/ssrf/run.ts';
import { vectors } from '../../security/ssrf/vectors.ts';
import { Enough, newTally, type SuiteOptions } from '../../security/suite.ts';
import { runSuites } from '../../security/run-suites.ts';
import { suites } from '../../security/suites.ts';
import { summaryOf } from '../../security/summary.ts';

const options: SuiteOptions = {
  seed: 3,
  users: null,
  rounds: 320,
  impatient: false,
  echo: () => undefined,
  stage: async () => {
    throw new Error('these need no stage');
  },
};

describe('the security suite', () => {
  it('tries as much as was promised', () => {
    expect(Object.keys(attempts).length).toBeGreaterThanOrEqual(25);
    const texts = Object.values(attempts).flat();
    expect(new Set(texts).size).toBeGreaterThanOrEqual(200);
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(vectors).size).toBeGreaterThanOrEqual(60);
    expect(kinds.length).toBeGreaterThanOrEqual(15);
    expect(kinds.length * EACH).toBeGreaterThanOrEqual(150);
    expect(new Set(suites.map(({ name }) => name)).size).toBe(suites.length);
    const named = new Set(suites.map(({ name }) => name));
    expect(securityDefects.filter(({ suite }) => !named.has(suite))).toEqual([]);
    expect(securityDefects.length).toBeGreaterThanOrEqual(10);
  });

  it('can plant each of its defects: the text is there once', () => {
    const times = securityDefects.flatMap(({ name, edits }) =>
      edits.map(({ file, find }) => [
        name,
        readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(find).length - 1,
      ]),
    );
    expect(times.filter(([, count]) => count !== 1)).toEqual([]);
  });

  it('runs what is apart beside the others, and those one after the other', async () => {
    const events: string[] = [];
    let tellOver = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      tellOver = resolve;
    });
    const suite = (name: string, work: () => Promise<unknown>) => ({
      name,
      what: name,
      run: async () => {
        events.push(`${name} begins`);
        await work();
        events.push(`${name} ends`);
        return { tried: 1, failed: 0, examples: [] };
      },
    });
    const broken = suite('broken', () => Promise.reject(new Error('why')));
    // What is apart waits for the last of the others: run one after the other, nothing would ever end.
    const last = suite('last', async () => tellOver());
    const apart = { ...suite('apart', () => over), isApart: true };
    const results = await runSuites([apart, broken, last], options);
    expect(Object.keys(results)).toEqual(['apart', 'broken', 'last']);
    expect(results['broken']).toMatchObject({ tried: 1, failed: 1 });
    expect(events.filter((event) => !event.startsWith('apart'))).toEqual(['broken begins', 'last begins', 'last ends']);
    expect(events).toContain('apart ends');
  });

  it('knows each carrier by its mark, however it is spelled on the way', () => {
    const marks = kinds.flatMap((kind) => Array.from({ length: EACH }, (_, at) => numberOf(kind, at)));
    expect(new Set(marks).size).toBe(marks.length);
    expect(marksIn(marks.map(orderMark).join(' x ').toLowerCase())).toEqual(marks);
  });

  it('counts what came through, and is not ok with it, without an attempt, or with a defect unnoticed', () => {
    const tally = newTally();
    tally.check(true, () => 'never said');
    tally.check(false, () => 'how');
    const result = tally.result();
    expect(result).toEqual({ tried: 2, failed: 1, examples: ['how'] });
    const impatient = newTally({ impatient: true });
    impatient.check(true, () => 'never said');
    expect(() => impatient.check(false, () => 'how')).toThrow(Enough);
    const none = { tried: 0, caught: 0 };
    const good = { tried: 3, failed: 0, examples: [] };
    expect(summaryOf({ a: good, b: result }, none)).toEqual({
      ok: false,
      suites: { a: { tried: 3, failed: 0 }, b: { tried: 2, failed: 1 } },
      planted: none,
    });
    expect(summaryOf({ a: good }, none).ok).toBe(true);
    expect(summaryOf({ a: { ...good, tried: 0 } }, none).ok).toBe(false);
    expect(summaryOf({ a: good }, { tried: 2, caught: 1 }).ok).toBe(false);
  });

  it('calls it a leak when hidden rows change an answer, an error, or whether there is one', () => {
    const failed = (whole: object, alone: object, said = ''): number => {
      const tally = newTally();
      judge(tally, 'x', [whole, alone] as never, said);
      return tally.result().failed;
    };
    const rows = (text: string) => ({ rows: text, n: 1 });
    expect(failed(rows('[1]'), rows('[1]'))).toBe(0);
    expect(failed(rows('[2]'), rows('[1]'))).toBe(1);
    expect(failed({ code: 'sql_failed', text: '' }, rows('[1]'))).toBe(1);
    expect(failed({ code: 'sql_failed', text: 'a' }, { code: 'sql_failed', text: 'b' })).toBe(1);
    expect(failed({ code: 'sql_timeout', text: '' }, rows('[1]'))).toBe(0);
    // Alike, but with a hidden value in both; the caller's own words do not count.
    expect(failed(rows('["ZQCANARY account"]'), rows('["ZQCANARY account"]'))).toBe(1);
    expect(failed(rows('["ZQCANARY"]'), rows('["ZQCANARY"]'), "select 'ZQCANARY'")).toBe(0);
  });

  it('finds the matcher and SQL of one mind', async () => {
    expect(await policy.run(options)).toEqual({ tried: 320, failed: 0, examples: [] });
  });

  it('finds no address that leads inside', async () => {
    const result = await ssrf.run(options);
    expect(result).toMatchObject({ failed: 0, examples: [] });
    expect(result.tried).toBeGreaterThan(900);
  });
});
