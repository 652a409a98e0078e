import type { Filter } from './ast.ts';

/** What all has to hold, each by itself, so that the filter does. */
export const partsOf = (filter: Filter): readonly Filter[] =>
  filter.kind === 'and' ? filter.all.flatMap(partsOf) : [filter];
