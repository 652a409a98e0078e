import type { RelatedMeasure } from '../../filter/index.ts';
import { GantryError, limits, suggest, type Json } from '../../kernel/index.ts';
import type { CurrencyRates } from '../../manifest/index.ts';
import type { Conversion } from '../types.ts';
import { spendJoin, type CompileContext } from './context.ts';
import { currencyTable } from './currency-table.ts';
import { fieldSql, fromSql, openSource, type Frame, type Source } from './frame.ts';
import type { Typed } from './test-sql.ts';

type ConversionRequest = NonNullable<RelatedMeasure['convert']>;

export interface Converted {
  readonly sql: string;
  readonly about: Omit<Conversion, 'column'>;
}

/**
 * An amount in the currency asked for, by the rates of the project's policies.
 * Where there is no rate the amount is missing, and the frame remembers to tell.
 */
export function convertSql(frame: Frame, path: string, request: ConversionRequest, where: string): Converted {
  const { context } = frame;
  const { to, on } = request;
  const rates = ratesOf(context, to, where);
  const amount = fieldSql(frame, path, where);
  const currency = currencySql(amount, path, where);
  const today = context.now.toISOString().slice(0, 10);
  const about = { to, rates_from: rates.source, on: on ?? today, ...oldest(rates, on, today) };
  const key = `convert ${JSON.stringify([path, to, on])}`;
  const known = frame.joined.get(key);
  if (known !== undefined) return { sql: convertedSql(amount.sql, known), about };
  spendJoin(context, frame.reach);
  const factors = openSource(context, 'x');
  const name = factors.alias;
  frame.joined.set(key, factors);
  if (on === null) {
    frame.joins.push(
      () => `left join ${currencyTable(context, rates, to, today)} as ${name} on ${name}.c = ${currency}`,
    );
  } else {
    const day = fieldSql(frame, on, `${where}.on`);
    if (day.field.type !== 'date' && day.field.type !== 'datetime') {
      throw new GantryError('query_op_invalid', { message: `"${on}" is not a date.`, where: `${where}.on` });
    }
    frame.joins.push(
      () =>
        `asof left join ${currencyTable(context, rates, to, null)} as ${name} on ${name}.c = ${currency} and cast(${day.sql} as date) >= ${name}.d`,
    );
  }
  frame.converted.push({ amount: amount.sql, factor: `${name}.f`, currency });
  return { sql: convertedSql(amount.sql, factors), about };
}

const convertedSql = (amount: string, { alias }: Source): string => `round(cast(${amount} as double) * ${alias}.f, 2)`;

/**
 * Currencies of this frame's amounts that had no rate, as a SELECT; null where
 * nothing is converted. All conversions in one: it repeats the whole FROM.
 */
export function unconvertedSql(frame: Frame, condition: string): string | null {
  if (frame.converted.length === 0) return null;
  const lacking = frame.converted.map(
    ({ amount, factor, currency }) =>
      `case when ${amount} is not null and ${factor} is null then coalesce(${currency}, '') end`,
  );
  return `select distinct unnest([${lacking.join(', ')}]) as c ${fromSql(frame)} where ${condition}`;
}

/** One more column of the whole statement, the same in every row: currencies without a rate. */
export function unconvertedColumn({ unconverted }: CompileContext): string[] {
  if (unconverted.length === 0) return [];
  return [`(select list(c order by c) from (${unconverted.join(' union ')}) where c is not null)`];
}

/** Raises `query_currency_rate_missing` where the column just read names something. */
export function refuseUnconverted(context: CompileContext, rows: readonly (readonly Json[])[]): void {
  const missing = context.unconverted.length === 0 ? null : (rows[0]?.at(-1) ?? null);
  if (!Array.isArray(missing) || missing.length === 0) return;
  const codes = (missing as readonly string[]).map((code) => (code === '' ? 'no currency at all' : code));
  const shown = codes.slice(0, limits.errorNamesMax).join(', ').slice(0, 300);
  throw new GantryError('query_currency_rate_missing', {
    message: `Some amounts cannot be converted: there is no rate on the day for ${shown}.`,
    where: 'in',
    fix: 'Leave those records out with a filter, or have the rates declared in policies/*.yaml.',
  });
}

function ratesOf({ scope }: CompileContext, to: string, where: string): CurrencyRates {
  const rates = scope.policies?.rates ?? null;
  if (rates === null) {
    throw new GantryError('query_currency_rate_missing', {
      message: 'No exchange rates are declared, so that nothing can be converted.',
      where: `${where}.in`,
    });
  }
  const known = [rates.base, ...rates.rates.keys()];
  if (known.includes(to)) return rates;
  throw new GantryError('query_value_not_allowed', {
    message: `There is no rate for "${to.slice(0, 20)}".`,
    where: `${where}.in`,
    suggestions: suggest(to, known),
    allowed: known.slice(0, limits.errorNamesMax),
  });
}

function currencySql(amount: ReturnType<typeof fieldSql>, path: string, where: string): string {
  if (amount.field.currency !== null) return `'${amount.field.currency.replaceAll("'", "''")}'`;
  const own = amount.currency?.field ?? null;
  if (own !== null) return own.sql;
  throw new GantryError('query_op_invalid', {
    message:
      amount.currency === undefined
        ? `"${path}" is no amount of money, so that it cannot be converted.`
        : `Which currency each "${path}" has is not visible to you, so that it cannot be converted.`,
    where,
  });
}

/** How old the oldest of today's rates is. */
function oldest(rates: CurrencyRates, on: string | null, today: string): { oldest_rate?: string } {
  if (on !== null) return {};
  const days = [...rates.rates.values()].flatMap((steps) => steps.findLast(({ from }) => from <= today)?.from ?? []);
  const first = days.toSorted()[0];
  return first === undefined ? {} : { oldest_rate: first };
}

/** A converted amount is a plain number. */
export const convertedType: Pick<Typed, 'kind' | 'whole'> = { kind: 'number', whole: false };
