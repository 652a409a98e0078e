import fc from 'fast-check';
import type { Json } from '../../src/kernel/index.ts';
import { filterOver, operandsOfDeal } from './generate.ts';
import type { GrantSpec } from './world.ts';

/** The models, with a rule about rows where one is given. */
export const grantOf = (limits: Readonly<Record<string, Json>>): GrantSpec =>
  Object.fromEntries(
    ['deal', 'account', 'ticket', 'user'].map((model) => [
      model,
      limits[model] === undefined ? {} : { where: limits[model] },
    ]),
  );

/** A list of deals, page by page. */
export const question = fc.record({
  filter: filterOver('deal'),
  fields: fc.uniqueArray(fc.constantFrom(...operandsOfDeal), {
    minLength: 1,
    maxLength: 4,
    selector: (item) => JSON.stringify(item),
  }),
  sort: fc.array(
    fc.record({ field: fc.constantFrom(...operandsOfDeal), dir: fc.constantFrom('asc' as const, 'desc' as const) }),
    {
      maxLength: 2,
    },
  ),
  pageRows: fc.integer({ min: 1, max: 6 }),
});

/** Averages differ in the last bits between two ways of adding up. */
export const rounded = (row: readonly Json[]): Json[] =>
  row.map((value) => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value));
