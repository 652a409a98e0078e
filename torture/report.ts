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
  readonly not_run: readonly string[];
}

/** What the run did not do, so that nobody takes it for done. */
export function notRun(result: Result): string[] {
  const missing = connectors.filter((provider) => !result.cells.some((cell) => cell.provider === provider));
  return [
    ...result.notRun,
    ...missing.map((provider) => `connector ${provider}`),
    ...[...result.unreached].map(([point, why]) => `crash point ${point}: ${why}`),
  ];
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
    not_run: [...notRun(result), ...left],
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
