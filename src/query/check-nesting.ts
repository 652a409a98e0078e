import { GantryError, limits, type Json } from '../kernel/index.ts';
import type { QueryRequest } from './types.ts';

/**
 * Refuses what is nested so deep that walking it by recursion could run out of
 * stack. Comes before everything else that reads the request; the filter's own
 * limits are tighter and say more. Raises `query_too_large`.
 */
export function checkNesting(request: QueryRequest): void {
  for (const [where, part] of Object.entries<Json | undefined>({ ...request })) {
    let level: readonly Json[] = part === undefined ? [] : [part];
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth > limits.queryNestingMax) {
        throw new GantryError('query_too_large', {
          message: `"${where}" is nested deeper than ${limits.queryNestingMax} levels.`,
          where,
        });
      }
      level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values<Json>(item) : []));
    }
  }
}
