import type { AppendAudit, AuditEntry } from '../audit/index.ts';
import type { ErrorCode, JsonObject, Random, TenantId } from '../kernel/index.ts';
import type { ApprovalNeed } from '../policy/index.ts';
import type { Db, Tx } from '../store/index.ts';
import type { ApprovalLogEvent } from './events.ts';

/** What people decide about. All of it is made from the payload, but for `reason`. */
export interface ApprovalRequest {
  readonly tenant: TenantId;
  readonly plan: string;
  /** Empty: nothing is decided before; `review` alone is opened. */
  readonly needs: readonly ApprovalNeed[];
  readonly review: ApprovalNeed | null;
  /** Over everything that will be sent and what was there before. */
  readonly payloadHash: string;
  readonly policyVersion: string;
  readonly requester: {
    readonly agent: string;
    readonly principal: string | null;
    /** Who asked for it to be carried out, where a person did. */
    readonly operator: string | null;
    /** Who prepared it, where a person did: an undo of what an agent wrote is the agent's plan, and theirs. */
    readonly preparer: string | null;
  };
  /** The human who answers for the agent. */
  readonly accountable: string | null;
  readonly title: string;
  /** The agent's own words; shown as such. */
  readonly reason: string | null;
  readonly shown: ShownPlan;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly records: number;
}

/** What an approver sees. A type, not an interface: it is kept as JSON. */
export type ShownPlan = {
  /** At most `approvalChangesKeptMax`; `more` says how many are not among them. */
  readonly changes: readonly ShownChange[];
  readonly more: number;
  readonly sideEffects: readonly string[];
  readonly preconditions: readonly string[];
  readonly warnings: readonly string[];
  /** Why it waits: a line per rule. */
  readonly because: readonly string[];
};

export type ShownChange = {
  readonly system: string;
  readonly operation: string;
  readonly object: string;
  readonly record: string | null;
  readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[];
};

/** Who decides. Only somebody with an identity of their own can. */
export interface Decider {
  readonly name: string;
  /** Null: the key that several share. */
  readonly role: string | null;
  /** `key`: an operator's own key, or a link sent to such a one; `token`: an identity provider says so. */
  readonly by: 'key' | 'token';
  /** Which token says so. */
  readonly token?: DeciderToken;
  readonly decidedIn: 'rest' | 'page' | 'link';
}

/** A type, not an interface: it is kept as JSON. */
export type DeciderToken = {
  readonly issuer: string;
  /** ISO. */
  readonly issuedAt: string;
};

export type Verdict = 'approve' | 'deny' | 'fine' | 'object';

/** What a plan's approvals came to; `by`: names, with commas. */
export type DecidedOutcome =
  | { readonly kind: 'approved'; readonly by: string }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string | null }
  | { readonly kind: 'expired' };

/** Whom to tell, as the project in force says. */
export interface ApprovalSettings {
  readonly tell: readonly string[];
  readonly people: ReadonlyMap<string, { readonly email: string | null; readonly route: string | null }>;
}

export interface ApprovalDeps {
  readonly db: Db;
  readonly random: Random;
  readonly audit: AppendAudit;
  readonly onEvent: (event: ApprovalLogEvent) => void;
  readonly settings: () => Promise<ApprovalSettings>;
  /** Of the rules in force for an agent; null: nobody can tell, and what is decided is not carried out under them. */
  readonly policyVersionOf: (tenant: TenantId, agent: string) => Promise<string | null>;
  /** Releases or ends the plan, in the transaction of the last decision; what the audit is told of it, last. */
  readonly onDecided: (
    tx: Tx,
    tenant: TenantId,
    plan: string,
    outcome: DecidedOutcome,
  ) => Promise<readonly AuditEntry[]>;
}

/** Why somebody may not decide. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: JsonObject;
}
