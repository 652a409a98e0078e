import type { StreamId, TenantId } from '../kernel/index.ts';
import { neverS, nextTime, type SyncSettings } from '../manifest/index.ts';

/**
 * Pure: when a stream that has just been read is read again. Each stream has
 * its own moments within the interval, spread evenly over all streams: as many
 * as began at once are never due at once again. The first interval is between
 * half and one and a half times as long; all others are as declared.
 */
export function nextRun(
  { everyS, at }: Pick<SyncSettings, 'everyS' | 'at'>,
  stream: { readonly tenant: TenantId; readonly id: StreamId },
  now: Date,
): Date {
  if (at !== undefined) return nextTime(at, now) ?? new Date(now.getTime() + neverS * 1_000);
  const everyMs = Math.max(1, everyS * 1_000);
  if (everyS >= neverS) return new Date(now.getTime() + everyMs);
  const phaseMs = Math.floor(spread(stream) * everyMs);
  const earliestMs = now.getTime() + everyMs / 2;
  return new Date(Math.ceil((earliestMs - phaseMs) / everyMs) * everyMs + phaseMs);
}

/** When a stream is due at the latest, whenever it was read last: for one whose schedule has just changed. */
export function latestRun({ everyS, at }: Pick<SyncSettings, 'everyS' | 'at'>, now: Date): Date {
  const latest = at === undefined ? null : nextTime(at, now);
  return latest ?? new Date(now.getTime() + everyS * 1_000);
}

/** From 0 to 1. Multiples of these two fractions lie more evenly than random numbers would. */
const spread = ({ tenant, id }: { readonly tenant: TenantId; readonly id: StreamId }): number =>
  (tenant * 0.618_033_988_75 + id * 0.754_877_666_25) % 1;
