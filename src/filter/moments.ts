/** `2026-11-20` where that day exists and its year is 1000 to 9998 (so that the next day also has four digits). */
export function parseDay(text: string): string | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && inRange(text) && toIso(`${text}T00:00:00.000Z`)?.slice(0, 10) === text
    ? text
    : null;
}

/** An ISO moment as `2026-11-20T08:30:00.000Z`; without an offset it is UTC. */
export function parseMoment(text: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  const [, day = '', minutes = '', seconds = ':00', offset = 'Z'] = match ?? [];
  if (match === null || parseDay(day) === null) return null;
  const iso = toIso(`${day}T${minutes}${seconds}${offset.replace(/^(.\d{2})(\d{2})$/, '$1:$2')}`);
  return iso !== null && inRange(iso) ? iso : null;
}

/** `08:30` or `08:30:00` as `08:30:00`. */
export function parseTime(text: string): string | null {
  const match = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.exec(text);
  if (match === null) return null;
  return match[2] === undefined ? `${text}:00` : text;
}

export function nextDay(day: string): string {
  const date = new Date(`${day}T00:00:00.000Z`);
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

/**
 * `amount` units before (-1) or after (1) `now`, as an ISO moment. Months and
 * years are calendar ones; a day that the target month lacks becomes its last.
 */
export function relativeMoment(
  now: Date,
  span: { readonly sign: -1 | 1; readonly amount: number; readonly unit: 'h' | 'd' | 'w' | 'm' | 'y' },
): string | null {
  const steps = span.sign * span.amount;
  const date = new Date(now);
  if (span.unit === 'm' || span.unit === 'y') addMonths(date, span.unit === 'm' ? steps : steps * 12);
  else date.setTime(date.getTime() + steps * HOURS[span.unit] * 3_600_000);
  return Number.isNaN(date.getTime()) || !inRange(date.toISOString()) ? null : date.toISOString();
}

function addMonths(date: Date, months: number): void {
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(date);
  last.setUTCMonth(last.getUTCMonth() + 1);
  last.setUTCDate(0);
  date.setUTCDate(Math.min(day, last.getUTCDate()));
}

const HOURS = { h: 1, d: 24, w: 168 } as const;

function toIso(text: string): string | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

const inRange = (iso: string): boolean => /^[1-9]\d{3}-/.test(iso) && !iso.startsWith('9999');
