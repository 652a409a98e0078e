import { ControlError, type SandboxClock } from '../kit/index.ts';
import { isRefusal, REFUSALS, type Refusal } from './api/errors.ts';

export interface Limits {
  /** Calls per minute of the whole project, and of one user in it. Source: Calendar API, "Manage quotas". */
  readonly perMinute: number;
  readonly perMinutePerUser: number;
  /**
   * Days after which a sync token is refused, and how far back `updatedMin`
   * may lie and cancelled events are kept. Google publishes no number; about
   * a month is what integrations report.
   */
  readonly syncTokenDays: number;
  readonly keptDays: number;
  /** How long a channel lives at most, and if nobody asks for less. Source: Events: watch, `params.ttl`. */
  readonly channelSeconds: number;
  /** Google wants https of every receiver; here those on this machine may do without unless this is set. */
  readonly httpsOnly: boolean;
  /** Whoever may see free/busy times only gets events as busy time, as some have been given by Google, and no 403. */
  readonly busyEvents: boolean;
  /** Refuses every call of the API this way while set. */
  readonly refuseWith: Refusal | null;
}

export const DEFAULT_LIMITS: Limits = {
  perMinute: 10_000,
  perMinutePerUser: 600,
  syncTokenDays: 30,
  keptDays: 30,
  channelSeconds: 604_800,
  httpsOnly: false,
  busyEvents: false,
  refuseWith: null,
};

const NUMBERS = ['perMinute', 'perMinutePerUser', 'syncTokenDays', 'keptDays', 'channelSeconds'] as const;

/** Changes some limits. Throws ControlError on names and values that do not exist. */
export function changedLimits(current: Limits, input: Readonly<Record<string, unknown>>): Limits {
  const known: readonly string[] = [...NUMBERS, 'refuseWith', 'httpsOnly', 'busyEvents'];
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new ControlError(`unknown limits: ${unknown.join(', ')}; known: ${known.join(', ')}, expireSyncTokens`);
  const { refuseWith = current.refuseWith, httpsOnly = current.httpsOnly, busyEvents = current.busyEvents } = input;
  if (typeof httpsOnly !== 'boolean' || typeof busyEvents !== 'boolean')
    throw new ControlError('httpsOnly and busyEvents must be true or false');
  if (refuseWith !== null && !isRefusal(refuseWith))
    throw new ControlError(`refuseWith must be null or one of ${Object.keys(REFUSALS).join(', ')}`);
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {};
  for (const name of NUMBERS) {
    const value = input[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new ControlError(`${name} must be a number from 0`);
    numbers[name] = value;
  }
  return { ...current, ...numbers, refuseWith, httpsOnly, busyEvents };
}

/** Counts the calls of the minute, which starts with its first call. */
export function createMinute(clock: SandboxClock): (limit: number) => boolean {
  let startMs = Number.NEGATIVE_INFINITY;
  let used = 0;
  return (limit) => {
    const now = clock.now().getTime();
    if (now - startMs >= 60_000 || now < startMs) {
      startMs = now;
      used = 0;
    }
    used += 1;
    return used <= limit;
  };
}
