import type { Planted } from './planted/run-planted.ts';
import type { SuiteResult } from './suite.ts';

/** The last line of a run with `--json`. */
export interface Summary {
  readonly ok: boolean;
  readonly suites: Readonly<Record<string, { readonly tried: number; readonly failed: number }>>;
  readonly planted: Planted;
}

/** Not ok where an attack came through, where a suite tried nothing, and where a planted defect went unnoticed. */
export function summaryOf(results: Readonly<Record<string, SuiteResult>>, planted: Planted): Summary {
  const suites = Object.entries(results).map(([name, { tried, failed }]) => [name, { tried, failed }] as const);
  const good = suites.every(([, { tried, failed }]) => tried > 0 && failed === 0);
  return { ok: good && planted.tried === planted.caught, suites: Object.fromEntries(suites), planted };
}
