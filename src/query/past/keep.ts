import { limits } from '../../kernel/index.ts';
import type { QueryScope } from '../types.ts';

/** Earlier versions that ended before then are not told, even where they are still stored. */
export function historyStart(scope: QueryScope, now: Date): Date {
  const days = scope.policies?.history.keepDays ?? limits.historyKeepDays;
  return new Date(now.getTime() - days * DAY_MS);
}

const DAY_MS = 86_400_000;
