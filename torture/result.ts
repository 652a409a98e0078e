import type { Finding } from './checker/finding.ts';
import type { Provider } from './stage/systems.ts';

export const connectors = ['salesforce', 'zendesk', 'odoo', 'google_calendar'] as const;

/** One cell of the grid: this fault met this connector, and everything was as it should be afterwards, or not. */
export interface Cell {
  readonly fault: string;
  readonly provider: Provider;
  readonly ok: boolean;
}

export interface Violation extends Finding {
  /** The phase or case after which it was found. */
  readonly after: string;
  readonly story: readonly string[];
}

/** What a run has done so far; phases add to it. */
export interface Result {
  runs: number;
  readonly covered: Set<string>;
  readonly unreached: Map<string, string>;
  readonly cells: Cell[];
  readonly violations: Violation[];
  readonly notRun: Set<string>;
  slowestMs: number;
}

export const emptyResult = (): Result => ({
  runs: 0,
  covered: new Set(),
  unreached: new Map(),
  cells: [],
  violations: [],
  notRun: new Set(),
  slowestMs: 0,
});
