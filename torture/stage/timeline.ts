import { appendFileSync } from 'node:fs';

/** What the harness did and saw, one line each; processes' own logs stand beside it. */
export interface Moment {
  /** Wall clock, ms. */
  readonly at: number;
  /** A process, a system, or `run`. */
  readonly who: string;
  readonly what: string;
}

export interface Timeline {
  readonly file: string;
  note(who: string, what: string): void;
}

export function createTimeline(file: string, echo: (line: string) => void): Timeline {
  const startedAt = Date.now();
  return {
    file,
    note: (who, what) => {
      const moment: Moment = { at: Date.now(), who, what };
      appendFileSync(file, `${JSON.stringify(moment)}\n`);
      echo(`${((moment.at - startedAt) / 1_000).toFixed(1).padStart(7)}s  ${who}: ${what}`);
    },
  };
}
