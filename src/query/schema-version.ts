import type { QueryScope } from './types.ts';

/** Short, because every answer carries it: it only has to differ from the one before. */
export const schemaVersion = (scope: QueryScope): string => scope.version.slice(0, 8);
