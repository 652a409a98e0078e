import type { RelatedMeasure } from '../../filter/index.ts';
import { GantryError, limits, suggest, type Json } from '../../kernel/index.ts';
import type { CurrencyRates } from '../../manifest/index.ts';
import type { Conversion } from '../types.ts';
import { alias, param, spendJoin, type CompileContext } from './context.ts';
import { fieldSql, fromSql, type Frame } from './frame.ts';
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
  spendJoin(context, frame.reach);
  const name = alias(context, 'x');
  const today = context.now.toISOString().slice(0, 10);
  const steps = factorSteps(rates, to);
  if (on === null) {
    frame.joins.push(() => {
      const table = factorTable(
        context,
        steps.map(({ code, days }) => ({ code, days: days.filter((day) => day.from <= today).slice(-1) })),
      );
      return `left join ${table} as ${name} on ${name}.c = ${currency}`;
    });
  } else {
    const day = fieldSql(frame, on, `${where}.on`);
    if (day.field.type !== 'date' && day.field.type !== 'datetime') {
      throw new GantryError('query_op_invalid', { message: `"${on}" is not a date.`, where: `${where}.on` });
    }
    frame.joins.push(
      () =>
        `asof left join ${factorTable(context, steps)} as ${name} on ${name}.c = ${currency} and cast(${day.sql} as date) >= ${name}.d`,
    );
  }
  frame.converted.push({ amount: amount.sql, factor: `${name}.f`, currency });
  const sql = `round(cast(${amount.sql} as double) * ${name}.f, 2)`;
  return { sql, about: { to, rates_from: rates.source, on: on ?? today, ...oldest(rates, on, today) } };
}

/** Written with the rest of the statement, since every parameter must appear in it. */
function factorTable(context: CompileContext, steps: readonly FactorSteps[]): string {
  const rows = steps.flatMap(({ code, days }) => days.map((day) => ({ code, ...day })));
  const list = (values: readonly Json[], type: string): string =>
    `unnest(cast(${param(context, values)} as ${type}[]))`;
  const codes = list(
    rows.map(({ code }) => code),
    'varchar',
  );
  const days = list(
    rows.map(({ from }) => from),
    'date',
  );
  const factors = list(
    rows.map(({ factor }) => factor),
    'double',
  );
  return `(select ${codes} as c, ${days} as d, ${factors} as f)`;
}

/** Currencies of this frame's amounts that had no rate, as a SELECT; null where nothing is converted. */
export function unconvertedSql(frame: Frame, condition: string): string | null {
  if (frame.converted.length === 0) return null;
  return frame.converted
    .map(
      ({ amount, factor, currency }) =>
        `select distinct coalesce(${currency}, '') as c ${fromSql(frame)} where ${condition} and ${amount} is not null and ${factor} is null`,
    )
    .join(' union ');
}

/** One more column of the whole statement, the same in every row: currencies without a rate. */
export function unconvertedColumn({ unconverted }: CompileContext): string[] {
  if (unconverted.length === 0) return [];
  return [`(select list(c order by c) from (${unconverted.join(' union ')}))`];
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

interface FactorSteps {
  readonly code: string;
  /** From each day on: what one unit is worth. */
  readonly days: readonly { readonly from: string; readonly factor: number }[];
}

/** What one unit of each currency is worth in `to`, oldest first. */
function factorSteps(rates: CurrencyRates, to: string): FactorSteps[] {
  return [rates.base, ...rates.rates.keys()].map((code) => {
    if (code === to) return { code, days: [{ from: EVER, factor: 1 }] };
    const days = new Set([...stepsOf(rates, code), ...stepsOf(rates, to)].map(({ from }) => from));
    return {
      code,
      days: [...days].toSorted().flatMap((from) => {
        const [own, target] = [rateOn(rates, code, from), rateOn(rates, to, from)];
        return own === null || target === null ? [] : [{ from, factor: target / own }];
      }),
    };
  });
}

const EVER = '0001-01-01';

const stepsOf = (rates: CurrencyRates, code: string): readonly { readonly from: string; readonly rate: number }[] =>
  code === rates.base ? [{ from: EVER, rate: 1 }] : (rates.rates.get(code) ?? []);

const rateOn = (rates: CurrencyRates, code: string, day: string): number | null =>
  stepsOf(rates, code).findLast(({ from }) => from <= day)?.rate ?? null;

/** How old the oldest of today's rates is. */
function oldest(rates: CurrencyRates, on: string | null, today: string): { oldest_rate?: string } {
  if (on !== null) return {};
  const days = [...rates.rates.values()].flatMap((steps) => steps.findLast(({ from }) => from <= today)?.from ?? []);
  const first = days.toSorted()[0];
  return first === undefined ? {} : { oldest_rate: first };
}

/** A converted amount is a plain number. */
export const convertedType: Pick<Typed, 'kind' | 'whole'> = { kind: 'number', whole: false };
