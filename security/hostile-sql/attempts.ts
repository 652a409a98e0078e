import { crossings } from './kinds/crossings.ts';
import { evasions } from './kinds/evasions.ts';
import { inferences } from './kinds/inferences.ts';
import { loads } from './kinds/loads.ts';
import { outOfBounds } from './kinds/out-of-bounds.ts';

/** Statements by kind of attack: at least 25 kinds. */
export type Kinds = Readonly<Record<string, readonly string[]>>;

export const attempts: Kinds = { ...inferences, ...crossings, ...outOfBounds, ...evasions, ...loads };

/** Kinds that try to hold others up: while one runs, a colleague asks something. */
export const heavyKinds: ReadonlySet<string> = new Set(Object.keys(loads));

/** Kinds of which nothing at all is answered. */
export const refusedKinds: ReadonlySet<string> = new Set([
  'system_functions',
  'system_tables',
  'files',
  'statements',
  'dynamic_sql',
  'inner_columns',
]);
