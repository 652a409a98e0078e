import type { Clock, Random } from '../kernel/index.ts';
import type { Db } from '../store/index.ts';
import type { BudgetEvent } from './events.ts';

/** What the parts of this folder stand on. */
export interface BudgetDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: BudgetEvent) => void;
}
