import type { DateOrder } from '../../manifest/index.ts';
import { quoteText } from '../sql-text.ts';
import { same, type Stage } from './stage.ts';

/**
 * Text to numbers, dates and moments. Each pattern bounds its digits, so that
 * every match is finite, and uses character classes that RE2 and ECMAScript
 * read alike.
 */

/** White space at the ends of values: ASCII, and the two spaces that spreadsheets and web pages bring. */
export const spaces = ' \t\n\r\u00A0\u202F';
const trimPattern = new RegExp(`^[${spaces}]+|[${spaces}]+$`, 'g');
export const trimSql = (x: string): string => `trim(${x}, ${quoteText(spaces)})`;
export const trimText = (text: string): string => text.replace(trimPattern, '');

const plainNumber = '^[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$';

/** `-12.5`, `1e3`: numbers as programs write them. */
export const parsePlainNumber: Stage = {
  kind: 'number',
  sql: (x) => `try_cast(regexp_extract(${trimSql(x)}, ${quoteText(plainNumber)}) as double)`,
  value: (x) => matchNumber(trimText(x as string)),
  inverse: (x) => plainDigits(x as number, '.'),
};

function matchNumber(text: string): number | null {
  return new RegExp(plainNumber).test(text) ? Number(text) : null;
}

const groupSpaces = `[${spaces}'\u2019\u2009]`;
const currency = '[A-Z]{3}|[\u20AC$\u00A3\u00A5]';

/** Without the blanks and apostrophes that group digits, or stand between a number and its unit. */
export const closedSql = (x: string): string => `regexp_replace(${x}, ${quoteText(groupSpaces)}, '', 'g')`;
export const closedText = (text: string): string => text.replaceAll(new RegExp(groupSpaces, 'g'), '');

/** How a number without sign is written. Groups must have three digits, since `1,23` among English numbers is a mistake and not 123. */
export function digitsPattern(decimal: '.' | ','): string {
  const [group, point] = decimal === '.' ? [',', '\\.'] : ['\\.', ','];
  return `(?:[0-9]{1,3}(?:${group}[0-9]{3}){1,10}|[0-9]{1,40})(?:${point}[0-9]{1,40})?`;
}

/** What fits the pattern, after a sign or not, as a double; missing where it is empty. */
export const digitsSql = (decimal: '.' | ',', x: string): string =>
  `try_cast(${decimal === '.' ? `replace(${x}, ',', '')` : `replace(replace(${x}, '.', ''), ',', '.')`} as double)`;
export const digitsValue = (decimal: '.' | ',', text: string): number =>
  Number(decimal === '.' ? text.replaceAll(',', '') : text.replaceAll('.', '').replace(',', '.'));

/** A number without groups and without an exponent. */
export function plainDigits(value: number, decimal: '.' | ','): string {
  const short = Object.is(value, -0) ? '-0' : String(value);
  if (!short.includes('e')) return short.replace('.', decimal);
  if (Number.isInteger(value)) return BigInt(value).toString();
  const [mantissa = '', exponent] = Math.abs(value).toExponential().split('e');
  const zeros = '0'.repeat(-Number(exponent) - 1);
  return `${value < 0 ? '-' : ''}0${decimal}${zeros}${mantissa.replace('.', '')}`;
}

/** Numbers as people write them: `1.234,50 €`, `EUR 1 234`, `$1,234.50`. One currency sign or code is dropped. */
export function parseNumber(decimal: '.' | ','): Stage {
  const shape = `^[+-]?${digitsPattern(decimal)}$`;
  const bare = (x: string): string => `regexp_replace(${closedSql(x)}, ${quoteText(currency)}, '')`;
  return {
    kind: 'number',
    sql: (x) => digitsSql(decimal, `regexp_extract(${bare(x)}, ${quoteText(shape)})`),
    value: (x) => {
      const text = closedText(x as string).replace(new RegExp(currency), '');
      return new RegExp(shape).test(text) ? digitsValue(decimal, text) : null;
    },
    inverse: (x) => plainDigits(x as number, decimal),
  };
}

/** Years 1 to 9999: DuckDB has a year 0, JSON dates here do not. */
const year = '([0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})';
const ymd = `^(${year}-[0-9]{1,2}-[0-9]{1,2})([T ][0-9:.+Z-]*)?$`;
const dayFirst = '^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})$';

/** Text to a date; one that is written year first is read in every order, since it cannot be mistaken. */
export function parseDate(order: DateOrder): Stage {
  const turned = order === 'dmy' ? '\\3-\\2-\\1' : '\\3-\\1-\\2';
  const turn = (x: string): string =>
    order === 'ymd' ? x : `regexp_replace(${x}, ${quoteText(dayFirst)}, ${quoteText(turned)})`;
  return {
    kind: 'date',
    sql: (x) => `try_cast(regexp_extract(${turn(trimSql(x))}, ${quoteText(ymd)}, 1) as date)`,
    value: (x) => {
      const text = trimText(x as string);
      const parts = new RegExp(dayFirst).exec(text);
      if (order === 'ymd' || parts === null) return matchDate(text);
      const [, first = '', second = '', inYear = ''] = parts;
      return matchDate(order === 'dmy' ? `${inYear}-${second}-${first}` : `${inYear}-${first}-${second}`);
    },
    inverse: (x) => {
      const [inYear = '', month = '', day = ''] = (x as string).split('-');
      if (order === 'ymd') return x;
      return order === 'dmy' ? `${day}.${month}.${inYear}` : `${month}/${day}/${inYear}`;
    },
  };
}

function matchDate(text: string): string | null {
  const day = new RegExp(ymd).exec(text)?.[1];
  if (day === undefined) return null;
  const [inYear = '', month = '', dayOfMonth = ''] = day.split('-');
  return calendarDay(`${inYear}-${month.padStart(2, '0')}-${dayOfMonth.padStart(2, '0')}`);
}

/** The day, where the calendar has it: Date.parse turns February 30 into March 2. */
function calendarDay(day: string): string | null {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) ? day : null;
}

const clock = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]';
const moment = `^(${year}-[0-9]{2}-[0-9]{2})[T ](${clock})(?:\\.([0-9]{1,3}))?Z$`;

/** An ISO moment in UTC, or a date, which means its midnight. */
export const parseMoment: Stage = {
  kind: 'datetime',
  sql: (x) => {
    const full = `try_cast(rtrim(regexp_extract(${trimSql(x)}, ${quoteText(moment)}), 'Z') as timestamp)`;
    const midnight = `regexp_extract(${trimSql(x)}, ${quoteText(`^${year}-[0-9]{2}-[0-9]{2}$`)})`;
    return `coalesce(${full}, cast(try_cast(${midnight} as date) as timestamp))`;
  },
  value: (x) => {
    const text = trimText(x as string);
    const parts = new RegExp(moment).exec(text);
    if (parts !== null) {
      const day = calendarDay(parts[1] ?? '');
      return day === null ? null : `${day}T${parts[3] ?? ''}.${(parts[4] ?? '').padEnd(3, '0')}Z`;
    }
    const day = new RegExp(`^${year}-[0-9]{2}-[0-9]{2}$`).test(text) ? calendarDay(text) : null;
    return day === null ? null : `${day}T00:00:00.000Z`;
  },
  inverse: same,
};

export const parseTime: Stage = {
  kind: 'time',
  sql: (x) => `try_cast(regexp_extract(${trimSql(x)}, ${quoteText(`^${clock}$`)}) as time)`,
  value: (x) => {
    const text = trimText(x as string);
    return new RegExp(`^${clock}$`).test(text) ? text : null;
  },
  inverse: same,
};
