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
  readonly counts?: { readonly [state: string]: number };
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
  readonly text: string;
  readonly reason: string;
  readonly thrown_by: string;
  readonly thrown_at: string;
  readonly lift_asked_by: string | null;
}
