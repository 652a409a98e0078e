import { GantryError, limits, type Json } from '../kernel/index.ts';
import type { Filter } from './ast.ts';

/** Where the parser stands, and what is left of the filter's limits. */
export interface FilterPlace {
  /** JSON path for errors: `filter.and[0]`. */
  readonly where: string;
  readonly depth: number;
  /** Shared by the whole filter, measures' `where` included. */
  readonly budget: { nodes: number };
  /** Mistakes found so far where all are wanted; null where the first one ends the parse. */
  readonly mistakes: GantryError[] | null;
  /** Parses a filter within this one. */
  readonly parse: (json: Json, place: FilterPlace) => Filter;
}

export function spend(place: FilterPlace): void {
  place.budget.nodes -= 1;
  if (place.depth <= limits.filterDepthMax && place.budget.nodes >= 0) return;
  throw new GantryError('query_too_large', {
    message:
      place.depth > limits.filterDepthMax
        ? `The filter is nested deeper than ${limits.filterDepthMax} levels.`
        : `The filter has more than ${limits.filterNodesMax} parts.`,
    where: place.where,
    fix: 'Use "in" for many values of one field, or ask in several queries.',
  });
}

/** Parses one of several parts: where all mistakes are wanted, the parts after a wrong one are read too. */
export function attempt(place: FilterPlace, parse: () => Filter): Filter {
  if (place.mistakes === null) return parse();
  try {
    return parse();
  } catch (error) {
    // Beyond the limits every further part would say the same.
    if (!(error instanceof GantryError) || error.code === 'query_too_large') throw error;
    place.mistakes.push(error);
    return { kind: 'and', all: [] };
  }
}

/** The caller's own words, short, in quotes. */
export function quoted(json: Json): string {
  const text = JSON.stringify(json);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
