import { limits, type Random } from '../../kernel/index.ts';

const FIRST_DELAY_MS = 250;
/** A limited call is never repeated sooner, even where the provider says "0 seconds". */
const LIMITED_DELAY_MIN_MS = 1_000;

/** Exponential with full jitter, so that workers that failed together do not return together. `attempt` counts from 1. */
export function backoffMs(attempt: number, random: Random): number {
  const ceiling = Math.min(limits.retryDelayMaxMs, FIRST_DELAY_MS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (random.fraction() * ceiling) / 2);
}

/**
 * How long the provider asks to wait, in ms; null where it does not say.
 * Values are seconds, a date, or (some providers) an epoch in seconds.
 */
export function statedWaitMs(headers: Headers, names: readonly string[], now: Date): number | null {
  for (const name of names) {
    const wait = waitOf(headers.get(name), now);
    if (wait !== null) return Math.min(Math.max(LIMITED_DELAY_MIN_MS, wait), limits.statedWaitMaxMs);
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
