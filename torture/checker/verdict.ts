import type { Finding } from './finding.ts';

export interface Verdict {
  readonly ok: boolean;
  /** From the end of the faults until nothing differed any more, or until the patience ended. */
  readonly convergedMs: number;
  /** What it waited for last; null: nothing differed from the beginning. */
  readonly waitedFor: string | null;
  readonly findings: readonly Finding[];
  /** What led to the first finding, in the order of time. */
  readonly story: readonly string[];
}
