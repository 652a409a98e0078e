import { limits, type Random } from '../../kernel/index.ts';

const FIRST_DELAY_MS = 250;

/** Exponential with full jitter, so that workers that failed together do not return together. `attempt` counts from 1. */
export function backoffMs(attempt: number, random: Random): number {
  const ceiling = Math.min(limits.retryDelayMaxMs, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (random.fraction() * ceiling) / 2);
}

/**
 * After a refusal for too many calls: what the provider stated, and no less
 * than a floor that doubles, so that one which says "0 seconds" every time is
 * not asked without a break.
 */
export function limitedMs(statedMs: number | null, attempt: number, random: Random): number {
  const floor = Math.min(limits.limitedWaitFloorMaxMs, limits.limitedWaitMinMs * 2 ** (attempt - 1));
  if (statedMs !== null && statedMs >= floor) return statedMs;
  return Math.round(floor + (random.fraction() * floor) / 4);
}

/**
 * How long the provider asks to wait, in ms; null where it does not say.
 * Values are seconds, a date, or (some providers) an epoch in seconds.
 */
export function statedWaitMs(headers: Headers, names: readonly string[], now: Date): number | null {
  for (const name of names) {
    const wait = waitOf(headers.get(name), now);
    if (wait !== null) return Math.min(Math.max(limits.limitedWaitMinMs, wait), limits.statedWaitMaxMs);
  }
  return null;
}

const EPOCH_FROM = 1_000_000_000;

function waitOf(value: string | null, now: Date): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) {
    return seconds >= EPOCH_FROM ? seconds * 1_000 - now.getTime() : Math.max(0, seconds) * 1_000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : date - now.getTime();
}
