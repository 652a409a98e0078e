import { quoteName } from '../sql-text.ts';

/** Quoted. Names of models and fields have no dots. */
export const derivedTable = (...names: readonly string[]): string => `"_derived".${quoteName(names.join('.'))}`;
