import type { CatalogueObject, MatchJoin, ViewPart } from '../catalogue.ts';
import { quoteName } from '../sql-text.ts';
import { viewSelect } from '../view-select.ts';
import { seenIds } from './seen-ids.ts';

/** What can be told of a match: everything, nothing, or what comes of these values with these answers. */
export type VisibleMatch = 'all' | 'none' | NonNullable<MatchJoin['visible']>;

/**
 * All records decide what a value finds. Of that, those who see some of the
 * model's records only are told what visible ones show: one has the value, and
 * a row that they see has the answer. `shown` are the model's parts as they
 * are shown, with the columns of the match.
 */
export function visibleMatch(
  { by, on, keys }: MatchJoin,
  target: CatalogueObject | undefined,
  shown: readonly ViewPart[],
): VisibleMatch {
  const { parts = [], merge } = target ?? {};
  if (!tells(shown, by) || !tells(shown, on)) return 'none';
  if (shown.length === parts.length && shown.every((part, at) => isWhole(part, parts[at]))) return 'all';
  const values = shown
    .map((part, at) => ({ part, at }))
    .filter(({ part }) => tells([part], by))
    .map(({ part, at }) => `select x.k from ${keys} x where x.part = ${part.member ?? at}${seenIds('x.id', part)}`);
  const answer = quoteName(on);
  const rows = viewSelect(shown, merge === undefined ? null : reordered(merge, shown), new Set([on]));
  return { values: values.join(' union all '), answers: `select ${answer} from (${rows}) where ${answer} is not null` };
}

const tells = (parts: readonly ViewPart[], field: string): boolean =>
  parts.some(({ columns }) =>
    columns.some(({ name, uses, masked }) => name === field && uses !== undefined && masked !== true),
  );

const isWhole = (part: ViewPart, before: ViewPart | undefined): boolean =>
  (part.classes ?? 'all') === 'all' &&
  part.columns.every((column) => before?.columns.find(({ name }) => name === column.name) === column);

/** The parts that decide each column, by their places among those that are left. */
export function reordered<Merge extends { readonly order: ReadonlyMap<string, readonly number[]> }>(
  merge: Merge,
  shown: readonly ViewPart[],
): Merge {
  const places = new Map(shown.map((part, at) => [part.member ?? at, at]));
  const order = [...merge.order].map(([name, parts]) => [name, parts.flatMap((at) => places.get(at) ?? [])] as const);
  return { ...merge, order: new Map(order) };
}
