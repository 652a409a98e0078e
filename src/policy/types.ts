import type { IntegrationMode } from '../manifest/index.ts';

/** As an operation of the manifest declares it; a plain write without one is `gated_write`. */
export type SafetyClass = 'read' | 'safe_write' | 'gated_write' | 'forbidden';

/** What somebody wants to write, as far as rules may look at it. Amounts are in the tenant's base currency. */
export interface PolicyQuestion {
  readonly agent: string;
  readonly principal: string | null;
  /** Operation of the manifest; null: a plain write. */
  readonly intent: string | null;
  readonly safety: SafetyClass;
  /** The human who answers for the agent. */
  readonly accountable: string | null;
  readonly parts: readonly PolicyPart[];
  /** Null: nobody can tell what it is worth. Zero: it moves no money. */
  readonly amount: number | null;
  /** What `amount` is in; null: there is no amount. */
  readonly currency: string | null;
  /** The chain of calls that led here has shown the agent free text of others. */
  readonly readUntrusted: boolean;
  /** A person has it taken back, though the agent it is of stands for it; absent: nobody does. */
  readonly byPerson?: true;
  /** Conditions of the operation of which the asker must not learn whether they hold; absent: none. */
  readonly unseen?: readonly string[];
  /** What was accepted of the same agent (or principal, or tenant) and object in the window that ends now, this write not included. */
  readonly spent: (sum: RollingSum) => Spent;
}

/** The records of one object and operation. */
export interface PolicyPart {
  /** Of a plan in steps: what the step comes from, where that is not the plan's own; absent: as the question says. */
  readonly intent?: string | null;
  readonly safety?: SafetyClass;
  readonly integration: string;
  readonly mode: IntegrationMode;
  readonly connection: string;
  readonly object: string;
  readonly model: string | null;
  readonly operation: 'create' | 'update' | 'upsert' | 'delete' | 'create_field';
  /** None, of a field that is made. */
  readonly records: number;
  /** Model fields, native ones as `native:<field>`. */
  readonly fields: readonly string[];
  /** Values that conditions ask for, one row per record, by `before.<field>` and `after.<field>`. */
  readonly rows: readonly { readonly [path: string]: unknown }[];
}

export interface RollingSum {
  readonly per: 'agent' | 'principal' | 'tenant';
  readonly model: string | null;
  readonly windowMs: number;
}

export interface Spent {
  readonly amount: number;
  readonly records: number;
}

export type PolicyDecision =
  /** It may be sent at once. `review`: somebody looks at it afterwards, tracked. */
  | { readonly kind: 'allow'; readonly because: readonly PolicyReason[]; readonly review: ApprovalNeed | null }
  /** Only after these approvals, all of them. */
  | {
      readonly kind: 'approve';
      readonly because: readonly PolicyReason[];
      readonly needs: readonly ApprovalNeed[];
      readonly review: ApprovalNeed | null;
    }
  /** A human does it in the system itself; the plan says how. */
  | { readonly kind: 'propose'; readonly because: readonly PolicyReason[] }
  | { readonly kind: 'forbid'; readonly because: readonly PolicyReason[] };

/** One line of why, for people, with the rule that says so. */
export interface PolicyReason {
  /** Name of a rule of the policy file, or `grant`, `precondition`, `safety`, `mode`, `untrusted_text`, `no_rule`. */
  readonly rule: string;
  readonly text: string;
}

export interface ApprovalNeed {
  /** The rule's name and a number: the same need of the same plan has the same. */
  readonly id: string;
  /** `role`: any operator with at least the role `approver`; `people`: one of these. */
  readonly from: { readonly kind: 'role' } | { readonly kind: 'people'; readonly names: readonly string[] };
  readonly slaMs: number;
  /** Told when the SLA has passed. */
  readonly escalateTo: readonly string[];
  /** Who may not: the requester never may; `strict`: nor the human who answers for the agent. */
  readonly fourEyes: 'usual' | 'strict';
}
