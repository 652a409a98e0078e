import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** What happened, for operators. Implemented by src/app over audit. */
export interface AuditUseCases {
  /** The newest first. Raises `not_found`, `bad_request`. Both: of the whole installation where `tenant` is absent. */
  search(operator: Operator, request: AuditRequest): Promise<JsonObject>;
  /** Reads the whole chain and works it out anew, against the checkpoints that this installation has. Raises `not_found`. */
  verify(operator: Operator, request: { readonly tenant?: string }): Promise<JsonObject>;
}

/** Each absent: whatever it is. */
export interface AuditRequest {
  readonly tenant?: string;
  readonly about?: string;
  readonly agent?: string;
  readonly person?: string;
  readonly plan?: string;
  readonly connection?: string;
  readonly object?: string;
  readonly model?: string;
  readonly kind?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly amountFrom?: number;
  readonly amountTo?: number;
  /** `next` of the page before. */
  readonly before?: number;
  readonly limit: number;
}

/** What has to hold before agents write in earnest. Implemented by src/app over everything. */
export interface ChecklistUseCases {
  /** Each line with its evidence, of one tenant or of all but the one for rehearsals. Raises `not_found`. */
  run(operator: Operator, request: { readonly tenant?: string }): Promise<JsonObject>;
}

/** Stopping, and letting go on. Implemented by src/app over switches. */
export interface SwitchUseCases {
  /** Of the whole installation where `tenant` is absent; `lifted`: those that are over as well. Raises `not_found`. */
  list(
    operator: Operator,
    request: { readonly tenant?: string; readonly limit: number },
  ): Promise<readonly JsonObject[]>;
  /** Holds from the answer on. Raises `not_found`, `switch_scope_unknown`. */
  throw(operator: Operator, request: SwitchRequest): Promise<JsonObject>;
  /**
   * The first person asks, another one grants: only then it is over. Raises
   * `not_found`, `switch_needs_second_person`, `switch_lifted`.
   */
  lift(
    operator: Operator,
    request: { readonly tenant?: string; readonly id: number; readonly reason: string; readonly by: string | null },
  ): Promise<JsonObject>;
}

export interface SwitchRequest {
  /** Absent: everything, of everybody. */
  readonly tenant?: string;
  readonly mode: string;
  /** At most one thing; with none it is the whole tenant. */
  readonly connection?: string;
  readonly object?: string;
  readonly operation?: string;
  readonly agent?: string;
  readonly principal?: string;
  readonly reason: string;
  readonly by: string | null;
}
