import { GantryError, systemClock } from '../kernel/index.ts';

const dayMs = 86_400_000;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * `2026-11-17`, `today`, `yesterday`, or a day of the week: the last one that is
 * over. Days are those of this machine's time zone, as people mean them.
 */
export function dayRange(day: string, now: Date = systemClock.now()): { readonly from: Date; readonly to: Date } {
  const from = beginOf(day.toLowerCase(), now);
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from, to };
}

function beginOf(day: string, now: Date): Date {
  const begin = new Date(now);
  begin.setHours(0, 0, 0, 0);
  if (day === 'today') return begin;
  const weekday = weekdays.indexOf(day);
  if (day === 'yesterday') begin.setDate(begin.getDate() - 1);
  else if (weekday !== -1) begin.setDate(begin.getDate() - ((begin.getDay() - weekday + 6) % 7) - 1);
  else if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) return new Date(`${day}T00:00:00`);
  else {
    throw new GantryError('bad_request', {
      message: `"${day}" is no day.`,
      where: '--day',
      fix: 'Write 2026-11-17, today, yesterday, or a day of the week.',
    });
  }
  return begin;
}

/** `24h`, `7d`, `30m`: so long ago. */
export function sinceMoment(span: string, now: Date = systemClock.now()): Date {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(span) ?? [];
  const ms = { m: 60_000, h: 3_600_000, d: dayMs }[unit ?? ''];
  if (count !== undefined && ms !== undefined) return new Date(now.getTime() - Number(count) * ms);
  throw new GantryError('bad_request', {
    message: `"${span}" is no span of time.`,
    where: '--since',
    fix: 'Write 30m, 24h or 7d.',
  });
}
