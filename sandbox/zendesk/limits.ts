import { ControlError, type SandboxClock } from '../kit/index.ts';

/**
 * Requests per minute of the Support API by plan, and of all incremental
 * exports together. Source: Zendesk developer documentation, "Rate limits".
 */
const PLANS = { team: 200, growth: 400, professional: 400, enterprise: 700, enterprise_plus: 2_500 } as const;
const HIGH_VOLUME_PER_MINUTE = 2_500;
const INCREMENTAL_PER_MINUTE = 10;
const INCREMENTAL_HIGH_VOLUME_PER_MINUTE = 30;
/** List Tickets by page number beyond page 500. */
const DEEP_PAGES_PER_MINUTE = 50;
/** "Update Ticket", "Delete Ticket" and "Job limit". */
const TICKET_UPDATES_PER_10_MINUTES = 30;
const TICKET_UPDATES_PER_MINUTE = 100;
const TICKET_DELETES_PER_MINUTE = 400;
const JOBS_MAX = 30;

export interface Limits {
  readonly plan: keyof typeof PLANS;
  readonly highVolume: boolean;
  readonly perMinute: number;
  readonly incrementalPerMinute: number;
  readonly deepPagesPerMinute: number;
  /** Updates of one ticket by one agent. */
  readonly ticketUpdatesPer10Minutes: number;
  /** Updates of tickets in the whole account. */
  readonly ticketUpdatesPerMinute: number;
  readonly ticketDeletesPerMinute: number;
  /** Jobs that are queued or working at the same time. Documented: 30. */
  readonly jobsMax: number;
  /** How long a job waits, and every ten records of it take, in milliseconds of real time. */
  readonly jobQueueMs: number;
  readonly jobStepMs: number;
  /** Exports leave out what changed within this many seconds before the call. Documented: one minute. */
  readonly incrementalExclusionS: number;
  /** Lifetimes of new tokens when the token call names none. */
  readonly accessTokenS: number;
  readonly refreshTokenS: number;
}

const NUMBERS = [
  'perMinute',
  'incrementalPerMinute',
  'deepPagesPerMinute',
  'ticketUpdatesPer10Minutes',
  'ticketUpdatesPerMinute',
  'ticketDeletesPerMinute',
  'jobsMax',
  'jobQueueMs',
  'jobStepMs',
  'incrementalExclusionS',
  'accessTokenS',
  'refreshTokenS',
] as const;

export function defaultLimits(): Limits {
  return {
    ...planLimits('enterprise', false),
    deepPagesPerMinute: DEEP_PAGES_PER_MINUTE,
    ticketUpdatesPer10Minutes: TICKET_UPDATES_PER_10_MINUTES,
    ticketUpdatesPerMinute: TICKET_UPDATES_PER_MINUTE,
    ticketDeletesPerMinute: TICKET_DELETES_PER_MINUTE,
    jobsMax: JOBS_MAX,
    // How fast jobs are is documented nowhere.
    jobQueueMs: 20,
    jobStepMs: 2,
    incrementalExclusionS: 60,
    // Zendesk documents the ranges that a caller may ask for; these defaults are within them.
    accessTokenS: 1_800,
    refreshTokenS: 2_592_000,
  };
}

function planLimits(plan: Limits['plan'], highVolume: boolean) {
  return {
    plan,
    highVolume,
    perMinute: highVolume ? HIGH_VOLUME_PER_MINUTE : PLANS[plan],
    incrementalPerMinute: highVolume ? INCREMENTAL_HIGH_VOLUME_PER_MINUTE : INCREMENTAL_PER_MINUTE,
  };
}

/** Changes some limits; naming a plan or the add-on sets the documented numbers first. */
export function changedLimits(current: Limits, input: Readonly<Record<string, unknown>>): Limits {
  const known: readonly string[] = ['plan', 'highVolume', ...NUMBERS];
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new ControlError(`unknown limits: ${unknown.join(', ')}; known: ${known.join(', ')}`);
  const { plan, highVolume } = input;
  if (plan !== undefined && !(typeof plan === 'string' && Object.hasOwn(PLANS, plan)))
    throw new ControlError(`plan must be one of ${Object.keys(PLANS).join(', ')}`);
  if (highVolume !== undefined && typeof highVolume !== 'boolean')
    throw new ControlError('highVolume must be true or false');
  const base =
    plan === undefined && highVolume === undefined
      ? current
      : {
          ...current,
          ...planLimits((plan as Limits['plan'] | undefined) ?? current.plan, highVolume ?? current.highVolume),
        };
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {};
  for (const name of NUMBERS) {
    const value = input[name];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw new ControlError(`${name} must be a whole number from 0`);
    numbers[name] = value;
  }
  return { ...base, ...numbers };
}

/** One minute's budget; the minute starts with its first request. */
export interface Budget {
  /** Counts one request. */
  take(total: number): BudgetState;
}

export interface BudgetState {
  readonly allowed: boolean;
  readonly total: number;
  readonly remaining: number;
  /** Seconds until the budget is full again, at least 1. */
  readonly resetS: number;
}

const MINUTE_MS = 60_000;

export function createBudget(clock: SandboxClock): Budget {
  let startMs = Number.NEGATIVE_INFINITY;
  let used = 0;
  return {
    take: (total) => {
      const now = clock.now().getTime();
      if (now - startMs >= MINUTE_MS || now < startMs) {
        startMs = now;
        used = 0;
      }
      const allowed = used < total;
      if (allowed) used += 1;
      const resetS = Math.max(1, Math.ceil((startMs + MINUTE_MS - now) / 1000));
      return { allowed, total, remaining: Math.max(0, total - used), resetS };
    },
  };
}
