import type { Json } from '../../kernel/index.ts';
import type { CurrencyRates } from '../../manifest/index.ts';
import { param, type CompileContext } from './context.ts';

/** From each day on, oldest first: what one unit of a currency is worth in another. */
export interface FactorSteps {
  readonly code: string;
  readonly days: readonly { readonly from: string; readonly factor: number }[];
}

/**
 * A relation of what one unit of each currency (`c`) is worth in `to` (`f`),
 * from each day (`d`) on, or with `today` as of then. The lists are long, so
 * that a statement carries those of one target once, however often it converts.
 */
export function currencyTable(context: CompileContext, rates: CurrencyRates, to: string, today: string | null): string {
  const tables = carried.get(context.params) ?? new Map<string, string>();
  carried.set(context.params, tables);
  const key = `${to} ${today ?? ''}`;
  const table = tables.get(key) ?? tableSql(context, stepsInForce(rates, to, today));
  tables.set(key, table);
  return table;
}

// By the parameters of a statement, which the relations refer to.
const carried = new WeakMap<readonly Json[], Map<string, string>>();

function stepsInForce(rates: CurrencyRates, to: string, today: string | null): readonly FactorSteps[] {
  const steps = factorSteps(rates, to);
  if (today === null) return steps;
  return steps.map(({ code, days }) => ({ code, days: days.filter((day) => day.from <= today).slice(-1) }));
}

function tableSql(context: CompileContext, steps: readonly FactorSteps[]): string {
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

/** Worked out once for each revision of the rates: years of daily rates are many. */
function factorSteps(rates: CurrencyRates, to: string): readonly FactorSteps[] {
  const known = made.get(rates) ?? new Map<string, readonly FactorSteps[]>();
  made.set(rates, known);
  const steps =
    known.get(to) ??
    [rates.base, ...rates.rates.keys()].map((code) => ({
      code,
      days: code === to ? [{ from: EVER, factor: 1 }] : factorsOf(stepsOf(rates, code), stepsOf(rates, to)),
    }));
  known.set(to, steps);
  return steps;
}

const made = new WeakMap<CurrencyRates, Map<string, readonly FactorSteps[]>>();

const EVER = '0001-01-01';

type RateSteps = readonly { readonly from: string; readonly rate: number }[];

const stepsOf = (rates: CurrencyRates, code: string): RateSteps =>
  code === rates.base ? [{ from: EVER, rate: 1 }] : (rates.rates.get(code) ?? []);

/** At each day on which either rate begins to hold, where both are known by then. */
function factorsOf(own: RateSteps, target: RateSteps): FactorSteps['days'] {
  const [ownOn, targetOn] = [rateOnLaterDays(own), rateOnLaterDays(target)];
  const days = [...new Set([...own, ...target].map(({ from }) => from))].toSorted();
  return days.flatMap((from) => {
    const [unit, worth] = [ownOn(from), targetOn(from)];
    return unit === null || worth === null ? [] : [{ from, factor: worth / unit }];
  });
}

/** The rate in force on a day; asked for days in order. */
function rateOnLaterDays(steps: RateSteps): (day: string) => number | null {
  let next = 0;
  return (day) => {
    for (let step = steps[next]; step !== undefined && step.from <= day; step = steps[next]) next += 1;
    return steps[next - 1]?.rate ?? null;
  };
}
