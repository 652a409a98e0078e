import type { SandboxClock, SandboxResponse } from '../../kit/index.ts';
import { ControlError } from '../../kit/index.ts';
import { apiError } from './errors.ts';

/** Values that the platform documents for Enterprise Edition; the control API can change each. */
export interface LimitSettings {
  /** Calls in any 24 hours. */
  dailyApiRequests: number;
  /** Calls that may have been running for `longRequestMs` or more at the same time. */
  concurrentLongRequests: number;
  longRequestMs: number;
  /** Life of an access token (the session timeout of the org); new tokens only. */
  sessionTimeoutMs: number;
  /** Bulk API 2.0 query jobs in any 24 hours. */
  dailyBulkQueryJobs: number;
  /** How long such a job waits before it is processed, and how much it reads in a second. */
  bulkQueueMs: number;
  bulkRecordsPerSecond: number;
  /** Records that an ingest job writes in a second. */
  bulkWritesPerSecond: number;
  /** Records in one set of its results, also when more are asked for. */
  bulkResultRecords: number;
}

export interface Limits {
  readonly settings: Readonly<LimitSettings>;
  used(): number;
  /** Counts a call, or says why it is refused. */
  admit(): SandboxResponse | null;
  /** Notes that a call is running until the returned function is called; null when too many long ones are. */
  enter(): (() => void) | null;
  /** The org has bought so many licences, each with its share of the daily calls. */
  licences(count: number): void;
  /** Applies `{dailyApiRequests?, used?, ...}`; returns what is in force. */
  change(input: Readonly<Record<string, unknown>>): Readonly<LimitSettings> & { readonly used: number };
  /** Value of the `Sforce-Limit-Info` header. */
  info(): string;
}

const HOUR_MS = 3_600_000;
const PER_LICENCE = 1_000;
const BASE = 100_000;

export function createLimits(clock: SandboxClock, licences: number): Limits {
  const settings: LimitSettings = {
    dailyApiRequests: BASE + licences * PER_LICENCE,
    concurrentLongRequests: 25,
    longRequestMs: 20_000,
    sessionTimeoutMs: 2 * HOUR_MS,
    dailyBulkQueryJobs: 10_000,
    bulkQueueMs: 100,
    bulkRecordsPerSecond: 200_000,
    bulkWritesPerSecond: 5_000,
    bulkResultRecords: 50_000,
  };
  // The window of 24 hours moves in steps of one hour.
  const byHour = new Map<number, number>();
  const running = new Set<{ readonly since: number }>();
  const nowMs = (): number => clock.now().getTime();
  const hour = (): number => Math.floor(nowMs() / HOUR_MS);
  const used = (): number => {
    for (const past of byHour.keys()) if (past <= hour() - 24) byHour.delete(past);
    return [...byHour.values()].reduce((sum, count) => sum + count, 0);
  };
  return {
    settings,
    used,
    admit: () => {
      if (used() >= settings.dailyApiRequests)
        return apiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
      byHour.set(hour(), (byHour.get(hour()) ?? 0) + 1);
      return null;
    },
    enter: () => {
      const long = [...running].filter((call) => nowMs() - call.since >= settings.longRequestMs).length;
      if (long >= settings.concurrentLongRequests) return null;
      const call = { since: nowMs() };
      running.add(call);
      return () => running.delete(call);
    },
    licences: (count) => {
      settings.dailyApiRequests = BASE + count * PER_LICENCE;
    },
    change: (input) => {
      for (const [name, value] of Object.entries(input)) {
        if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
          throw new ControlError(`${name} must be a number >= 0`);
        if (name === 'used') {
          byHour.clear();
          byHour.set(hour(), value);
        } else if (isSetting(settings, name)) settings[name] = value;
        else throw new ControlError(`no limit ${name}; known: used, ${Object.keys(settings).join(', ')}`);
      }
      return { ...settings, used: used() };
    },
    info: () => `api-usage=${used()}/${settings.dailyApiRequests}`,
  };
}

function isSetting(settings: LimitSettings, name: string): name is keyof LimitSettings {
  return Object.hasOwn(settings, name);
}
