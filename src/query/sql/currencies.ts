import { isJsonObject, type Json } from '../../kernel/index.ts';
import type { ExpressionPlace } from './expression-place.ts';
import { listOf, namesIn, sqlError, textOf } from './nodes.ts';
import { findColumn, isMark, pinOf, union, type Facts, type Pins } from './scope.ts';

/*
 * Amounts come with what is known of their currency: an ISO code, or for a
 * field with a currency per record a mark, `#` and the column of one table of
 * the statement that holds it. A mark is as good as one currency where that
 * column is known to have one value: pinned by a condition or a group.
 */

export function withPins(place: ExpressionPlace, pins: Pins): ExpressionPlace {
  if (pins.size === 0) return place;
  return { ...place, scope: { ...place.scope, pins: new Map([...(place.scope.pins ?? []), ...pins]) } };
}

/**
 * Among what amounts are taken together. `record`: values of one record, of
 * which a mark is one currency. `group`: records of one group, which a group
 * may hold to one. `all`: records of the whole answer.
 */
type Reach = 'record' | 'group' | 'all';

/** Raises `query_currency_mixed` where these amounts are of several currencies. */
export function requireOneCurrency(
  place: ExpressionPlace,
  node: Json | undefined,
  facts: readonly Facts[],
  reach: Reach,
): void {
  const currencies = new Set([...union(...facts)].map((one) => pinOf(place.scope, one) || one));
  const loose = [...currencies].some((one) => isMark(one) && !isHeld(pinOf(place.scope, one), reach));
  if (currencies.size < 2 && !loose) return;
  const codes = [...currencies].filter((one) => !isMark(one)).toSorted();
  const message = loose
    ? 'These amounts are each in a currency of their own, so that they cannot be taken together as they are.'
    : `Amounts in ${codes.length < 2 ? 'several currencies' : codes.join(' and ')} cannot be taken together.`;
  throw sqlError(place.statement, node, {
    code: 'query_currency_mixed',
    message,
    ...(loose ? { fix: 'Keep to one currency with WHERE, or GROUP BY the currency; query_records can convert.' } : {}),
  });
}

const isHeld = (pin: string | null | undefined, reach: Reach): boolean =>
  reach === 'record' || (pin === null ? reach === 'group' : pin !== undefined);

/** Comparing an amount with a plain number says something of one currency only; with zero, of any. */
export function requireComparable(
  place: ExpressionPlace,
  node: Json | undefined,
  operands: readonly { readonly node: Json | undefined; readonly facts: Facts }[],
): void {
  const telling = operands.filter((operand) => !isZero(operand.node));
  const within = telling.length < 2 || telling.every(({ facts }) => facts.currencies.size > 0);
  requireOneCurrency(
    place,
    node,
    operands.map(({ facts }) => facts),
    within ? 'record' : 'all',
  );
}

function isZero(node: Json | undefined): boolean {
  const value = isJsonObject(node) && textOf(node, 'class') === 'CONSTANT' ? node['value'] : undefined;
  return isJsonObject(value) && Number(value['value']) === 0 && value['is_null'] !== true;
}

/** What a condition keeps at one value: `currency = 'EUR'`, alone or joined to others by AND. */
export function pinsOfCondition(node: Json | undefined, place: ExpressionPlace): Pins {
  if (!isJsonObject(node)) return new Map();
  if (textOf(node, 'class') === 'CONJUNCTION' && textOf(node, 'type') === 'CONJUNCTION_AND') {
    return new Map(listOf(node, 'children').flatMap((child) => [...pinsOfCondition(child, place)]));
  }
  if (textOf(node, 'class') !== 'COMPARISON' || textOf(node, 'type') !== 'COMPARE_EQUAL') return new Map();
  const { left, right } = node;
  return new Map([...pinTo(left, right, place), ...pinTo(right, left, place)]);
}

function pinTo(column: Json | undefined, to: Json | undefined, place: ExpressionPlace): [string, string | null][] {
  const mark = markOf(column, place);
  const value = isJsonObject(to) && textOf(to, 'class') === 'CONSTANT' ? to['value'] : undefined;
  const code = isJsonObject(value) ? value['value'] : undefined;
  return mark === null || typeof code !== 'string' ? [] : [[mark, code]];
}

/** What is the same within each group (null), or wherever rows are compared at all (`''`: within a partition, or after ordering by it). */
export function pinsOfGroups(
  groups: readonly (Json | undefined)[],
  place: ExpressionPlace,
  pin: '' | null = null,
): Pins {
  return new Map(
    groups.flatMap((group) => {
      const mark = markOf(group, place);
      return mark === null ? [] : [[mark, pin] as const];
    }),
  );
}

/**
 * The mark that a plain column of currencies stands for. What means nothing
 * here is refused where it is checked; no error is made for it, which would
 * look for similar names at each of a thousand conditions.
 */
function markOf(node: Json | undefined, place: ExpressionPlace): string | null {
  if (!isJsonObject(node) || textOf(node, 'class') !== 'COLUMN_REF') return null;
  const found = findColumn(place.scope, namesIn(node, 'column_names'));
  return found !== null && 'marks' in found ? (found.marks ?? null) : null;
}
