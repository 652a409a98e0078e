import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** Whom an operator asks to be erased. */
export interface ErasureRequest {
  readonly tenant: string;
  readonly email: string | null;
  /** Users of the product, as it names them. */
  readonly users: readonly string[];
  readonly records: readonly { readonly connection: string; readonly object: string; readonly id: string }[];
  /** What else they are named by in texts of others. */
  readonly texts: readonly string[];
  /** Fields of others' records that name them are emptied, too. */
  readonly mentions: boolean;
  readonly note: string | null;
  /** Who, where the operator's key says less. */
  readonly by: string | null;
}

/** People's data and tenants that leave, for operators. */
export interface ErasureUseCases {
  /** What would go: counts by place and object, no values. Raises `erasure_too_large`, `not_found`, `bad_request`. */
  report(operator: Operator, request: ErasureRequest): Promise<JsonObject>;
  /** Begins, and waits for the end for a while: the answer says how far it is. */
  erase(operator: Operator, request: ErasureRequest): Promise<JsonObject>;
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  show(operator: Operator, request: OfErasure): Promise<JsonObject>;
  /** What was left out comes in again when its source next tells of it. Raises `erasure_state_conflict`. */
  lift(operator: Operator, request: OfErasure & { readonly by: string | null }): Promise<JsonObject>;
}

export interface OfErasure {
  readonly tenant: string;
  readonly erasure: number;
}

export interface OffboardingUseCases {
  /** Closes all doors at once; the rest goes on by itself. Raises `offboarding_unconfirmed`, `not_found`. */
  begin(
    operator: Operator,
    request: {
      readonly tenant: string;
      readonly confirm: string;
      readonly note: string | null;
      readonly by: string | null;
    },
  ): Promise<JsonObject>;
  /** Newest first. */
  list(operator: Operator): Promise<readonly JsonObject[]>;
  show(operator: Operator, request: { readonly offboarding: number }): Promise<JsonObject>;
}
