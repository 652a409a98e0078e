import type { Json, JsonObject } from '../../kernel/index.ts';
import type { CurrencyRates, ImpactExpression, ImpactTerm, Model } from '../../manifest/index.ts';
import type { RecordWriter } from '../../mapping/index.ts';
import { stepResult } from '../steps/step-result.ts';
import type { Impact } from '../types.ts';
import type { Draft } from './draft.ts';
import { isAmount, isCurrency } from './native-money.ts';
import { currenciesWritten, uncountedMoney } from './uncounted-money.ts';

/** An amount and what it is in; `unknown`: there is one, and nobody can tell how much. */
type Worth =
  { readonly kind: 'money'; readonly amount: number; readonly currency: string | null } | { readonly kind: 'unknown' };

export interface Reckoning {
  readonly expression: ImpactExpression | null;
  readonly rates: CurrencyRates | null;
  /** `2026-11-21`: the rates of that day hold. */
  readonly day: string;
  /** Native fields of a target in which money stands. */
  readonly moneyIn: (target: Draft['target']) => ReadonlySet<string>;
}

/**
 * What a plan moves, in the base currency of the tenant's rates, or where all
 * of it is in one currency, in that one. `expression`: of the operation, where
 * it declares one; else what the changed amounts of money differ by. What
 * nobody can tell makes the whole unknown, never less. `worths`: what each
 * record moves, as a plan of it alone would, known also where the whole is not.
 */
export function impactOf(
  drafts: readonly Draft[],
  about: Reckoning,
): { readonly impact: Impact; readonly worths: ReadonlyMap<Draft, Impact> } {
  const { expression, moneyIn } = about;
  const each = drafts.map((draft) =>
    expression === null ? changedMoney(draft, moneyIn) : [worthOf(draft, expression)],
  );
  return {
    impact: summedUp(each.flat(), drafts.length, about),
    worths: new Map(drafts.map((draft, at) => [draft, summedUp(each[at] ?? [], 1, about)])),
  };
}

function summedUp(worths: readonly Worth[], records: number, { expression, rates, day }: Reckoning): Impact {
  const how = expression === null ? 'what the changed amounts differ by' : 'what the operation declares';
  const moved = worths.filter((worth) => worth.kind === 'unknown' || worth.amount !== 0);
  if (moved.length === 0) return { records, amount: 0, currency: null, why: 'It changes no amount of money.' };
  const unknown = (why: string): Impact => ({ records, amount: null, currency: null, why });
  const known = moved.filter((worth) => worth.kind === 'money');
  if (known.length < moved.length) return unknown('An amount is missing, or nobody can tell which currency it is in.');
  const currencies = new Set(known.map(({ currency }) => currency));
  const [only = null] = currencies;
  if (currencies.size === 1 && (rates === null || only === rates.base)) {
    return {
      records,
      amount: rounded(sumOf(known.map(({ amount }) => amount))),
      currency: only,
      why: `Sum of ${how}.`,
    };
  }
  if (rates === null) return unknown('The amounts are in several currencies, and no rates are declared.');
  const converted = known.map(({ amount, currency }) => inBase(amount, currency, rates, day));
  if (converted.includes(null)) return unknown('There is no rate of that day for a currency.');
  const sum = sumOf(converted.filter((amount) => amount !== null));
  return { records, amount: rounded(sum), currency: rates.base, why: `Sum of ${how}, by ${rates.source} of ${day}.` };
}

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + Math.abs(amount), 0);
/** To hundredths: what a sum of floats leaves behind them is no money. */
export const rounded = (amount: number): number => Math.round(amount * 100) / 100;

/** A rate is units of the currency for one of the base. */
function inBase(amount: number, currency: string | null, { base, rates }: CurrencyRates, day: string): number | null {
  if (currency === base) return amount;
  const rate = currency === null ? undefined : rates.get(currency)?.findLast(({ from }) => from <= day)?.rate;
  return rate === undefined ? null : amount / rate;
}

/** Each native amount once, however many model fields show it. One that the caller is not shown is unknown: no answer may tell it. */
function changedMoney(draft: Draft, moneyIn: (target: Draft['target']) => ReadonlySet<string>): Worth[] {
  const { target, operation, recordId, stored, values } = draft;
  const { model, writer } = target;
  const money = moneyIn(target);
  if (model === null || writer === null) return changedNative(draft, money);
  const changed = new Set(draft.changes.map(({ field }) => field));
  const currencies = currenciesWritten(draft);
  const after = afterOf(draft);
  const byNative = new Map<string, readonly Worth[]>();
  for (const field of model.fields.values()) {
    if (!isAmount(field)) continue;
    const inOther = field.currencyField !== null && changed.has(field.currencyField);
    if (operation !== 'delete' && !changed.has(field.name) && !inOther) continue;
    const native = nativeIn(writer, field.name) ?? field.name;
    // Of an amount that is written only a field by which it is written tells.
    if (!changed.has(field.name) && Object.hasOwn(values, native)) continue;
    if (draft.hidden.has(field.name)) {
      if (!byNative.has(native)) byNative.set(native, [{ kind: 'unknown' }]);
      continue;
    }
    const told = isTold(draft, field.name);
    // What this system has no field for, or keeps in another record, stays as it is.
    if (!told && !changed.has(field.name) && stored !== null) continue;
    const own = field.currencyField === null ? null : nativeIn(writer, field.currencyField);
    const elsewhere = currencies.filter((name) => recordId !== null || values[name] !== field.currency);
    // By the model it is in one currency, by the record in another.
    if (!told || elsewhere.some((name) => name !== own)) {
      if (!byNative.has(native)) byNative.set(native, [{ kind: 'unknown' }]);
      continue;
    }
    const before = {
      amount: numberOf(draft.before.get(field.name)),
      currency: currencyIn(draft.before, model, field.name),
    };
    const now = {
      amount: operation === 'delete' ? 0 : numberOf(after.get(field.name)),
      currency: currencyOf(draft, model, field.name),
    };
    if (byNative.get(native)?.every(({ kind }) => kind === 'money') !== true)
      byNative.set(native, movedBetween(before, now));
  }
  const uncounted = uncountedMoney(draft, { writer, money, counted: new Set(byNative.keys()) });
  return [...[...byNative.values()].flat(), ...uncounted.map((): Worth => ({ kind: 'unknown' }))];
}

