import type { SqlParam } from './db.ts';

/**
 * One meaning of values for both adapters. In: times as ISO text, bytes and
 * arrays as they are. Out: int8 as number (as text beyond 2^53), timestamptz as
 * Date, date, timestamp and numeric as text (neither Date nor double can hold
 * them), json parsed, bytea as Uint8Array.
 */
export function encodeParam(param: SqlParam): Exclude<SqlParam, Date> {
  return param instanceof Date ? param.toISOString() : param;
}

export const valueParsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex')),
  20: parseInt8,
  21: Number,
  23: Number,
  26: Number,
  114: (text) => JSON.parse(text) as unknown,
  700: Number,
  701: Number,
  1082: asText,
  1114: asText,
  1184: parseTimestamptz,
  1700: asText,
  3802: (text) => JSON.parse(text) as unknown,
};

function asText(text: string): string {
  return text;
}

function parseInt8(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** `2026-01-02 03:04:05.123456+00`, with any offset; cut to milliseconds, which is what Date holds. */
function parseTimestamptz(text: string): Date {
  const match = /^(\d{4,})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d)(?::?(\d\d))?/.exec(text);
  if (match === null) throw new Error(`not a timestamp that Date can hold: ${text}`);
  const [, year, month, day, time, fraction = '.0', hours, minutes = '00'] = match;
  return new Date(`${year}-${month}-${day}T${time}${fraction.slice(0, 4).padEnd(4, '0')}${hours}:${minutes}`);
}
