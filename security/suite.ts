import type { SecurityStage } from './stage/security-stage.ts';

/** What a suite is given. */
export interface SuiteOptions {
  /** Chooses what is random; printed, so that a run can be had again. */
  readonly seed: number;
  /** `--users`: how many people take part, where a suite has people; null = as many as the suite finds right. */
  readonly users: number | null;
  /** `--rounds`: how often a suite that goes round goes round; null = as often as it finds right. */
  readonly rounds: number | null;
  /** Ends at the first failure: all that is asked is whether there is one. */
  readonly impatient?: boolean;
  /** One line for whoever watches. */
  readonly echo: (line: string) => void;
  /** A whole service with two customers, opened when first asked for and shared by the suites that want it. */
  readonly stage: () => Promise<SecurityStage>;
}

/** What came of a suite: `tried` counts attempts or comparisons, each of which could have failed. */
export interface SuiteResult {
  readonly tried: number;
  readonly failed: number;
  /** What failed and how, the first few. */
  readonly examples: readonly string[];
}

export interface Suite {
  /** As in `--suite`, lower case with underscores. */
  readonly name: string;
  /** In a few words, what it proves. */
  readonly what: string;
  /** It works in processes of its own and needs no stage: it is run beside the others. */
  readonly isApart?: boolean;
  readonly run: (options: SuiteOptions) => Promise<SuiteResult>;
}

/** Counts attempts and keeps the first failures in words. */
export interface Tally {
  /** An attempt that came out well, or not: then `what` says how. */
  check(good: boolean, what: () => string): void;
  result(): SuiteResult;
}

const EXAMPLES = 40;

/** An impatient tally has its first failure. */
export class Enough extends Error {
  readonly result: SuiteResult;
  constructor(result: SuiteResult) {
    super('an attack came through');
    this.result = result;
  }
}

/** `impatient`: raises `Enough` at the first failure. */
export function newTally({ impatient = false }: { readonly impatient?: boolean | undefined } = {}): Tally {
  let [tried, failed] = [0, 0];
  const examples: string[] = [];
  return {
    check: (good, what) => {
      tried += 1;
      if (good) return;
      failed += 1;
      if (examples.length < EXAMPLES) examples.push(what());
      if (impatient) throw new Enough({ tried, failed, examples });
    },
    result: () => ({ tried, failed, examples }),
  };
}
