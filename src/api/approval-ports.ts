import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

export type ApprovalVerdict = 'approve' | 'deny' | 'fine' | 'object';

export interface ApprovalSaid {
  readonly verdict: ApprovalVerdict;
  readonly reason: string | null;
  /** `seen` of what was shown; null: none was. */
  readonly seen: string | null;
}

/** What waits for people, and their decisions. Implemented by src/app/approvals. All raise `not_found` for an unknown tenant. */
export interface ApprovalUseCases {
  /** Of one tenant or of all; without the values that would be written. */
  list(
    operator: Operator,
    request: { readonly tenant?: string; readonly decided: boolean; readonly plan?: string; readonly limit: number },
  ): Promise<readonly JsonObject[]>;
  /** Raises `approval_unknown`. */
  show(operator: Operator, request: OfApproval): Promise<JsonObject>;
  /** Raises the approval family's errors. */
  decide(operator: Operator, request: OfApproval & ApprovalSaid): Promise<JsonObject>;
  /** Raises `approval_unknown`, `approval_over`, `approval_own_request`, `approval_needs_person`. */
  breakGlass(
    operator: Operator,
    request: { readonly tenant: string; readonly plan: string; readonly reason: string; readonly seen: string | null },
  ): Promise<JsonObject>;
  /** Trials of the project, with what became of what their agents wanted in the last days. */
  pilots(
    operator: Operator,
    request: { readonly tenant: string; readonly days: number },
  ): Promise<readonly JsonObject[]>;
  delegations(operator: Operator): Promise<readonly JsonObject[]>;
  /** `from` null: one's own. Raises `delegation_invalid`, `approval_needs_person`, `role_required`. */
  delegate(
    operator: Operator,
    request: {
      readonly from: string | null;
      readonly to: string;
      readonly since: Date | null;
      readonly until: Date;
    },
  ): Promise<JsonObject>;
  /** Raises `delegation_unknown`. */
  undelegate(operator: Operator, request: { readonly id: number }): Promise<JsonObject>;
}

export interface OfApproval {
  readonly tenant: string;
  readonly id: number;
}

/** The same for browsers: people sign in with their own key, or come by a link that was sent to them. */
export interface ApprovalPageUseCases {
  /** Browsers reach us by https. */
  readonly secure: boolean;
  /** A session for a while. Raises `approval_sign_in_refused`. */
  signIn(key: string): Promise<string>;
  signOut(session: string): Promise<void>;
  /** Null: it is over, or they are no operator any more. */
  who(session: string): Promise<Operator | null>;
  list(operator: Operator): Promise<readonly ApprovalLine[]>;
  /** Raises `approval_unknown`. */
  view(operator: Operator, request: OfApproval): Promise<ApprovalView>;
  decide(operator: Operator, request: OfApproval & ApprovalSaid): Promise<ApprovalView>;
  /** Uses nothing up. Raises `approval_link_invalid`. */
  viewByLink(token: string): Promise<ApprovalView>;
  /** Uses the link up with the decision. Raises `approval_link_invalid` and the approval family's errors. */
  decideByLink(token: string, said: ApprovalSaid): Promise<ApprovalView>;
}

export interface ApprovalLine {
  readonly tenant: string;
  readonly id: number;
  readonly kind: 'approval' | 'review';
  readonly title: string;
  readonly worth: string;
  readonly asked: string;
  readonly due: Date;
  readonly late: boolean;
}

export interface ApprovalView extends ApprovalLine {
  /** Whether something is left to decide. */
  readonly open: boolean;
  readonly state: string;
  /** Hash of what is shown. */
  readonly seen: string;
  readonly expires: Date | null;
  readonly because: readonly string[];
  readonly requester: string;
  /** The agent's own words. */
  readonly agentSays: string | null;
  readonly changes: readonly {
    readonly what: string;
    readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[];
  }[];
  readonly more: number;
  readonly notes: readonly string[];
  /** All that is asked about the plan, a line each. */
  readonly round: readonly string[];
  /** As whom whoever looks would decide. */
  readonly viewer: string;
  readonly decided: string | null;
}
