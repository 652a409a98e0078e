import type { Figure } from './figure.ts';

/** What a bench has to reach. Ratios hold on any machine; times hold on the one that they were promised for. */
export interface Target {
  /** Figures whose case begins so; all figures of the bench where it is left out. */
  readonly cases?: string;
  readonly of: 'p50' | 'p99' | 'ratio';
  /** Exactly one of the two, in the figure's unit. */
  readonly most?: number;
  readonly least?: number;
}

export interface Verdict {
  readonly of: Target['of'];
  readonly most: number | null;
  readonly least: number | null;
  readonly reached: boolean;
}

export interface JudgedFigure extends Figure {
  readonly targets: readonly Verdict[];
}

/** A figure held against the targets that are meant for it. What was not measured does not reach its target. */
export function judge(measured: Figure, targets: readonly Target[]): JudgedFigure {
  const meant = targets.filter(({ cases = '' }) => measured.case.startsWith(cases));
  return {
    ...measured,
    targets: meant.map(({ of, most = null, least = null }) => {
      const value = measured[of];
      const reached = value !== null && (most === null || value <= most) && (least === null || value >= least);
      return { of, most, least, reached };
    }),
  };
}

/** What `--check` fails on: a machine can be too slow for a time, not for a ratio of two measurements of one run. */
export const missedRatios = ({ targets }: JudgedFigure): readonly Verdict[] =>
  targets.filter(({ of, reached }) => of === 'ratio' && !reached);

export function renderVerdict({ of, most, least, reached }: Verdict): string {
  const bound = most === null ? `at least ${String(least)}` : `at most ${String(most)}`;
  return `${reached ? 'reached' : 'NOT REACHED'}: ${of} ${bound}`;
}
