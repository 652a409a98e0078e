import type { World } from '../../world/index.ts';

/** Some of the world's opportunities in their order, numbered from 0. */
export interface Subset {
  readonly count: number;
  /** The opportunity at a place. */
  at(place: number): number;
  /** The place of an opportunity, or null. */
  placeOf(opportunity: number): number | null;
}

/** The ERP keeps renewals apart from other deals, and orders for those that were won. */
export interface Deals {
  readonly opportunities: Subset;
  readonly renewals: Subset;
  readonly won: Subset;
}

/** Which deal is of which kind is found out once, when the first question about deals comes. */
export function dealsOf(world: World): Deals {
  let known: Readonly<Record<keyof Deals, Int32Array>> | null = null;
  const indexes = (): Readonly<Record<keyof Deals, Int32Array>> => (known ??= sorted(world));
  const subset = (name: keyof Deals): Subset => ({
    get count() {
      return indexes()[name].length;
    },
    at: (place) => indexes()[name][place] ?? 0,
    placeOf: (opportunity) => placeIn(indexes()[name], opportunity),
  });
  return { opportunities: subset('opportunities'), renewals: subset('renewals'), won: subset('won') };
}

function sorted(world: World): Readonly<Record<keyof Deals, Int32Array>> {
  const lists: Record<keyof Deals, number[]> = { opportunities: [], renewals: [], won: [] };
  for (let index = 0; index < world.counts.opportunities; index += 1) {
    const { kind, stage } = world.opportunity(index);
    if (kind === 'Verlängerung') lists.renewals.push(index);
    else lists.opportunities.push(index);
    if (kind !== 'Verlängerung' && stage === 'Gewonnen') lists.won.push(index);
  }
  return {
    opportunities: Int32Array.from(lists.opportunities),
    renewals: Int32Array.from(lists.renewals),
    won: Int32Array.from(lists.won),
  };
}

function placeIn(list: Int32Array, wanted: number): number | null {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return list[low] === wanted ? low : null;
}
