import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** Plans of writes, for operators. All raise `not_found` for an unknown tenant, and `write_plan_unknown`. */
export interface WritePlanUseCases {
  /** Newest first. */
  list(
    operator: Operator,
    request: {
      readonly tenant: string;
      readonly agent: string | null;
      readonly state: string | null;
      readonly limit: number;
    },
  ): Promise<readonly JsonObject[]>;
  /** What it would do, what became of it, and its writes from `from` on. */
  show(
    operator: Operator,
    request: { readonly tenant: string; readonly plan: string; readonly from: number },
  ): Promise<JsonObject>;
  /** Raises what committing does. */
  commit(operator: Operator, request: { readonly tenant: string; readonly plan: string }): Promise<JsonObject>;
  /** Plans that take back what was written, one per agent and user. Raises `upstream_unavailable`. */
  undo(operator: Operator, request: UndoWrites): Promise<readonly JsonObject[]>;
  /** Raises `write_state_conflict`. */
  withdraw(
    operator: Operator,
    request: { readonly tenant: string; readonly plan: string; readonly reason: string | null },
  ): Promise<JsonObject>;
  /** Writes of the last days that failed, or of which a person has to say what became; these first. */
  deadWrites(
    operator: Operator,
    request: { readonly tenant: string; readonly days: number; readonly limit: number },
  ): Promise<readonly JsonObject[]>;
  /** A person's word on a write of which nobody can tell, or that failed. Raises `write_unknown`, `write_state_conflict`. */
  settle(operator: Operator, request: SettleWrite): Promise<JsonObject>;
  /** A person's word on a step that could not be taken back. Raises `write_plan_unknown`, `write_state_conflict`. */
  takeBack(operator: Operator, request: SayOnTakeBack): Promise<JsonObject>;
}

export interface UndoWrites {
  readonly tenant: string;
  readonly scope:
    | { readonly kind: 'plan'; readonly plan: string; readonly item: number | null }
    /** What was accepted then. */
    | { readonly kind: 'time'; readonly agent: string | null; readonly from: Date; readonly to: Date | null };
  /** Where somebody has changed since what we wrote. */
  readonly conflicts: 'refuse' | 'leave' | 'overwrite';
  /** Looks only. */
  readonly dryRun: boolean;
  readonly reason: string | null;
}

export interface SayOnTakeBack {
  readonly tenant: string;
  readonly plan: string;
  readonly step: number;
  readonly word: 'again' | 'leave' | 'leave_all';
  readonly reason: string | null;
}

export interface SettleWrite {
  readonly tenant: string;
  readonly plan: string;
  readonly item: number;
  readonly word: 'applied' | 'not_applied' | 'send_again';
  /** Of a new record that stands there. */
  readonly record: string | null;
  readonly reason: string | null;
}
