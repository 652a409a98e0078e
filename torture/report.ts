import { connectors, type Result } from './result.ts';

export interface Planted {
  readonly tried: number;
  readonly caught: number;
  /** Those for which the time was too short, each as a line of `not_run`. */
  readonly left: readonly string[];
}

export interface Summary {
  readonly ok: boolean;
  readonly runs: number;
  readonly crash_points: { readonly covered: number; readonly total: number };
  readonly violations: number;
  readonly planted: Pick<Planted, 'tried' | 'caught'>;
  /** Crash points are counted by what kept them from being run; each by its name stands on stderr. */
  readonly not_run: readonly string[];
  /** The first few of what was broken, as a line each; at the end, where whoever reads a log looks. */
  readonly broken: readonly string[];
}

const BROKEN_TOLD = 3;
const TEXT_MAX = 300;

/** What the run did not do, so that nobody takes it for done. */
export function notRun(result: Result): string[] {
  return [...leftOut(result), ...[...result.unreached].map(([point, why]) => `crash point ${point}: ${why}`)];
}

function leftOut(result: Result): string[] {
  const missing = connectors.filter((provider) => !result.cells.some((cell) => cell.provider === provider));
  return [...result.notRun, ...missing.map((provider) => `connector ${provider}`)];
}

function unreachedByReason({ unreached }: Result): string[] {
  const counts = new Map<string, number>();
  for (const why of unreached.values()) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([why, count]) => `${String(count)} crash points: ${why}`);
}

export function summaryOf(result: Result, points: readonly string[], planted: Planted): Summary {
  const violations = result.violations.length;
  const { tried, caught, left } = planted;
  return {
    ok: violations === 0 && caught === tried,
    runs: result.runs,
    crash_points: { covered: points.filter((point) => result.covered.has(point)).length, total: points.length },
    violations,
    planted: { tried, caught },
    not_run: [...leftOut(result), ...unreachedByReason(result), ...left],
    broken: result.violations
      .slice(0, BROKEN_TOLD)
      .map(({ invariant, what, after }) => `${invariant} after ${after}: ${what}`.slice(0, TEXT_MAX)),
  };
}

/** Faults by connectors: `ok`, `BROKEN`, or `not run`. */
export function grid({ cells }: Result): string[] {
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const head = ['fault'.padEnd(30), ...connectors.map((name) => name.padEnd(16))].join('');
  const rows = faults.map((fault) => {
    const states = connectors.map((provider) => {
      const met = cells.filter((cell) => cell.fault === fault && cell.provider === provider);
      return met.length === 0 ? 'not run' : met.every(({ ok }) => ok) ? 'ok' : 'BROKEN';
    });
    return [fault.padEnd(30), ...states.map((state) => state.padEnd(16))].join('');
  });
  return [head, ...rows];
}

export function counterexample({ violations }: Result): string[] {
  const [first] = violations;
  if (first === undefined) return [];
  return [`First counterexample, after ${first.after}: ${first.invariant}: ${first.what}`, ...first.story];
}
