import type { Role } from '../pure/may.ts';

/** What the server's addresses answer, as far as screens use it. */

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly person: boolean;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly request_id?: string;
}

export interface ApprovalLine {
  readonly id: number;
  readonly tenant: string;
  readonly kind: 'approval' | 'review';
  readonly state: string;
  readonly plan: string;
  /** `broken_glass#1`: it was written without its approvals. */
  readonly need: string;
  readonly title: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly records: number;
  readonly agent: string;
  readonly principal: string | null;
  readonly asked_of: readonly string[] | null;
  readonly asked_at: string;
  readonly due_at: string;
  readonly expires_at: string | null;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
}

export interface ApprovalChange {
  readonly system: string;
  readonly operation: string;
  readonly object: string;
  readonly record: string | null;
  readonly fields: readonly { readonly field: string; readonly before: string; readonly after: string }[];
}

export interface ApprovalCase extends ApprovalLine {
  readonly seen: string;
  readonly round: number;
  /** Why people are asked again. */
  readonly sent_back: string | null;
  readonly on_behalf_of: string | null;
  readonly glass_broken_by: string | null;
  readonly glass_reason: string | null;
  readonly changes: readonly ApprovalChange[];
  readonly more_changes: number;
  readonly side_effects: readonly string[];
  readonly preconditions: readonly string[];
  readonly warnings: readonly string[];
  readonly because: readonly string[];
  readonly agent_says: string | null;
  readonly accountable: string | null;
  readonly reason: string | null;
  readonly others: readonly {
    readonly id: number;
    readonly kind: string;
    readonly state: string;
    readonly decided_by: string | null;
  }[];
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly sentence: string;
  readonly erased: boolean;
  readonly actor?: {
    readonly kind: string;
    readonly agent?: string;
    readonly principal?: string | null;
    readonly name?: string;
  };
  readonly subject?: {
    readonly plan?: string;
    readonly record?: string;
    readonly label?: string;
    readonly connection?: string;
    readonly object?: string;
  };
  readonly reason?: string | null;
  readonly amount?: number | null;
  readonly detail?: { readonly [name: string]: unknown };
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: number | null;
}

export interface Undo {
  readonly agent: string;
  readonly principal: string | null;
  readonly report: readonly string[];
  readonly plan_id?: string;
}

export interface Plan {
  readonly plan_id: string;
  readonly title: string;
  readonly status: string;
  readonly text?: string;
  readonly agent: string;
  readonly principal: string | null;
  readonly reason: string | null;
  /** Of an undo: the plan that it takes back. */
  readonly undoes?: string | null;
  readonly counts?: { readonly [state: string]: number };
  readonly steps?: readonly PlanStep[];
  readonly writes?: readonly WriteStatus[];
  readonly next?: string;
  readonly changes: readonly {
    readonly item: number;
    readonly operation: string;
    readonly ref?: string;
    readonly in?: string;
    readonly label?: string;
    readonly fields?: { readonly [field: string]: { readonly from?: unknown; readonly to?: unknown } };
  }[];
  readonly problems?: readonly unknown[];
  readonly warnings?: readonly unknown[];
  readonly impact: { readonly amount: number | null; readonly currency: string | null };
  readonly records: number;
}

export interface SyncObject {
  readonly object: string;
  readonly records: number;
  readonly expected: number | null;
  readonly as_of: string | null;
  readonly backfill: string;
  readonly state?: string;
  readonly what?: string;
  readonly who_can_fix?: string | null;
  readonly fix?: string | null;
  readonly next_run_at?: string | null;
  readonly dead_letters?: number;
  readonly set_aside?: number;
}

export interface Connection {
  readonly connection: string;
  readonly system: string;
  readonly title: string;
  readonly account: string | null;
  readonly health: string;
  readonly state: string;
  readonly what: string;
  readonly problem: string | null;
  readonly since: string;
  readonly who_can_fix: string | null;
  readonly fix: string | null;
  readonly next_try: string | null;
  readonly objects: readonly SyncObject[];
}

export interface Switch {
  readonly id: number;
  readonly state: 'on' | 'lift_asked' | 'lifted';
  readonly mode: string;
  readonly scope: string;
  readonly text: string;
  readonly reason: string;
  /** Of the project; null: a person stopped it. */
  readonly trigger: string | null;
  readonly figures: { readonly [name: string]: unknown } | null;
  readonly thrown_by: string;
  readonly thrown_at: string;
  readonly lift_asked_by: string | null;
  readonly lifted_by: string | null;
  readonly lifted_at: string | null;
}

/** A title alone: nothing of the plan was accepted yet. */
export type PlanStep = string | PlanStepStatus;

export interface PlanStepStatus {
  readonly step: number;
  readonly title: string;
  readonly state: string;
  readonly counts: { readonly [state: string]: number };
  /** Absent: nobody takes it back. */
  readonly take_back?: {
    readonly state: string;
    /** What stands there still, and why. */
    readonly remains?: readonly { readonly code: string; readonly why: string }[];
  };
}

export interface WriteStatus {
  readonly item: number;
  readonly state: string;
  readonly record: string | null;
  readonly code?: string;
  readonly why?: string;
}

export interface PlanLine {
  readonly plan: string;
  readonly title: string;
  readonly agent: string;
  readonly principal: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly records: number;
  readonly created_at: string;
  readonly ended_at: string | null;
}

export interface DeadWrite {
  readonly plan: string;
  readonly item: number;
  readonly operation: string;
  readonly ref?: string;
  readonly in?: string;
  readonly label?: string;
  readonly fields?: { readonly [field: string]: { readonly from?: unknown; readonly to?: unknown } };
  readonly state: string;
  readonly code: string | null;
  readonly why: string | null;
  readonly attempts: number;
  readonly agent: string;
  readonly principal: string | null;
  readonly accepted_at: string;
  readonly ended_at: string | null;
}

export interface DeadLetter {
  readonly letter: number;
  readonly connection: string;
  readonly object: string;
  readonly kind: string;
  readonly name: string | null;
  readonly state: string;
  readonly code: string;
  readonly problem: string;
  readonly who_can_fix: string | null;
  readonly fix: string;
  readonly tries: number;
  readonly last_at: string;
}

export interface Delegation {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly since: string;
  readonly until: string;
  readonly given_by: string;
}

export interface Checklist {
  readonly pass: boolean;
  readonly tenants: readonly {
    readonly tenant: string;
    readonly pass: boolean;
    readonly lines: readonly {
      readonly id: string;
      readonly title: string;
      readonly pass: boolean;
      readonly evidence: readonly string[];
      readonly fix: string;
    }[];
  }[];
}

export interface Erasure {
  readonly erasure: number;
  readonly state: string;
  readonly state_since: string;
  readonly asked_by: string;
  readonly asked_at: string;
  readonly note: string | null;
  readonly mentions: boolean;
  readonly found: { readonly [place: string]: number } | null;
  readonly removed: { readonly [place: string]: number } | null;
  readonly ended_at: string | null;
  readonly proof: { readonly [name: string]: unknown } | null;
  readonly proof_sha256: string | null;
}

export interface ErasureReport {
  readonly places: { readonly [place: string]: number };
  readonly records: { readonly [object: string]: number };
  readonly mentions: { readonly [object: string]: number };
  readonly past_mentions: { readonly [object: string]: number };
  readonly not_known_here: readonly string[];
}
