/** Half-open range in ms since 1970, whole UTC days. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const DAY = 86_400_000;

/**
 * What a date literal such as `LAST_N_DAYS:30` covers, in the org's time zone,
 * which is UTC for queries here. Weeks start on Sunday, as for the en_US locale.
 */
export function namedRange(name: string, count: number, nowMs: number): TimeRange {
  const today = Math.floor(nowMs / DAY) * DAY;
  switch (name) {
    case 'TODAY':
      return days(today, 0, 1);
    case 'YESTERDAY':
      return days(today, -1, 1);
    case 'TOMORROW':
      return days(today, 1, 1);
    case 'LAST_90_DAYS':
      return days(today, -90, 91);
    case 'NEXT_90_DAYS':
      return days(today, 1, 90);
    case 'LAST_N_DAYS':
      return days(today, -count, count + 1);
    case 'NEXT_N_DAYS':
      return days(today, 1, count);
    case 'N_DAYS_AGO':
      return days(today, -count, 1);
    default:
      return calendarRange(name, count, today);
  }
}

function days(today: number, first: number, length: number): TimeRange {
  return { from: today + first * DAY, to: today + (first + length) * DAY };
}

/** Weeks, months, quarters and years: `LAST_MONTH`, `NEXT_N_WEEKS:2`, `N_YEARS_AGO:1`. */
function calendarRange(name: string, count: number, today: number): TimeRange {
  const unit = /WEEK|MONTH|QUARTER|YEAR/.exec(name)?.[0] ?? 'MONTH';
  const start = (offset: number): number => startOf(unit, today, offset);
  if (name.startsWith('THIS_')) return { from: start(0), to: start(1) };
  if (name.startsWith('LAST_N_')) return { from: start(-count), to: start(0) };
  if (name.startsWith('NEXT_N_')) return { from: start(1), to: start(1 + count) };
  if (name.startsWith('N_')) return { from: start(-count), to: start(1 - count) };
  return name.startsWith('LAST_') ? { from: start(-1), to: start(0) } : { from: start(1), to: start(2) };
}

function startOf(unit: string, today: number, offset: number): number {
  const date = new Date(today);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case 'WEEK':
      return today - date.getUTCDay() * DAY + offset * 7 * DAY;
    case 'QUARTER':
      return Date.UTC(year, month - (month % 3) + offset * 3, 1);
    case 'YEAR':
      return Date.UTC(year + offset, 0, 1);
    default:
      return Date.UTC(year, month + offset, 1);
  }
}