function nativeIn({ fields }: Pick<RecordWriter, 'fields'>, name: string): string | null {
  const inverse = fields.get(name);
  return inverse?.kind === 'value' || inverse?.kind === 'lookup' ? inverse.field.name : null;
}

/** Whether it is known here what stands in a field: of a record, or a field, that is made it is nothing. */
function isTold({ recordId, target: { writer }, before, makes }: Draft, name: string): boolean {
  if (recordId === null || makes.some(({ wish }) => wish.name === name)) return true;
  return before.has(name) && writer?.reads.has(name) !== false;
}

interface Money {
  /** Null: nobody can tell. */
  readonly amount: number | null;
  readonly currency: string | null;
}

/** What the two differ by; in another currency one amount goes and another comes, and both are moved. */
function movedBetween(before: Money, now: Money): readonly Worth[] {
  const [was, is] = [before.amount, now.amount];
  if (was === null || is === null) return [{ kind: 'unknown' }];
  const isOther = was !== 0 && is !== 0 && before.currency !== now.currency;
  const moved = isOther
    ? [
        { amount: was, currency: before.currency },
        { amount: is, currency: now.currency },
      ]
    : [{ amount: is - was, currency: is === 0 ? before.currency : now.currency }];
  return moved.map(({ amount, currency }) =>
    currency === null && amount !== 0 ? { kind: 'unknown' } : { kind: 'money', amount, currency },
  );
}

/** A native amount does not say which currency it is in; with another currency the amounts that stand there move, too. */
function changedNative({ target, values, stored, operation, hidden }: Draft, money: ReadonlySet<string>): Worth[] {
  const { fields } = target.stream.object;
  const moves =
    operation === 'delete' || fields.some((field) => isCurrency(field) && Object.hasOwn(values, field.name));
  const touched = [...money].filter((name) => {
    const there = stored?.[name] ?? null;
    return Object.hasOwn(values, name) || (moves && (hidden.has(name) || (there !== null && there !== 0)));
  });
  return touched.map(() => ({ kind: 'unknown' }));
}

function worthOf(draft: Draft, expression: ImpactExpression): Worth {
  if (!('of' in expression)) return termWorth(draft, expression);
  const terms = expression.of.map((term) => termWorth(draft, term));
  const known = terms.filter((term) => term.kind === 'money');
  if (known.length < terms.length) return { kind: 'unknown' };
  const currencies = new Set(known.map(({ currency }) => currency).filter((currency) => currency !== null));
  const [currency = null, second] = currencies;
  if (second !== undefined) return { kind: 'unknown' };
  const amounts = known.map(({ amount }) => amount);
  const amount =
    expression.kind === 'sum'
      ? amounts.reduce((sum, each) => sum + each, 0)
      : amounts.reduce((product, each) => product * each, 1);
  return { kind: 'money', amount, currency };
}

function termWorth(draft: Draft, term: ImpactTerm): Worth {
  if (term.kind === 'number') return { kind: 'money', amount: term.value, currency: null };
  const { model } = draft.target;
  const after = draft.operation === 'delete' ? draft.before : afterOf(draft);
  const value = after.get(term.field);
  if (typeof value !== 'number') return { kind: 'unknown' };
  const currency = model === null ? null : currencyOf(draft, model, term.field);
  if (term.kind === 'field') return { kind: 'money', amount: value, currency };
  const was = isTold(draft, term.field) ? numberOf(draft.before.get(term.field)) : null;
  const isOther = model !== null && currencyIn(draft.before, model, term.field) !== currency;
  if (was === null || (isOther && was !== 0)) return { kind: 'unknown' };
  return { kind: 'money', amount: value - was, currency };
}

/** Nothing is nothing; null: something is there, and nobody can tell how much. */
function numberOf(value: Json | undefined): number | null {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The record as it will be, in the words that were asked in. */
export function afterOf({ before, changes }: Pick<Draft, 'before' | 'changes'>): ReadonlyMap<string, Json> {
  return new Map([...before, ...changes.map(({ field, after }) => [field, after] as const)]);
}

const currencyOf = (draft: Draft, model: Model, name: string): string | null => currencyIn(afterOf(draft), model, name);

function currencyIn(values: ReadonlyMap<string, Json>, model: Model, name: string): string | null {
  const field = model.fields.get(name);
  if (field === undefined) return null;
  if (field.currency !== null) return field.currency;
  const own = field.currencyField === null ? null : values.get(field.currencyField);
  return typeof own === 'string' ? own : null;
}

/** Of each field as it was and as it will be, what conditions of the policy look at. */
export function policyRow(draft: Draft, asked: ReadonlySet<string>): JsonObject {
  const row: { [path: string]: Json } = {};
  const put = (path: string, value: Json): void => {
    if (asked.has(path) && stepResult(value) === null) row[path] = value;
  };
  for (const [name, value] of draft.before) put(`before.${name}`, value);
  if (draft.operation !== 'delete') for (const [name, value] of afterOf(draft)) put(`after.${name}`, value);
  return row;
}
