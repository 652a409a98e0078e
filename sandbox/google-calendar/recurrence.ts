import { dayText, type CalendarEvent, type When } from './event.ts';
import { instanceId } from './ids.ts';
import { momentOf, utcOf, wallClock, type WallClock } from './zone.ts';

/** The part of RFC 5545 recurrence rules that this sandbox can expand. */
export interface Rule {
  readonly unit: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly count: number | null;
  /** Inclusive. */
  readonly untilMs: number | null;
}

const DAY_MS = 86_400_000;
/** Series without an end are expanded this far beyond the present. */
const HORIZON_DAYS = 365;
const INSTANCES_MAX = 2_000;

/** Null for rules with parts that are not known here; a BYDAY must name the weekday of the start. */
export function parseRule(lines: readonly string[]): Rule | null {
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0 || !line.startsWith('RRULE:')) return null;
  const parts = new Map(
    line
      .slice('RRULE:'.length)
      .split(';')
      .map((part) => part.split('=') as [string, string]),
  );
  const unit = (['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const).find((one) => one === parts.get('FREQ'));
  const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'WKST'];
  if (unit === undefined || [...parts.keys()].some((name) => !known.includes(name))) return null;
  if (parts.has('BYDAY') && (unit !== 'WEEKLY' || !/^[A-Z]{2}$/.test(parts.get('BYDAY') ?? ''))) return null;
  const until = parts.get('UNTIL');
  const interval = Number(parts.get('INTERVAL') ?? 1);
  const count = parts.has('COUNT') ? Number(parts.get('COUNT')) : null;
  const untilMs = until === undefined ? null : untilOf(until);
  const numbers = [interval, count ?? 1, untilMs ?? 0];
  if (!numbers.every((value) => Number.isSafeInteger(value)) || interval < 1) return null;
  return { unit, interval, count, untilMs };
}

/** Original starts of all instances, in order, as wall-clock times of the zone in which the series was made. */
export function occurrences(start: When, rule: Rule, nowMs: number): readonly When[] {
  const horizonMs = Math.min(rule.untilMs ?? Number.POSITIVE_INFINITY, nowMs + HORIZON_DAYS * DAY_MS);
  const starts: When[] = [];
  for (let at = 0; at < INSTANCES_MAX && starts.length < (rule.count ?? INSTANCES_MAX); at += 1) {
    const next = shifted(start, rule.unit, at * rule.interval);
    if (next === null) continue;
    if (momentMs(next) > horizonMs) break;
    starts.push(next);
  }
  return starts;
}

/** The instance of a series that starts at one of its occurrences. */
export function instanceOf(master: CalendarEvent, originalStart: When): CalendarEvent {
  const lengthMs = momentMs(master.end) - momentMs(master.start);
  return {
    ...master,
    id: instanceId(master.id, { kind: originalStart.kind, ms: momentMs(originalStart) }),
    start: originalStart,
    end: later(originalStart, lengthMs),
    recurrence: null,
    recurring: { master: master.id, originalStart },
  };
}

export function later(when: When, ms: number): When {
  return when.kind === 'time'
    ? { ...when, ms: when.ms + ms }
    : { kind: 'day', date: dayText(momentMs(when) + Math.round(ms / DAY_MS) * DAY_MS) };
}

export function momentMs(when: When): number {
  return when.kind === 'time' ? when.ms : Date.parse(`${when.date}T00:00:00Z`);
}

/** Steps on the wall clock, so that nine o'clock stays nine o'clock in summer; null for a day that the month lacks. */
function shifted(start: When, unit: Rule['unit'], steps: number): When | null {
  if (start.kind === 'time') {
    const wall = stepped(wallClock(start.ms, start.zone), unit, steps);
    return wall === null ? null : { ...start, ms: momentOf(wall, start.zone) };
  }
  const [year = 0, month = 1, day = 1] = start.date.split('-').map(Number);
  const wall = stepped({ year, month, day, hour: 0, minute: 0, second: 0 }, unit, steps);
  return wall === null ? null : { kind: 'day', date: dayText(utcOf(wall)) };
}

function stepped(wall: WallClock, unit: Rule['unit'], steps: number): WallClock | null {
  if (unit === 'DAILY' || unit === 'WEEKLY') return { ...wall, day: wall.day + steps * (unit === 'WEEKLY' ? 7 : 1) };
  const next = unit === 'MONTHLY' ? { ...wall, month: wall.month + steps } : { ...wall, year: wall.year + steps };
  return new Date(utcOf(next)).getUTCDate() === wall.day ? next : null;
}

function untilOf(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = '23', minute = '59', second = '59'] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
