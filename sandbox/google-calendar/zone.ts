/** The wall clock of a place on earth; months count from 1. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MINUTE_MS = 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Throws a RangeError on a zone that does not exist. */
export function wallClock(ms: number, zone: string): WallClock {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

/** The moment at which a zone's clocks show this; of a gap or an overlap the offset before it counts. */
export function momentOf(wall: WallClock, zone: string): number {
  const asUtc = utcOf(wall);
  const first = asUtc - offsetMs(asUtc, zone);
  const second = asUtc - offsetMs(first, zone);
  return second;
}

/** `2026-03-02T09:00:00+01:00`, as Google writes moments: the zone's offset, no fractions. */
export function zonedText(ms: number, zone: string): string {
  const offset = Math.round(offsetMs(ms, zone) / MINUTE_MS);
  const text = new Date(ms + offset * MINUTE_MS).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(offset);
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export function utcOf({ year, month, day, hour, minute, second }: WallClock): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Offsets change at whole quarters of an hour only, everywhere on earth. */
const QUARTER_MS = 900_000;
const offsets = new Map<string, number>();

function offsetMs(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const from = quarter * QUARTER_MS;
  const offset = utcOf(wallClock(from, zone)) - from;
  offsets.set(key, offset);
  return offset;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}
