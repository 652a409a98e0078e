import { ControlError, html, type Admission, type SandboxClock } from '../kit/index.ts';
import { TOO_MANY_PAGE } from './api/pages.ts';

export interface Limits {
  admit(): Admission;
  change(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

const MINUTE_MS = 60_000;

/** Odoo itself has no limit; hosted databases answer 429 by their proxy, without saying when to come back. */
export function createLimits(clock: SandboxClock): Limits {
  let perMinute: number | null = null;
  let windowFrom = 0;
  let used = 0;
  return {
    admit: () => {
      const now = clock.now().getTime();
      if (now - windowFrom >= MINUTE_MS) [windowFrom, used] = [now, 0];
      used += 1;
      if (perMinute === null || used <= perMinute) return { kind: 'admitted', end: () => undefined };
      return { kind: 'refused', response: html(429, TOO_MANY_PAGE) };
    },
    change: (input) => {
      const given = input['perMinute'];
      if (given !== undefined) {
        if (given !== null && (typeof given !== 'number' || !Number.isInteger(given) || given < 1)) {
          throw new ControlError('limits wants {perMinute: whole number from 1, or null for none}');
        }
        [perMinute, windowFrom, used] = [given, clock.now().getTime(), 0];
      }
      return { perMinute };
    },
  };
}
