import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { CircuitState } from './circuit-state.ts';

/** What happens to budgets and circuits, for logs and alerts. */
export type BudgetEvent =
  /** The provider refused for too many calls: nobody calls the account (or what the limit counts) for so long. */
  | { readonly kind: 'budget_blocked'; readonly account: string; readonly limit: string; readonly ms: number }
  /** At the present rate nothing is left at `exhaustedAt`, before the limit resets. */
  | {
      readonly kind: 'budget_running_out';
      readonly account: string;
      readonly limit: string;
      readonly used: number;
      readonly of: number;
      readonly exhaustedAt: Date;
    }
  | {
      readonly kind: 'circuit_changed';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly from: CircuitState;
      readonly to: CircuitState;
      readonly retryAt: Date;
    }
  /** The database did not take what a process had to say; the process itself goes by it all the same. */
  | { readonly kind: 'budget_unkept'; readonly cause: unknown };
