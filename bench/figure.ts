import { cpus, totalmem } from 'node:os';

/** One measured number with what it is held against. Null where a column does not apply. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  /** `ms`, `tokens`, `rows/s`, `MB` ... */
  readonly unit: string;
  readonly p50: number;
  readonly p99: number | null;
  /** The same measurement of the least that could do the job (bare HTTP, bare engine), taken in the same run. */
  readonly floor_p50: number | null;
  /** `p50 / floor_p50`. */
  readonly ratio: number | null;
  /** The bound promised, in `unit`. */
  readonly target: number | null;
  readonly met: boolean | null;
}

export interface FigureSource {
  readonly bench: string;
  readonly case: string;
  readonly unit: string;
  /** At least one; order does not matter. */
  readonly samples: readonly number[];
  readonly floor?: readonly number[];
  readonly target?: number;
  /** Which end of the scale is good; decides `met`. Default: small values are good, p99 (or p50 of one sample) is held to the target. */
  readonly better?: 'low' | 'high';
}

/**
 * Low is good: the p99 is held to the target, because that is what callers
 * feel. High is good (throughput): the p50.
 */
export function figure(source: FigureSource): Figure {
  const { samples, floor, target, better = 'low' } = source;
  const p50 = percentile(samples, 0.5);
  const p99 = samples.length > 1 ? percentile(samples, 0.99) : null;
  const floorP50 = floor === undefined ? null : percentile(floor, 0.5);
  const held = better === 'low' ? (p99 ?? p50) : p50;
  return {
    bench: source.bench,
    case: source.case,
    unit: source.unit,
    p50: round(p50),
    p99: p99 === null ? null : round(p99),
    floor_p50: floorP50 === null ? null : round(floorP50),
    ratio: floorP50 === null || floorP50 === 0 ? null : round(p50 / floorP50),
    target: target ?? null,
    met: target === undefined ? null : better === 'low' ? held <= target : held >= target,
  };
}

/** Nearest rank: the smallest sample that at least `share` of all samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('a percentile of no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] ?? Number.NaN;
}

/** Three significant digits below 100, whole numbers above: what the measurement can carry. */
function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export interface MachineFacts {
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
}

/** Where the figures were taken; numbers without it mean nothing. */
export function machineFacts(): MachineFacts {
  const processors = cpus();
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
  };
}
